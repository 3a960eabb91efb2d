"""Reductions, and what runs along a dimension: sums, extremes, spread, softmax, running sums, sorting."""

from collections import namedtuple

import numpy as np

from ..dtype import as_numpy, to_float
from ..op import op
from ..tensor import Tensor, wrap
from .elementwise import maximum, minimum
from .index import gather
from .shape import no_scalar, squeeze, wrap_dim

max_result, min_result, sort_result, topk_result = (
    namedtuple(name, "values indices") for name in ("max", "min", "sort", "topk")
)


def axes(dim, ndim):
    """Dimensions as NumPy wants them: None and () mean all."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    dims = tuple(wrap_dim(d, ndim) for d in ([dim] if isinstance(dim, int) else dim))
    if len(set(dims)) < len(dims):
        raise RuntimeError(f"dim: expected every dimension once, got {dim}")
    return dims if ndim else ()


def _opened(g, axis, keepdim):
    """A gradient with the reduced dimensions again, of size 1."""
    return g if keepdim else np.expand_dims(g, axis)


def _as(x, dtype):
    return x if dtype is None else x.astype(as_numpy(dtype), copy=False)


def _float_only(name, x):
    if x.dtype.kind != "f":
        raise RuntimeError(f"{name}: expected a floating point dtype, got {x.dtype}; convert it first, as in x.float()")
    return x


def _sum_type(x):
    return x.dtype if x.dtype.kind == "f" else np.int64


def count(x, axis):
    """How many elements are reduced to one, as a number of x's type."""
    return x.dtype.type(np.prod([x.shape[i] for i in axis], dtype=np.int64))


@op
def sum(input, dim=None, keepdim=False, *, dtype=None):
    """y = Σ x"""
    x, axis = _as(input, dtype), axes(dim, input.ndim)
    shape = x.shape
    y = x.sum(axis, keepdims=keepdim, dtype=_sum_type(x))
    return y, lambda g: np.broadcast_to(_opened(g, axis, keepdim), shape)  # ∂x = g, for every term


@op
def mean(input, dim=None, keepdim=False, *, dtype=None):
    """y = Σ x / n"""
    x, axis = _float_only("mean", _as(input, dtype)), axes(dim, input.ndim)
    shape, n = x.shape, count(x, axis)
    with np.errstate(all="ignore"):
        y = x.sum(axis, keepdims=keepdim) / n
    return y, lambda g: np.broadcast_to(_opened(g / n, axis, keepdim), shape)  # ∂x = g/n


# Extremes


def _extreme(name, function):
    def extreme(input, dim=(), keepdim=False):
        axis = axes(dim, input.ndim)
        y = function(input, axis, keepdims=True)

        def vjp(g):  # ∂x = g at the extreme; ties share it
            hit = (input == y) | (np.isnan(input) & np.isnan(y))
            return _opened(g, axis, keepdim) * hit / hit.sum(axis, keepdims=True)

        return (y if keepdim else y.squeeze(axis)), vjp

    extreme.__name__ = name
    return op(extreme)


def _arg(function):
    def arg(input, dim=None, keepdim=False):
        if dim is None:
            return wrap(np.asarray(function(input.array, keepdims=keepdim)))
        no_scalar("argmax", input)
        return wrap(np.asarray(function(input.array, wrap_dim(dim, input.array.ndim), keepdims=keepdim)))

    return arg


def _with_indices(result, arg, whole, both):
    def extreme(input, dim=None, keepdim=False):
        if isinstance(dim, Tensor):
            return both(input, dim)
        if dim is None:
            return whole(input)
        indices = arg(input, dim, True)
        values = gather(input, dim, indices)
        return result(values, indices) if keepdim else result(squeeze(values, dim), squeeze(indices, dim))

    extreme.__doc__ = "The extreme of all, of rows (with indices), or of two tensors elementwise."
    return extreme


amax, amin = _extreme("amax", np.max), _extreme("amin", np.min)
argmax, argmin = _arg(np.argmax), _arg(np.argmin)
max, min = _with_indices(max_result, argmax, amax, maximum), _with_indices(min_result, argmin, amin, minimum)


@op
def all(input, dim=None, keepdim=False):
    return (np.all(input, axes(dim, input.ndim), keepdims=keepdim),)


@op
def any(input, dim=None, keepdim=False):
    return (np.any(input, axes(dim, input.ndim), keepdims=keepdim),)


# Spread


def var(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """y = Σ(x − x̄)² / (n − correction)"""
    dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)  # var(input, unbiased)
    return _var(input, axes(dim, input.array.ndim), int(unbiased) if correction is None else correction, keepdim)


@op
def _var(x, axis, correction, keepdim):
    n = count(_float_only("var", x), axis)
    with np.errstate(all="ignore"):
        free = np.maximum(n - x.dtype.type(correction), 0)
        centred = x - x.sum(axis, keepdims=True) / n
        y = np.square(centred).sum(axis, keepdims=keepdim) / free
    return y, lambda g: _opened(g, axis, keepdim) * centred * (2 / free)  # ∂x = g·2(x − x̄)/(n − 1)


