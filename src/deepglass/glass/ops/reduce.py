"""Reductions, and what runs along a dimension: sums, extremes, spread, softmax, running sums, sorting."""

from collections import namedtuple

import numpy as np

from ..dtype import as_numpy, to_float
from ..op import op
from ..tensor import Tensor, wrap
from .elementwise import maximum, minimum
from .index import gather
from .shape import _reshape, flatten, wrap_dim

ValuesIndices = {name: namedtuple(name, "values indices") for name in ("max", "min", "sort", "topk", "median")}


def axes(dim, ndim):
    """Dimensions as NumPy wants them: None and () mean all."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    dims = tuple(wrap_dim(d, ndim) for d in ([dim] if isinstance(dim, int) else dim))
    if len(set(dims)) < len(dims):
        raise RuntimeError(f"dim: expected every dimension once, got {dim}")
    return dims if ndim else ()


def spread(g, axis, keepdim, shape):
    """A gradient of a reduction, repeated over what was reduced."""
    return np.broadcast_to(g if keepdim else np.expand_dims(g, axis), shape)


def _as(x, dtype):
    return x if dtype is None else x.astype(as_numpy(dtype), copy=False)


def _float_only(name, x):
    if x.dtype.kind != "f":
        raise RuntimeError(f"{name}: expected a floating point dtype, got {x.dtype}; convert it first, as in x.float()")
    return x


@op
def sum(input, dim=None, keepdim=False, *, dtype=None):
    """y = Σ x"""
    x, axis = _as(input, dtype), axes(dim, input.ndim)
    y = x.sum(axis, keepdims=keepdim, dtype=x.dtype if x.dtype.kind == "f" else np.int64)
    shape = x.shape
    return y, lambda g: spread(g, axis, keepdim, shape)  # ∂x = g, for every term


@op
def mean(input, dim=None, keepdim=False, *, dtype=None):
    """y = Σ x / n"""
    x, axis = _float_only("mean", _as(input, dtype)), axes(dim, input.ndim)
    with np.errstate(all="ignore"):
        shape, n = x.shape, x.dtype.type(np.prod([x.shape[i] for i in axis], dtype=np.int64))
        y = x.sum(axis, keepdims=keepdim) / n
    return y, lambda g: spread(g / n, axis, keepdim, shape)  # ∂x = g/n


@op
def _prod(x, axis, keepdim):
    y = x.prod(axis, keepdims=keepdim, dtype=x.dtype if x.dtype.kind == "f" else np.int64)

    def vjp(g):  # ∂xᵢ = g·Π over j≠i of xⱼ: product of all before times product of all after, good for zeros too
        rows = np.moveaxis(x, axis, -1) if axis is not None else x.reshape(-1)
        one = np.ones((*rows.shape[:-1], 1), x.dtype)
        before = np.concatenate([one, rows[..., :-1]], -1).cumprod(-1)
        after = np.concatenate([rows[..., 1:], one], -1)[..., ::-1].cumprod(-1)[..., ::-1]
        rest = before * after if rows.shape[-1] else rows
        rest = rest.reshape(x.shape) if axis is None else np.moveaxis(rest, -1, axis)
        return (g if keepdim or axis is None else np.expand_dims(g, axis)) * rest

    return y, vjp


def prod(input, dim=None, keepdim=False, *, dtype=None):
    """y = Π x"""
    input = input if dtype is None else input.to(dtype)
    if dim is None or not input.array.ndim:
        return _prod(input, None, False)
    return _prod(input, wrap_dim(dim, input.array.ndim), keepdim)


def _extreme(function):
    @op
    def extreme(input, dim=(), keepdim=False):
        axis = axes(dim, input.ndim)
        y = function(input, axis, keepdims=True)

        def vjp(g):  # ∂x = g at the extreme; ties share it
            hit = (input == y) | (np.isnan(input) & np.isnan(y))
            return (g if keepdim else np.expand_dims(g, axis)) * hit / hit.sum(axis, keepdims=True)

        return (y if keepdim else y.squeeze(axis)), vjp

    return extreme


amax, amin = _extreme(np.max), _extreme(np.min)


def _pick(input, indices, dim, keepdim, name):
    """Values and indices of one entry in each row."""
    values = gather(input, dim, wrap(indices))
    indices = wrap(indices)
    if not keepdim and input.array.ndim:
        shape = tuple(n for i, n in enumerate(values.array.shape) if i != dim)
        values, indices = _reshape(values, shape), _reshape(indices, shape)
    return ValuesIndices[name](values, indices)


def _extreme_or_binary(name, arg, whole, both):
    def extreme(input, dim=None, keepdim=False):
        if isinstance(dim, Tensor):
            return both(input, dim)
        if dim is None:
            return whole(input)
        axis = wrap_dim(dim, input.array.ndim)
        x = input.array if input.array.ndim else input.array.reshape(1)
        return _pick(
            input, np.expand_dims(arg(x, axis), axis).reshape(_one(input.array.shape, axis)), axis, keepdim, name
        )

    extreme.__name__ = name
    extreme.__doc__ = f"The {name}imum of all, of rows (with indices), or of two tensors elementwise."
    return extreme


def _one(shape, axis):
    return tuple(1 if i == axis else n for i, n in enumerate(shape))


def _arg(function):
    def arg(input, dim=None, keepdim=False):
        if not input.array.size and dim is None:
            raise IndexError("argmax: expected a tensor with at least one element, got none; pass dim")
        if dim is None:
            y = np.asarray(function(input.array))
            return wrap(y.reshape((1,) * input.array.ndim) if keepdim else y)
        return wrap(
            np.asarray(function(np.atleast_1d(input.array), wrap_dim(dim, input.array.ndim), keepdims=keepdim)).reshape(
                () if not input.array.ndim else _reduced(input.array.shape, wrap_dim(dim, input.array.ndim), keepdim)
            )
        )

    return arg


def _reduced(shape, axis, keepdim):
    return _one(shape, axis) if keepdim else shape[:axis] + shape[axis + 1 :]


argmax, argmin = _arg(np.argmax), _arg(np.argmin)


@op
def all(input, dim=None, keepdim=False):
    return (np.all(input, axes(dim, input.ndim), keepdims=keepdim),)


@op
def any(input, dim=None, keepdim=False):
    return (np.any(input, axes(dim, input.ndim), keepdims=keepdim),)


def count_nonzero(input, dim=None):
    return wrap(np.asarray(np.count_nonzero(input.array, axes(dim, input.array.ndim))))


# Spread


@op
def _var(x, axis, correction, keepdim):
    _float_only("var", x)
    with np.errstate(all="ignore"):
        n = np.prod([x.shape[i] for i in axis], dtype=np.int64)
        free = x.dtype.type(np.maximum(n - correction, 0))
        centred = x - x.sum(axis, keepdims=True) / x.dtype.type(n)
        y = np.square(centred).sum(axis, keepdims=keepdim) / free
    return y, lambda g: (g if keepdim else np.expand_dims(g, axis)) * centred * (2 / free)  # ∂x = g·2(x − x̄)/(n − 1)


def var(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """y = Σ(x − x̄)² / (n − correction)"""
    if isinstance(dim, bool):  # var(input, unbiased)
        dim, unbiased = None, dim
    return _var(input, axes(dim, input.array.ndim), int(unbiased) if correction is None else correction, keepdim)


def std(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """y = √var(x)"""
    return _masked_sqrt(var(input, dim, unbiased, keepdim, correction=correction))


@op
def _masked_sqrt(x):
    y = np.sqrt(x)
    return y, lambda g: np.where(y == 0, 0, g / (2 * y))  # where there is no spread the gradient is 0


def var_mean(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    dims = None if isinstance(dim, bool) else dim
    return var(input, dim, unbiased, keepdim, correction=correction), mean(input, dims, keepdim)


@op
def _vector_norm(x, p, axis, keepdim):
    size = np.abs(x)
    with np.errstate(all="ignore"):
        if p == np.inf or p == -np.inf:
            y = (np.max if p > 0 else np.min)(size, axis, keepdims=True)
        elif p == 0:
            y = (size != 0).sum(axis, keepdims=True).astype(x.dtype)
        else:
            y = (np.square(x) if p == 2 else size**p).sum(axis, keepdims=True) ** x.dtype.type(1 / p)

    def vjp(g):
        g = g if keepdim else np.expand_dims(g, axis)
        if np.isinf(p):
            hit = size == y
            return g * np.sign(x) * hit / hit.sum(axis, keepdims=True)
        if p == 0:
            return x * 0
        grow = x if p == 2 else np.sign(x) * np.where(size == 0, 0, size ** (p - 1))
        return g * np.where(y == 0, 0, grow / y ** (p - 1))  # ∂x = g·sign(x)·|x|ᵖ⁻¹ / yᵖ⁻¹

    return (y if keepdim else y.squeeze(axis)), vjp


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """y = (Σ |x|ᵖ)^(1/p)"""
    x = x if dtype is None else x.to(dtype)
    _float_only("vector_norm", x.array)
    return _vector_norm(x, float(ord), axes(dim, x.array.ndim), keepdim)


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
        lambda g: (g if keepdim else np.expand_dims(g, axis)) * np.exp(x - y),  # ∂x = g·softmax(x)
    )


@op
def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """y = eˣ / Σ eˣ along a dimension."""
    x, dim = to_float(_as(input, dtype)), _softmax_dim(dim, input.ndim)
    y = np.exp(x - x.max(dim, keepdims=True, initial=-np.inf)) if x.ndim else np.ones_like(x)
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
    if not x.ndim:
        return np.zeros_like(x), lambda g: g * 0
    y = x - x.max(dim, keepdims=True, initial=-np.inf)
    y -= np.log(np.exp(y).sum(dim, keepdims=True))
    return y, lambda g: g - np.exp(y) * g.sum(dim, keepdims=True)  # ∂x = g − softmax(x)·Σ g


def _softmax_dim(dim, ndim):
    if dim is None:  # PyTorch's old habit
        dim = 0 if ndim in (0, 1, 3) else 1
    return wrap_dim(dim, ndim) if ndim else None


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return softmax(-input, dim, dtype=dtype)


# Running along a dimension


@op
def cumsum(input, dim, *, dtype=None):
    """yᵢ = Σ over j≤i of xⱼ"""
    x = _as(input, dtype)
    if not x.ndim:
        return x.copy(), lambda g: g
    y = x.cumsum(dim, dtype=x.dtype if x.dtype.kind == "f" else np.int64)
    return y, lambda g: np.flip(np.flip(g, dim).cumsum(dim), dim)  # ∂xᵢ = Σ over j≥i of gⱼ


@op
def cumprod(input, dim, *, dtype=None):
    """yᵢ = Π over j≤i of xⱼ"""
    x = _as(input, dtype)
    if not x.ndim:
        return x.copy(), lambda g: g
    y = x.cumprod(dim, dtype=x.dtype if x.dtype.kind == "f" else np.int64)

    def vjp(g):  # ∂xᵢ = Σ over j≥i of gⱼ·(yⱼ without xᵢ)
        rows, out = np.moveaxis(x, dim, -1), np.moveaxis(np.zeros(x.shape, x.dtype), dim, -1)
        gs = np.moveaxis(g, dim, -1)
        for i in range(rows.shape[-1]):
            without = np.concatenate([rows[..., :i], np.ones_like(rows[..., :1]), rows[..., i + 1 :]], -1).cumprod(-1)
            out[..., i] = (gs * without)[..., i:].sum(-1)
        return np.moveaxis(out, -1, dim)

    return y, vjp


# Order


def argsort(input, dim=-1, descending=False, stable=False):
    """The indices that sort a dimension."""
    x = input.array
    if not x.ndim:
        return wrap(np.zeros((), np.int64))
    dim = wrap_dim(dim, x.ndim)
    if descending:  # stable too: the last of equal ones comes first in a reversed array
        order = np.flip(x.shape[dim] - 1 - np.argsort(np.flip(x, dim), dim, kind="stable"), dim)
        return wrap(order)
    return wrap(np.argsort(x, dim, kind="stable"))


def sort(input, dim=-1, descending=False, *, stable=False):
    """Values in order, with the indices they had."""
    order = argsort(input, dim, descending)
    return ValuesIndices["sort"](gather(input, dim, order), order)


def topk(input, k, dim=-1, largest=True, sorted=True):
    """The k largest (or smallest) entries of a dimension, in order, with their indices."""
    if not 0 <= k <= (input.array.shape[dim] if input.array.ndim else 1):
        raise RuntimeError(f"topk: selected index k out of range: expected at most {input.array.shape[dim]}, got {k}")
    order = argsort(input, dim, largest)
    order = order.narrow(dim, 0, k).contiguous() if input.array.ndim else order
    return ValuesIndices["topk"](gather(input, dim, order), order)


def median(input, dim=None, keepdim=False):
    """The entry in the middle, the lower one of two; NaN if there is one."""
    if dim is None:
        return median(flatten(input), 0)[0] if input.array.size else wrap(np.array(np.nan, input.array.dtype))
    axis = wrap_dim(dim, input.array.ndim)
    n = input.array.shape[axis] if input.array.ndim else 1
    order = argsort(input, axis).array
    ordered = np.take_along_axis(input.array, order, axis) if input.array.ndim else input.array
    has_nan = np.isnan(ordered).any(axis, keepdims=True) if input.array.ndim else False
    first_nan = np.argmax(np.isnan(ordered), axis, keepdims=True) if input.array.ndim else 0
    place = np.where(has_nan, first_nan, (n - 1) // 2)
    return _pick(input, np.take_along_axis(order, place, axis) if input.array.ndim else order, axis, keepdim, "median")


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The values that occur, in order."""
    values, inverse, counts = np.unique(input.array, return_inverse=True, return_counts=True, axis=dim)
    out = [wrap(values)] + [wrap(inverse)] * return_inverse + [wrap(counts)] * return_counts
    return out[0] if len(out) == 1 else tuple(out)


max = _extreme_or_binary("max", np.argmax, amax, maximum)
min = _extreme_or_binary("min", np.argmin, amin, minimum)
