"""Products of matrices and vectors: matmul, einsum and what is made of them; inverse and determinant."""

import math

import numpy as np

from ..op import op
from ..tensor import Tensor
from .elementwise import add, mul
from .reduce import sum
from .shape import diagonal, reshape


@op
def matmul(input, other):
    """y = A·B over the last two dimensions; a vector counts as a row on the left and as a column on the right."""
    a, b = _same_type("matmul", input, other)
    if not a.ndim or not b.ndim or a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
        raise RuntimeError(
            f"matmul: mat1 and mat2 shapes cannot be multiplied ({_by(a)} and {_by(b)}): expected the last size of the "
            "first to be the one before last of the second"
        )
    y = a @ b

    def vjp_a(g):  # ∂A = g·Bᵀ
        if b.ndim == 1:
            return np.multiply.outer(g, b)
        if a.ndim == 1:
            return np.matmul(b, g[..., None])[..., 0]
        return g @ b.swapaxes(-1, -2)

    def vjp_b(g):  # ∂B = Aᵀ·g
        if a.ndim == 1:
            return a[:, None] * g[..., None, :] if b.ndim > 1 else a * g
        if b.ndim == 1:
            return np.tensordot(g, a, g.ndim) if g.ndim else g * a
        if b.ndim == 2:  # one matrix for all: one product instead of many
            rows = math.prod(a.shape[:-1])
            return a.reshape(rows, a.shape[-1]).T @ g.reshape(rows, b.shape[-1])
        return a.swapaxes(-1, -2) @ g

    return y, vjp_a, vjp_b


def _by(x):
    return "x".join(map(str, x.shape)) or "a scalar"


def _same_type(name, a, b):
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"{name}: expected both to have the same dtype, but got {a.dtype} and {b.dtype}; convert one"
        )
    return a, b


def _ranks(name, *wanted):
    """A product for tensors of certain ranks only, as in mm: matrix times matrix."""

    def product(input, other):
        for x, rank in zip((input, other), wanted):
            if x.array.ndim != rank:
                raise RuntimeError(f"{name}: expected a {rank}-D tensor, got shape {list(x.array.shape)}; use matmul")
        if name == "bmm" and input.array.shape[0] != other.array.shape[0]:
            raise RuntimeError(f"bmm: expected equal batch sizes, got {_by(input.array)} and {_by(other.array)}")
        return matmul(input, other)

    product.__name__ = name
    return product


mm, bmm, mv, dot = (_ranks(name, *ranks) for name, *ranks in (("mm", 2, 2), ("bmm", 3, 3), ("mv", 2, 1), ("dot", 1, 1)))


def _plus(x, product, beta, alpha):
    """β·x + α·product; with β = 0, x is not looked at."""
    return mul(product, alpha) if beta == 0 else add(x if beta == 1 else mul(x, beta), product, alpha=alpha)


def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """y = β·x + α·A·B"""
    return _plus(input, mm(mat1, mat2), beta, alpha)


def baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    return _plus(input, bmm(batch1, batch2), beta, alpha)


def outer(input, vec2):
    """y = a·bᵀ"""
    return mul(reshape(input, -1, 1), vec2)


def einsum(equation, *operands):
    """Einstein's summation: repeated letters are multiplied, letters missing on the right are summed."""
    operands = operands[0] if len(operands) == 1 and not isinstance(operands[0], Tensor) else operands
    if not isinstance(equation, str):
        raise NotImplementedError("einsum: lists of subscripts are left out of the glass engine: expected 'ij,jk->ik'")
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise ValueError(f"einsum: expected {len(terms)} operands for {equation!r}, got {len(operands)}")
    letters = left.replace(",", "").replace(".", "")
    right = (
        right if arrow else ("..." in left) * "..." + "".join(c for c in sorted(set(letters)) if letters.count(c) == 1)
    )
    return _einsum(*operands, terms=terms, right=right)


@op
def _einsum(*arrays, terms, right):
    y = np.einsum(",".join(terms) + "->" + right, *arrays, optimize=len(arrays) > 2 or "greedy")

    def vjp(i):  # ∂xᵢ: the same sum with g in the place of xᵢ, spread over what only xᵢ has
        def back(g):
            term, x = terms[i], arrays[i]
            rest = [t for j, t in enumerate(terms) if j != i] + [right]
            others = [a for j, a in enumerate(arrays) if j != i] + [g]
            unique = "".join(dict.fromkeys(c for c in term.replace("...", "") if any_in(c, rest)))
            dots = "..." if any_in("...", rest) else ""
            out = np.einsum(",".join(rest) + "->" + dots + unique, *others, optimize="greedy")
            return _spread_term(out, dots, unique, term, x)

        return back

    return y, *map(vjp, range(len(arrays)))


def any_in(letter, terms):
    return any(letter in term for term in terms)


def _spread_term(out, dots, have, term, x):
    """Brings a gradient with the letters `have` into the shape of an operand with the letters `term`."""
    wanted = term.replace("...", "")
    batch = out.ndim - len(have)
    lone = [c for c in dict.fromkeys(wanted) if c not in have]
    out = out.reshape(*out.shape, *[1] * len(lone))
    letters = have + "".join(lone)
    before = term.index("...") if "..." in term else 0
    x_dots = x.ndim - len(wanted)
    size = {c: x.shape[i if i < before or "..." not in term else i + x_dots] for i, c in enumerate(wanted)}
    if len(set(wanted)) == len(wanted):
        order = list(range(batch))
        places = [batch + letters.index(c) for c in wanted]
        out = out.transpose(places[:before] + order + places[before:])
        lead = out.shape[before : before + batch]
        return np.broadcast_to(
            out, [size[c] for c in wanted[:before]] + list(lead) + [size[c] for c in wanted[before:]]
        )
    if batch:
        raise NotImplementedError("einsum: the gradient of a repeated letter beside '...' is left out of the engine")
    full = np.zeros(x.shape, out.dtype)
    grids = dict(zip(letters, np.meshgrid(*[np.arange(size[c]) for c in letters], indexing="ij")))
    full[tuple(grids[c] for c in wanted)] = np.broadcast_to(out, [size[c] for c in letters])
    return full


def trace(input):
    """Sum of the diagonal."""
    return sum(diagonal(input))


@op
def inv(A):
    """y = A⁻¹"""
    y = np.linalg.inv(_square("inv", A))
    yt = y.swapaxes(-1, -2)
    return y, lambda g: -(yt @ g @ yt)  # ∂A = −yᵀ·g·yᵀ


@op
def solve(A, B, *, left=True):
    """The X with A·X = B."""
    _square("solve", A)
    if not left:
        raise NotImplementedError("solve: left=False is left out of the glass engine: expected left=True")
    is_vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    right = B[..., None] if is_vector else B
    x = np.linalg.solve(A, right)

    def back(g):  # ∂B = A⁻ᵀ·g   ∂A = −∂B·Xᵀ
        return np.linalg.solve(A.swapaxes(-1, -2), g[..., None] if is_vector else g)

    return (
        x[..., 0] if is_vector else x,
        lambda g: -(back(g) @ x.swapaxes(-1, -2)),
        lambda g: back(g)[..., 0] if is_vector else back(g),
    )


def _square(name, x):
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise RuntimeError(f"linalg.{name}: A must be batches of square matrices, but they are {_by(x)}")
    return x
