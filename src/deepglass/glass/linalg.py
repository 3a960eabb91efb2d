"""`glass.linalg`: matrices, under PyTorch's names."""

from .left_out import left_out
from .ops.linalg import inv
from .ops.reduce import vector_norm

__all__ = ["inv", "vector_norm"]
__getattr__ = left_out("glass.linalg")
