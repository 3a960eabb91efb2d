"""Products of matrices and vectors: matmul and what is made of it; the inverse."""

import math

import numpy as np

from ..op import op
from .elementwise import add, mul
from .reduce import sum
from .shape import diagonal, reshape


@op
def matmul(input, other):
    """y = A·B over the last two dimensions; a vector counts as a row on the left and as a column on the right."""
    a, b = input, other
    check_product("matmul", a, b, b.shape[-2 if b.ndim > 1 else 0] if b.ndim else None)

    def vjp_a(g):  # ∂A = g·Bᵀ
        if b.ndim == 1:
            return np.multiply.outer(g, b)
        return (g[..., None, :] @ b.swapaxes(-1, -2))[..., 0, :] if a.ndim == 1 else g @ b.swapaxes(-1, -2)

    def vjp_b(g):  # ∂B = Aᵀ·g
        if a.ndim == 1:
            return a[:, None] * g[..., None, :] if b.ndim > 1 else a * g
        if b.ndim > 2:
            return a.swapaxes(-1, -2) @ g
        rows = a.reshape(math.prod(a.shape[:-1]), a.shape[-1])  # one matrix for all: one product instead of many
        return rows.T @ g.reshape(len(rows), *b.shape[1:])

    return a @ b, vjp_a, vjp_b


def check_product(name, a, b, inner):
    """Raises RuntimeError where last size and `inner`, or the types, differ."""
    if not a.ndim or a.shape[-1] != inner:
        by = ["x".join(map(str, x.shape)) or "a scalar" for x in (a, b)]
        raise RuntimeError(
            f"{name}: mat1 and mat2 shapes cannot be multiplied ({by[0]} and {by[1]}): expected the last size of the "
            f"first to be {inner}"
        )
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"{name}: expected both to have the same dtype, but got {a.dtype} and {b.dtype}; convert one"
        )


def _product(name, *ranks):
    """A product for tensors of certain ranks only, as in mm: matrix times matrix."""

    def product(input, other):
        if (input.array.ndim, other.array.ndim) != ranks:
            came = list(input.shape), list(other.shape)
            raise RuntimeError(f"{name}: expected tensors of {ranks} dimensions, got shapes {came}; use matmul")
        return matmul(input, other)

    product.__name__, product.__doc__ = name, f"`matmul` of tensors with {ranks} dimensions."
    return product


mm, bmm, mv, dot = _product("mm", 2, 2), _product("bmm", 3, 3), _product("mv", 2, 1), _product("dot", 1, 1)


def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """y = β·x + α·A·B; with β = 0, x is not looked at."""
    return mul(mm(mat1, mat2), alpha) if beta == 0 else add(mul(input, beta), mm(mat1, mat2), alpha=alpha)


def outer(input, vec2):
    """y = a·bᵀ"""
    return mul(reshape(input, -1, 1), vec2)


def trace(input):
    """Sum of the diagonal."""
    return sum(diagonal(input))


@op
def inv(A):
    """y = A⁻¹"""
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise RuntimeError(f"linalg.inv: A must be batches of square matrices, but its shape is {list(A.shape)}")
    y = np.linalg.inv(A)
    yt = y.swapaxes(-1, -2)
    return y, lambda g: -(yt @ g @ yt)  # ∂A = −yᵀ·g·yᵀ
