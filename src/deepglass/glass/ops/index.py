"""Indexing: what `x[...]` gives and takes, gather and its family.

Taking at an index and adding at an index are each other's vector-Jacobian products.
"""

import operator

import numpy as np

from ..autograd import mode
from ..dtype import fit
from ..op import op, view
from ..tensor import Tensor, wrap
from .dims import no_scalar, wrap_dim
from .shape import flatten, owned, reshape, unsqueeze


def getitem(input, index):
    """x[index]: a view for integers and slices, a copy for tensors and masks.

    Raises:
        IndexError: If an index is out of range, or has a type that is not an index.
        ValueError: If the step of a slice is below 1.
    """
    basic, taken = _parts(index, input.array.ndim)
    y = input if basic is None else _view_at(input, basic)
    return _take_at(y, *taken) if taken else y


def setitem(input, index, value):
    """x[index] = value, in place.

    Raises:
        TypeError: If the value is neither a tensor nor a number.
        RuntimeError: If the value has another type or a shape that does not fit, or shares memory with the index.
    """
    basic, taken = _parts(index, input.array.ndim)
    if not isinstance(value, (Tensor, int, float, np.generic)):
        raise TypeError(f"x[…] = …: expected a tensor or a number, got {type(value).__name__}; see glass.tensor")
    value = value if isinstance(value, Tensor) else wrap(fit(value, input.array.dtype))
    tensors = [item for item in taken if isinstance(item, Tensor)]
    is_filled = value.array.size == 1 and len(tensors) == 1 and _is_mask(tensors[0])
    if taken and value.dtype is not input.dtype and not is_filled:
        raise RuntimeError(f"x[…] = …: expected {input.dtype} at an index of tensors, got {value.dtype}; convert it")
    if not is_filled and any(item.version is input.version for item in tensors):
        raise RuntimeError("x[…] = …: the index and x refer to a single memory location; clone() one of them")
    part = _at(input.array, basic)
    input.check_writable(part)
    if mode.enabled and (input.requires_grad or value.requires_grad):
        input.overwrite(put(input, value, basic, *taken))
    elif part.flags.writeable:  # else it is empty
        _assign(input.array, value.array, basic, tuple(getattr(item, "array", item) for item in taken))
        input.version[0] += 1


@view
def _view_at(x, index):
    shape = x.shape
    return x[index], lambda g: add_at(shape, index, g)


@op(lays="contiguous")
def _take_at(x, *index):
    shape, index = x.shape, index[0] if len(index) == 1 else index
    return x[index], lambda g: add_at(shape, index, g)


@op
def put(x, value, basic, *taken):
    """x with value at the index.

    Raises:
        RuntimeError: If the shape of the value does not fit.
        IndexError: If an index is out of range.
    """
    y = _assign(x.copy(), value, basic, taken)
    if not taken:
        return y, lambda g: _assign(np.array(g), ZERO, basic, ()), lambda g: _at(g, basic)  # ∂x = g elsewhere,
    return y, lambda g: _assign(np.array(g), ZERO, basic, taken), lambda g: _at(g, basic)[taken]  # ∂value = g there


def _assign(x, value, basic, taken):
    while value.ndim > 1 and value.shape[0] == 1:  # dimensions of size 1 in front do not count
        value = value[0]
    try:
        _at(x, basic)[taken or ...] = value
    except (ValueError, TypeError, IndexError) as error:
        kind = IndexError if isinstance(error, IndexError) else RuntimeError
        raise kind(f"x[…] = …: {list(value.shape)} does not fit there in {list(x.shape)}: {error}") from None
    return x


def _at(x, basic):
    """The part of an array at the integers and slices of an index."""
    try:
        return x if basic is None else x[basic]
    except IndexError as error:
        raise IndexError(f"index: expected places within shape {list(x.shape)}: {error}") from None


def _parts(index, ndim):
    """An index as two, one after the other: integers and slices, or None; tensors, or ().

    NumPy would take an integer beside a tensor for a tensor too, and put the dimensions in another order.
    """
    items = tuple(map(_plain, index)) if isinstance(index, tuple) else (_plain(index),)
    if not any(isinstance(item, Tensor) for item in items):
        return (*items, *(() if Ellipsis in items else (...,))), ()  # so a single element is a view too
    rest = ndim - sum(map(_width, items))
    items = [i for item in items for i in ([slice(None)] * rest if item is Ellipsis else [item])]
    basic = [i for item in items for i in ([slice(None)] * _width(item) if isinstance(item, Tensor) else [item])]
    taken = tuple(item if isinstance(item, Tensor) else slice(None) for item in items if not isinstance(item, INTEGERS))
    return None if all(item == slice(None) for item in basic) else tuple(basic), taken


def _plain(index):
    """An item of an index as NumPy reads it; tensors stay tensors."""
    if isinstance(index, slice):
        if index.step is not None and index.step < 1:
            raise ValueError(f"index: step must be greater than zero, got {index.step}; see flip")
        return slice(*(None if i is None else operator.index(i) for i in (index.start, index.stop, index.step)))
    if isinstance(index, (list, range)):
        index = np.array([int(i) if isinstance(i, Tensor) else i for i in index]) if len(index) else np.zeros(0, int)
        if index.ndim > 1:
            raise NotImplementedError("index: nested lists are left out of the glass engine; use glass.tensor(list)")
    index = wrap(np.asarray(index)) if isinstance(index, (bool, np.ndarray)) else index
    if not isinstance(index, Tensor):
        return index
    if index.array.dtype not in (*INDEX, BOOL):
        error = NotImplementedError if index.array.dtype == np.uint8 else IndexError
        raise error(f"index: tensors used as indices must be long, int or bool tensors, got {index.dtype}; use .long()")
    return int(index.array) if not index.array.ndim and not _is_mask(index) else index


