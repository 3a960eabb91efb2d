"""Indexing: what `x[...]` gives and takes, gather and its family.

Taking at an index and adding at an index are each other's vector-Jacobian products.
"""

import numpy as np

from ..autograd import mode
from ..op import op, view
from ..tensor import Tensor, wrap
from .shape import along, flatten, no_scalar, wrap_dim


def getitem(input, index):
    """x[index]: a view for integers and slices, a copy for tensors and masks."""
    index = _plain(index)
    try:
        return _view_at(input, index) if _is_basic(index) else _take_at(input, index)
    except IndexError as error:
        raise IndexError(f"index: expected places within shape {list(input.shape)}: {error}") from None


def setitem(input, index, value):
    """x[index] = value, in place."""
    index = _plain(index)
    if not isinstance(value, Tensor):
        value = wrap(np.asarray(value, dtype=input.array.dtype))
    if mode.enabled and (input.requires_grad or value.requires_grad):
        input.overwrite(put(input, value, index))
    else:
        input.array[index] = value.array
        input.version[0] += 1


@view
def _view_at(x, index):
    shape = x.shape
    index = index if isinstance(index, tuple) else (index,)
    index = index if Ellipsis in index else (*index, Ellipsis)  # so NumPy gives a view of a single element too
    return x[index], lambda g: add_at(shape, index, g)


@op
def _take_at(x, index):
    shape = x.shape
    return x[index], lambda g: add_at(shape, index, g)


@op
def put(x, value, index):
    """x with value at the index."""
    y = x.copy()
    y[index] = value

    def vjp_x(g):
        g = np.array(g)
        g[index] = 0
        return g

    return y, vjp_x, lambda g: g[index]  # ∂x = g elsewhere   ∂value = g there


def add_at(shape, index, g):
    """Zeros with g added at an index: ∂x of x[index]."""
    out = np.zeros(shape, g.dtype)
    if _is_basic(index) or (isinstance(index, np.ndarray) and index.dtype == bool):
        out[index] = g
    elif isinstance(index, np.ndarray) and g.ndim > index.ndim and g.size:
        add_rows(out, index.reshape(-1) % shape[0], g.reshape(index.size, *shape[1:]))
    else:
        np.add.at(out, index, g)
    return out


def add_rows(out, rows, g):
    """out[rows] += g where rows repeat: sorted, so that equal ones stand together and are summed at once."""
    order = rows.argsort(kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    out[ordered[starts]] = np.add.reduceat(g[order], starts, axis=0)


def _is_basic(index):
    items = index if isinstance(index, tuple) else (index,)
    return all(item is None or item is Ellipsis or isinstance(item, (int, slice, np.integer)) for item in items)


def _plain(index):
    """An index of tensors, lists, slices, as NumPy reads it."""
    if isinstance(index, tuple):
        return tuple(map(_plain, index))
    if isinstance(index, slice):
        return slice(*(None if i is None else int(i) for i in (index.start, index.stop, index.step)))
    if isinstance(index, (list, range)):
        return np.array([int(i) if isinstance(i, Tensor) else i for i in index]) if len(index) else np.zeros(0, int)
    if isinstance(index, bool):
        return np.asarray(index)
    if not isinstance(index, Tensor):
        return index
    if index.array.dtype.kind == "f":
        raise IndexError(
            f"index: tensors used as indices must be long, int, byte or bool tensors, got {index.dtype}; use .long()"
        )
    return index.array if index.array.ndim or index.array.dtype == bool else int(index)


# One index tensor along one dimension


def _places(name, x, dim, index):
    """The places of a gather: every other dimension keeps its own coordinate."""
    no_scalar(name, x)
    if index.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index, got {index.dtype}; use .long()")
    if index.ndim != x.ndim and index.size:
        raise RuntimeError(f"{name}: expected index to have the {x.ndim} dimensions of input, got {list(index.shape)}")
    dim = wrap_dim(dim, x.ndim)
    if index.size and (index.min() < 0 or index.max() >= x.shape[dim]):
        raise RuntimeError(f"{name}: index out of bounds for dimension {dim} with size {x.shape[dim]}")
    grid = np.ogrid[tuple(slice(0, n) for n in index.shape)]
    return tuple(index if i == dim else grid[i] for i in range(x.ndim)) if index.ndim == x.ndim else index


@op
def gather(input, dim, index, *, sparse_grad=False):
    """y[i][j] = x[index[i][j]][j] for dim = 0, and so on."""
    place, shape = _places("gather", input, dim, index), input.shape

    def vjp(g):  # ∂x: g added where it was taken
        out = np.zeros(shape, g.dtype)
        np.add.at(out, place, g)
        return out

    return input[place], vjp


@op
def index_select(input, dim, index):
    """The slices of a dimension at the indices."""
    no_scalar("index_select", input)
    if index.dtype not in (np.int64, np.int32):
        raise IndexError(f"index_select(): Expected dtype int32 or int64 for index, got {index.dtype}; use .long()")
    shape, place = input.shape, along(wrap_dim(dim, input.ndim), np.atleast_1d(index))
    return input[place], lambda g: add_at(shape, place, g)


def nonzero(input, *, as_tuple=False):
    """The places of what is not zero, one a row, or one tensor for each dimension."""
    no_scalar("nonzero", input)
    places = np.nonzero(input.array)
    return tuple(map(wrap, places)) if as_tuple else wrap(np.stack(places, 1))


def repeat_interleave(input, repeats, dim=None, *, output_size=None):
    """Every entry of a dimension repeated."""
    input, dim = (flatten(input), 0) if dim is None else (input, dim)
    no_scalar("repeat_interleave", input)
    order = np.repeat(np.arange(input.array.shape[dim]), getattr(repeats, "array", repeats))
    return index_select(input, dim, wrap(order))
