"""Reductions, and what runs along a dimension: sums, extremes, spread, softmax, running sums, sorting."""

import math
from collections import namedtuple

import numpy as np

from ..dtype import as_numpy, to_float
from ..layout import lie_as
from ..op import gate, op, require
from ..tensor import Tensor, wrap
from .dims import no_scalar, once, wrap_dim
from .elementwise import maximum, minimum, signs
from .index import taken_along
from .shape import squeeze

max_result, min_result, sort_result, topk_result = (
    namedtuple(name, "values indices") for name in ("max", "min", "sort", "topk")
)


def axes(dim, ndim):
    """Dimensions as NumPy wants them: None and () mean all."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    dims = tuple(wrap_dim(d, ndim) for d in ([dim] if isinstance(dim, int) else dim))
    return once("dim", dims) if ndim else ()


def _opened(g, axis, keepdim):
    """A gradient with the reduced dimensions again, of size 1."""
    return g if keepdim else np.expand_dims(g, axis)


def _as(x, dtype):
    return x if dtype is None else x.astype(as_numpy(dtype), copy=False)


def _float_only(name, x):
    if x.dtype.kind != "f":
        raise RuntimeError(f"{name}: expected a floating point dtype, got {x.dtype}; convert it first, as in x.float()")
    return x


def _sum_type(x, dtype):
    return x.dtype if x.dtype.kind == "f" or dtype else np.int64


def count(x, axis):
    """How many elements are reduced to one, as a Python float."""
    return float(math.prod(x.shape[i] for i in axis))


@op
def sum(input, dim=None, keepdim=False, *, dtype=None):
    """y = Σ x"""
    x, axis = _as(input, dtype), axes(dim, input.ndim)
    shape = x.shape
    y = x.sum(axis, keepdims=keepdim, dtype=_sum_type(x, dtype))
    return y, lambda g: np.broadcast_to(_opened(g, axis, keepdim), shape)  # ∂x = g, for every term


@op
def mean(input, dim=None, keepdim=False, *, dtype=None):
    """y = Σ x / n

    Raises:
        RuntimeError: If the type is not a floating point one.
    """
    x, axis = _float_only("mean", _as(input, dtype)), axes(dim, input.ndim)
    shape, n = x.shape, count(x, axis)
    with np.errstate(all="ignore"):
        y = x.sum(axis, keepdims=keepdim) / x.dtype.type(n)
    return y, lambda g: np.broadcast_to(_opened(g / n, axis, keepdim), shape)  # ∂x = g/n


# Extremes


def _extreme(name, function):
    @op
    def extreme(input, axis, keepdim):
        _not_empty(name, input, axis)
        y = np.asarray(function(input, axis, keepdims=True))

        def vjp(g):  # ∂x = g at the extreme; ties share it
            hit = input == y
            return _opened(g, axis, keepdim) / hit.sum(axis, keepdims=True) * hit

        return (y if keepdim else y.squeeze(axis)), vjp

    def named(input, dim=(), keepdim=False):
        return extreme(input, axes(dim, input.array.ndim), keepdim)

    extreme.__name__, named.__name__, named.__doc__ = name, name, "The extreme along dimensions."
    return named


def _extreme_of_all(name, function):
    @op
    def extreme(input):
        _not_empty(name, input, range(input.ndim))
        y = np.asarray(function(input))

        def vjp(g):
            hit = np.isnan(input) if np.isnan(y) else input == y
            return gate(np.broadcast_to(g / hit.sum(), input.shape), hit)

        return y, vjp

    return extreme


def _not_empty(name, x, axis):
    if 0 in (x.shape[i] for i in axis):
        error = IndexError if len(axis) < x.ndim or name.startswith("arg") else RuntimeError
        raise error(f"{name}: expected at least one element along the dimensions that go, got {list(x.shape)}")


def _arg(name, function):
    """Indices of the extremes along a dimension, or in the flattened tensor."""

    def arg(input, dim=None, keepdim=False, kinds="iuf"):
        require(name, kinds, input.array)
        if dim is not None:
            no_scalar(name, input.array)
        axis = axes(dim, input.array.ndim)
        _not_empty(name, input.array, axis)
        return wrap(np.asarray(function(input.array, None if dim is None else axis[0], keepdims=keepdim)))

    return arg


def _with_indices(result, arg, whole, both):
    def extreme(input, dim=None, keepdim=False):
        if isinstance(dim, Tensor):
            return both(input, dim)
        if dim is None:
            return whole(input)
        indices = arg(input, dim, True, kinds="biuf")
        values = taken_along(input, dim, indices)
        return result(values, indices) if keepdim else result(squeeze(values, dim), squeeze(indices, dim))

    extreme.__doc__ = "The extreme of all, of rows (with indices), or of two tensors elementwise."
    return extreme


amax, amin = _extreme("amax", np.max), _extreme("amin", np.min)
argmax, argmin = _arg("argmax", np.argmax), _arg("argmin", np.argmin)
max = _with_indices(max_result, argmax, _extreme_of_all("max", np.max), maximum)
min = _with_indices(min_result, argmin, _extreme_of_all("min", np.min), minimum)


def _holds(name, function):
    def holds(input, dim=None, keepdim=False):
        axis = () if dim == () else axes(dim, input.ndim)
        y = function(input, axis, keepdims=keepdim)
        return (y.astype(np.uint8) if input.dtype == np.uint8 else y,)  # as PyTorch's first masks

    holds.__name__ = name
    return op(holds)


all, any = _holds("all", np.all), _holds("any", np.any)


# Spread


def var(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """y = Σ(x − x̄)² / (n − correction)

    Raises:
        RuntimeError: If the type is not a floating point one.
    """
    return _spread(input, dim, unbiased, keepdim, correction, is_std=False)


def std(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """y = √var(x)

    Raises:
        RuntimeError: If the type is not a floating point one.
    """
    return _spread(input, dim, unbiased, keepdim, correction, is_std=True)


def _spread(input, dim, unbiased, keepdim, correction, is_std):
    _float_only("std" if is_std else "var", input.array)
    dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)  # var(input, unbiased)
    correction = int(unbiased) if correction is None else correction
    is_whole = dim is None or not input.array.ndim
    return _var(input, axes(dim, input.array.ndim), correction, keepdim, is_std, is_whole)


@op
def _var(x, axis, correction, keepdim, is_std, is_whole):
    n = count(x, axis)
    free, wide = n - correction, x.astype(np.float64)  # squares of large float32 need the room
    with np.errstate(all="ignore"):
        mean = wide.sum(axis, keepdims=True) / np.float64(n)
        y = np.square(wide - mean).sum(axis, keepdims=keepdim) / np.float64(free if free > 0 else 0)
        y = np.asarray(np.sqrt(y) if is_std else y, x.dtype)
    root = y if is_std else None

    def vjp(g):  # ∂x = g·2(x − x̄)/(n − 1), for the root divided by 2y; 0 where there is no spread
        g = _opened(g if root is None else np.where(root == 0, 0, g / (2 * root)), axis, keepdim)
        if free <= 0 and is_whole:
            return g * np.where(x == mean, np.nan, np.inf)
        return g * (np.float64(2) / free) * (x - mean)

    return y, vjp


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """y = (Σ |x|ᵖ)^(1/p), for p = ∞ the largest |x|.

    Raises:
        RuntimeError: If the type is not a floating point one, or for p = ∞ there is no element.
    """
    if ord == 0:
        raise NotImplementedError("vector_norm: ord=0 is left out of the glass engine; use count_nonzero")
    _float_only("vector_norm", x.array)
    return _vector_norm(x if dtype is None else x.to(dtype), float(ord), axes(dim, x.array.ndim), keepdim)


@op
def _vector_norm(x, p, axis, keepdim):
    size = np.abs(x)
    with np.errstate(all="ignore"):
        if np.isinf(p):
            _not_empty("vector_norm", x, axis)
            y = (np.max if p > 0 else np.min)(size, axis, keepdims=True)
        elif axis and count(x, axis) == 1:
            y = size
        else:
            y = (np.square(x) if p == 2 else size**p).sum(axis, keepdims=True) ** x.dtype.type(1 / p)
        y = np.asarray(y)

    def vjp(g):  # ∂x = g·sign(x)·|x|ᵖ⁻¹ / yᵖ⁻¹
        g = _opened(g, axis, keepdim)
        if np.isinf(p):
            hit = (size == y) | np.isnan(size)
            return g * signs(x) * (hit / hit.sum(axis, keepdims=True))
        if p == 2:
            return g * np.where(y == 0, 0, x / y)
        if p < 1:
            return signs(x) * np.where(size == 0, 0, size ** (p - 1)) * (g * y ** (1 - p))
        return signs(x) * size ** (p - 1) * np.where(y == 0, 0, g / y ** (p - 1))

    return (y if keepdim else y.squeeze(axis)), vjp


def norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """Length of vectors: the p-norm of all elements, or along dimensions."""
    if p == "nuc":
        raise NotImplementedError("norm: p='nuc' is left out of the glass engine: expected a number, inf or 'fro'")
    return vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


# Softmax and its kin


@op(lays="contiguous")
def logsumexp(input, dim, keepdim=False):
    """y = ln Σ eˣ, the largest taken out first so that nothing overflows."""
    if dim == ():
        raise NotImplementedError("logsumexp: dim=() is left out: expected a dimension or several")
    x, axis = to_float(input), axes(dim, input.ndim)
    with np.errstate(all="ignore"):
        top = x.max(axis, keepdims=True, initial=-np.inf)
        top = np.where(np.isfinite(top), top, 0)
        y = np.asarray(np.log(np.exp(x - top).sum(axis, keepdims=True)) + top)
    return (
        y if keepdim else y.squeeze(axis),
        lambda g: _opened(g, axis, keepdim) * np.exp(x - y),  # ∂x = g·softmax(x)
    )


@op(lays="contiguous")
def softmax(input, dim, dtype=None):
    """y = eˣ / Σ eˣ along a dimension."""
    x, dim = _scores("softmax", input, dim, dtype)
    y = np.asarray(np.exp(x - x.max(dim, keepdims=True, initial=-np.inf)))
    y /= y.sum(dim, keepdims=True)

    def vjp(g):  # ∂x = y·(g − Σ g·y)
        out = g * y
        out -= y * out.sum(dim, keepdims=True)
        return out

    return y, vjp


@op(lays="contiguous")
def log_softmax(input, dim, dtype=None):
    """y = x − ln Σ eˣ along a dimension."""
    x, dim = _scores("log_softmax", input, dim, dtype)
    y = np.asarray(x - x.max(dim, keepdims=True, initial=-np.inf))
    y -= np.log(np.exp(y).sum(dim, keepdims=True))
    return y, lambda g: g - np.exp(y) * g.sum(dim, keepdims=True)  # ∂x = g − softmax(x)·Σ g


def _scores(name, x, dim, dtype):
    """What a softmax is taken of: floating point, and the dimension counted from the front."""
    x, dim = _as(x, dtype), _softmax_dim(dim, x.ndim)
    require(name, "f", x)
    return x, dim


def _softmax_dim(dim, ndim):
    dim = wrap_dim(dim, ndim)
    return dim if ndim else None


# Running along a dimension, and order


@op(lays="contiguous")
def cumsum(input, dim, *, dtype=None):
    """yᵢ = Σ over j≤i of xⱼ"""
    no_scalar("cumsum", input)
    x = _as(input, dtype)
    return x.cumsum(dim, _sum_type(x, dtype)), lambda g: np.flip(
        np.flip(g, dim).cumsum(dim), dim
    )  # ∂xᵢ = Σ over j≥i of gⱼ


def argsort(input, dim=-1, descending=False, stable=False):
    """The indices that sort a dimension, equal ones in the order in which they stand."""
    no_scalar("sort", input)
    x, dim = input.array, wrap_dim(dim, input.array.ndim)
    if not descending:
        return lie_as(input, wrap(np.argsort(x, dim, kind="stable")))
    back = np.argsort(np.flip(x, dim), dim, kind="stable")
    return lie_as(input, wrap(np.flip(x.shape[dim] - 1 - back, dim).copy()))


def sort(input, dim=-1, descending=False, *, stable=False):
    """Values in order, with the indices they had."""
    order = argsort(input, dim, descending)
    return sort_result(taken_along(input, dim, order), order)


def topk(input, k, dim=-1, largest=True, sorted=True):
    """The k largest (or smallest) entries of a dimension, in order, with their indices.

    Raises:
        RuntimeError: If k is not between 0 and the size.
    """
    require("topk", "iuf", input.array)
    order = argsort(input, dim, largest)
    if not 0 <= k <= order.array.shape[dim]:
        raise RuntimeError(f"topk: selected index k out of range: expected at most {order.shape[dim]}, got {k}")
    order = order.narrow(dim, 0, k).contiguous()
    return topk_result(taken_along(input, dim, order), order)