ZERO = np.zeros(())
INTEGERS, BOOL, INDEX = (int, np.integer), np.dtype(bool), (np.dtype(np.int64), np.dtype(np.int32))


def _is_mask(item):
    return isinstance(item, Tensor) and item.array.dtype is BOOL


def _width(item):
    """How many dimensions an item of an index stands for."""
    return item.array.ndim if _is_mask(item) else 0 if item is None or item is Ellipsis else 1


def add_at(shape, index, g):
    """Zeros with g added at an index: ∂x of x[index]."""
    out = np.zeros(shape, g.dtype)
    items = index if isinstance(index, tuple) else (index,)
    if not any(isinstance(item, np.ndarray) for item in items) or getattr(index, "dtype", 0) is BOOL:
        out[index] = g
    elif isinstance(index, np.ndarray) and g.ndim > index.ndim and g.size:
        add_rows(out, index.reshape(-1) % shape[0], g.reshape(index.size, *shape[1:]))
    else:
        np.add.at(out, index, g)
    return out


def add_rows(out, rows, g):
    """out[rows] += g where rows repeat: sorted, so that equal ones stand together and are summed at once."""
    if not len(rows):
        return
    order = rows.argsort(kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    out[ordered[starts]] = np.add.reduceat(g[order], starts, axis=0)


# One index tensor along one dimension


def _places(name, x, dim, index):
    """The places of a gather: every other dimension keeps its own coordinate."""
    no_scalar(name, x)
    _check_index(name, index, x.shape[wrap_dim(dim, x.ndim)])
    dim = wrap_dim(dim, x.ndim)
    if index.size and (
        index.ndim != x.ndim or [m for i, (m, n) in enumerate(zip(index.shape, x.shape)) if m > n and i != dim]
    ):
        raise RuntimeError(f"{name}: expected an index like {list(x.shape)} but for {dim}, got {list(index.shape)}")
    grid = np.ogrid[tuple(slice(0, n) for n in index.shape)]
    return tuple(index if i == dim else grid[i] for i in range(x.ndim)) if index.size else index


def _check_index(name, index, size):
    if index.size and index.dtype not in INDEX:
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index, got {index.dtype}; use .long()")
    if index.size and (index.min() < 0 or index.max() >= size):
        raise IndexError(f"{name}: index out of range: expected 0 … {size - 1}, got {index.min()} … {index.max()}")


def _gather(input, dim, index, *, sparse_grad=False):
    """y[i][j] = x[index[i][j]][j] for dim = 0, and so on."""
    place, shape = _places("gather", input, dim, index), input.shape

    def vjp(g):  # ∂x: g added where it was taken
        out = np.zeros(shape, g.dtype)
        if g.size:
            np.add.at(out, place, g)
        return out

    return input[place] if index.size else np.zeros(index.shape, input.dtype), vjp


gather = op(_gather, saves=1, lays="contiguous")
taken_along = op(_gather)  # the same where PyTorch does not keep x


@op
def index_select(input, dim, index):
    """The slices of a dimension at the indices.

    Raises:
        IndexError: If the indices are not a vector of whole numbers below the size.
    """
    no_scalar("index_select", input)
    dim, shape, index = wrap_dim(dim, input.ndim), input.shape, np.atleast_1d(index)
    _check_index("index_select", index, shape[dim])
    if index.ndim > 1 or index.dtype not in INDEX:
        raise IndexError(f"index_select: expected a vector of int64 or int32, got {index.dtype} {list(index.shape)}")

    def vjp(g):  # ∂x: g added where it was taken
        out = np.zeros(shape, g.dtype)
        add_rows(np.moveaxis(out, dim, 0), index, np.moveaxis(g, dim, 0))
        return out

    return input.take(index, dim), vjp


def nonzero(input, *, as_tuple=False):
    """The places of what is not zero, one per row, or one tensor for each dimension."""
    no_scalar("nonzero", input.array)
    places = np.stack(np.nonzero(input.array))  # (dimensions, n), as PyTorch lays them out
    return tuple(map(wrap, places)) if as_tuple else wrap(places.T)


def repeat_interleave(input, repeats, dim=None, *, output_size=None):
    """Every entry of a dimension repeated, all equally often or each as often as `repeats` says.

    Raises:
        RuntimeError: If there is neither one number from 0 nor one for each entry.
    """
    input, dim = (flatten(input), 0) if dim is None else (input, dim)
    no_scalar("repeat_interleave", input.array)
    dim, shape = wrap_dim(dim, input.array.ndim), input.array.shape
    size = shape[dim]
    if isinstance(repeats, int) and repeats >= 0:
        wide = unsqueeze(input, dim + 1).expand(*shape[: dim + 1], repeats, *shape[dim + 1 :])
        return owned(reshape(wide, *shape[:dim], size * repeats, *shape[dim + 1 :]))
    repeats = np.asarray(getattr(repeats, "array", repeats))
    if repeats.dtype not in INDEX:
        raise NotImplementedError(f"repeat_interleave: expected int64 or int32 as repeats, got {repeats.dtype}")
    if repeats.ndim > 1 or repeats.size not in (1, size) or (repeats < 0).any():
        raise RuntimeError(f"repeat_interleave: expected one number from 0, or {size}, got {repeats.tolist()}")
    return index_select(input, dim, wrap(np.repeat(np.arange(size), repeats)))