def std(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """y = √var(x)"""
    return _root(var(input, dim, unbiased, keepdim, correction=correction))


@op
def _root(x):
    y = np.sqrt(x)
    return y, lambda g: np.where(y == 0, 0, g / (2 * y))  # where there is no spread the gradient is 0


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """y = (Σ |x|ᵖ)^(1/p), for p = ∞ the largest |x|."""
    x = x if dtype is None else x.to(dtype)
    if ord == 0:
        raise NotImplementedError("vector_norm: ord=0 is left out of the glass engine; use count_nonzero")
    return _vector_norm(x, float(ord), axes(dim, _float_only("vector_norm", x.array).ndim), keepdim)


@op
def _vector_norm(x, p, axis, keepdim):
    size = np.abs(x)
    with np.errstate(all="ignore"):
        if np.isinf(p):
            y = (np.max if p > 0 else np.min)(size, axis, keepdims=True)
        else:
            y = (np.square(x) if p == 2 else size**p).sum(axis, keepdims=True) ** x.dtype.type(1 / p)

    def vjp(g):
        if np.isinf(p):
            hit = size == y
            return _opened(g, axis, keepdim) * np.sign(x) * hit / hit.sum(axis, keepdims=True)
        grow = x if p == 2 else np.sign(x) * np.where(size == 0, 0, size ** (p - 1))
        return _opened(g, axis, keepdim) * np.where(y == 0, 0, grow / y ** (p - 1))  # ∂x = g·sign(x)·|x|ᵖ⁻¹ / yᵖ⁻¹

    return (y if keepdim else y.squeeze(axis)), vjp


def norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """Length of vectors: the p-norm of all elements, or along dimensions."""
    if p == "nuc":
        raise NotImplementedError("norm: p='nuc' is left out of the glass engine: expected a number, inf or 'fro'")
    return vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


# Softmax and its kin


@op
def logsumexp(input, dim, keepdim=False):
    """y = ln Σ eˣ, the largest taken out first so that nothing overflows."""
    x, axis = to_float(input), axes(dim, input.ndim)
    with np.errstate(all="ignore"):
        top = x.max(axis, keepdims=True, initial=-np.inf)
        top = np.where(np.isfinite(top), top, 0)
        y = np.log(np.exp(x - top).sum(axis, keepdims=True)) + top
    return (
        y if keepdim else y.squeeze(axis),
        lambda g: _opened(g, axis, keepdim) * np.exp(x - y),  # ∂x = g·softmax(x)
    )


@op
def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """y = eˣ / Σ eˣ along a dimension."""
    x, dim = to_float(_as(input, dtype)), _softmax_dim(dim, input.ndim)
    y = np.exp(x - x.max(dim, keepdims=True, initial=-np.inf))
    y /= y.sum(dim, keepdims=True)

    def vjp(g):  # ∂x = y·(g − Σ g·y)
        out = g * y
        out -= y * out.sum(dim, keepdims=True)
        return out

    return y, vjp


@op
def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """y = x − ln Σ eˣ along a dimension."""
    x, dim = to_float(_as(input, dtype)), _softmax_dim(dim, input.ndim)
    y = x - x.max(dim, keepdims=True, initial=-np.inf)
    y -= np.log(np.exp(y).sum(dim, keepdims=True))
    return y, lambda g: g - np.exp(y) * g.sum(dim, keepdims=True)  # ∂x = g − softmax(x)·Σ g


def _softmax_dim(dim, ndim):
    if dim is None:  # PyTorch's old habit
        dim = 0 if ndim in (0, 1, 3) else 1
    return wrap_dim(dim, ndim) if ndim else None


# Running along a dimension, and order


@op
def cumsum(input, dim, *, dtype=None):
    """yᵢ = Σ over j≤i of xⱼ"""
    no_scalar("cumsum", input)
    x = _as(input, dtype)
    return x.cumsum(dim, _sum_type(x)), lambda g: np.flip(np.flip(g, dim).cumsum(dim), dim)  # ∂xᵢ = Σ over j≥i of gⱼ


def argsort(input, dim=-1, descending=False, stable=False):
    """The indices that sort a dimension, equal ones in the order in which they stand."""
    no_scalar("sort", input)
    x, dim = input.array, wrap_dim(dim, input.array.ndim)
    if not descending:
        return wrap(np.argsort(x, dim, kind="stable"))
    return wrap(np.flip(x.shape[dim] - 1 - np.argsort(np.flip(x, dim), dim, kind="stable"), dim))


def sort(input, dim=-1, descending=False, *, stable=False):
    """Values in order, with the indices they had."""
    order = argsort(input, dim, descending)
    return sort_result(gather(input, dim, order), order)


def topk(input, k, dim=-1, largest=True, sorted=True):
    """The k largest (or smallest) entries of a dimension, in order, with their indices."""
    order = argsort(input, dim, largest)
    if not 0 <= k <= order.array.shape[dim]:
        raise RuntimeError(f"topk: selected index k out of range: expected at most {order.shape[dim]}, got {k}")
    order = order.narrow(dim, 0, k).contiguous()
    return topk_result(gather(input, dim, order), order)
