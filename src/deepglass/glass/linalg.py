"""`glass.linalg`: matrices, under PyTorch's names."""

from .autograd import LeftOut
from .ops.linalg import inv, solve
from .ops.reduce import vector_norm

__all__ = ["inv", "matrix_norm", "norm", "solve", "vector_norm"]


def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """Length of vectors; of matrices Frobenius' norm only."""
    is_matrix = (isinstance(dim, (tuple, list)) and len(dim) == 2) or (dim is None and A.ndim == 2 and ord is not None)
    if is_matrix and ord not in (None, "fro"):
        raise NotImplementedError(
            f"linalg.norm: ord={ord!r} of matrices is left out of the glass engine: expected 'fro'"
        )
    return vector_norm(A, 2 if ord in (None, "fro") else ord, dim, keepdim, dtype=dtype)


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """Frobenius' norm: the root of the sum of squares."""
    return norm(A, ord, dim, keepdim, dtype=dtype)


def __getattr__(name):
    raise LeftOut(f"glass.linalg has no '{name}': it is left out of the glass engine; use engine='torch'")
