"""Products of matrices and vectors: matmul and what is made of it; the inverse."""

import math

import numpy as np

from ..op import op, require
from .elementwise import add, mul
from .reduce import sum
from .shape import diagonal, expand, reshape


@op(kinds="iuf", lays="contiguous")
def matmul(input, other):
    """y = A·B over the last two dimensions; a vector counts as a row on the left and as a column on the right."""
    a, b, is_row, is_column = input, other, input.ndim == 1, other.ndim == 1
    check_product("matmul", a, b, b.shape[-2 if b.ndim > 1 else 0] if b.ndim else None)

    ndim, columns = b.ndim, b.shape[1:]

    def vjp_a(g):  # ∂A = g·Bᵀ
        if is_column:
            return np.multiply.outer(g, b)
        return (g[..., None, :] @ b.swapaxes(-1, -2))[..., 0, :] if is_row else g @ b.swapaxes(-1, -2)

    def vjp_b(g):  # ∂B = Aᵀ·g
        if is_row:
            return a * g if is_column else a[:, None] * g[..., None, :]
        if ndim > 2:
            return a.swapaxes(-1, -2) @ g
        rows = a.reshape(math.prod(a.shape[:-1]), a.shape[-1])  # one matrix for all: one product instead of many
        return rows.T @ g.reshape(len(rows), *columns)

    return a @ b, vjp_a, vjp_b


def check_product(name, a, b, inner):
    """Require that the last size of `a` is `inner`.

    Raises:
        RuntimeError: If they differ.
    """
    if not a.ndim or a.shape[-1] != inner:
        by = ["x".join(map(str, x.shape)) or "a scalar" for x in (a, b)]
        raise RuntimeError(
            f"{name}: mat1 and mat2 shapes cannot be multiplied ({by[0]} and {by[1]}): expected the last size of the "
            f"first to be {inner}"
        )


def _product(name, *ranks):
    """A product for tensors of certain ranks only, as in mm: matrix times matrix."""

    def product(input, other):
        if (input.array.ndim, other.array.ndim) != ranks:
            came = list(input.shape), list(other.shape)
            raise RuntimeError(f"{name}: expected tensors of {ranks} dimensions, got shapes {came}; use matmul")
        if name == "bmm" and input.array.shape[0] != other.array.shape[0]:
            raise RuntimeError(f"bmm: expected batches of one size, got {list(input.shape)}, {list(other.shape)}")
        return matmul(input, other)

    product.__name__, product.__doc__ = name, f"`matmul` of tensors with {ranks} dimensions."
    return product


mm, bmm, mv, dot = _product("mm", 2, 2), _product("bmm", 3, 3), _product("mv", 2, 1), _product("dot", 1, 1)


def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """y = β·x + α·A·B; with β = 0, x is not looked at."""
    y = mm(mat1, mat2)
    x = expand(input, y.array.shape)
    require("addmm", "iuf" if isinstance(alpha, int) and isinstance(beta, int) else "f", x.array, y.array)
    return add(_times(x, beta), y, alpha=alpha)


@op
def _times(x, beta):
    return x * beta if beta else np.zeros_like(x), lambda g: g * beta


def outer(input, vec2):
    """y = a·bᵀ

    Raises:
        RuntimeError: If they are not two vectors.
    """
    if (input.array.ndim, vec2.array.ndim) != (1, 1):
        raise RuntimeError(f"outer: expected two vectors, got shapes {list(input.shape)} and {list(vec2.shape)}")
    return mul(reshape(input, -1, 1), vec2)


def trace(input):
    """Sum of the diagonal.

    Raises:
        RuntimeError: If it is not a matrix.
    """
    require("trace", "iuf", input.array)
    if input.array.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, got a tensor of {input.array.ndim} dimensions")
    return sum(diagonal(input))


@op(kinds="f")
def inv(A):
    """y = A⁻¹

    Raises:
        RuntimeError: If the matrices are not square.
    """
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise RuntimeError(f"linalg.inv: A must be batches of square matrices, but its shape is {list(A.shape)}")
    y = np.linalg.inv(A)
    yt = y.swapaxes(-1, -2)
    return y, lambda g: -(yt @ g @ yt)  # ∂A = −yᵀ·g·yᵀ
