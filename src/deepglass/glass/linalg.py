"""`glass.linalg`: matrices, under PyTorch's names."""

from .left_out import left_out
from .ops.linalg import inv, solve
from .ops.reduce import vector_norm

__all__ = ["inv", "norm", "solve", "vector_norm"]
__getattr__ = left_out("glass.linalg")


def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """Length of vectors; of matrices Frobenius' norm only."""
    is_matrix = (isinstance(dim, (tuple, list)) and len(dim) == 2) or (dim is None and A.ndim == 2 and ord is not None)
    if is_matrix and ord not in (None, "fro"):
        raise NotImplementedError(f"linalg.norm: ord={ord!r} of matrices is left out of the glass engine: use 'fro'")
    return vector_norm(A, 2 if ord in (None, "fro") else ord, dim, keepdim, dtype=dtype)
