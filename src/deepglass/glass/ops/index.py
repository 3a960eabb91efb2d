"""Indexing: what `x[...]` gives and takes, gather and scatter and their family.

Taking at an index and adding at an index are each other's vector-Jacobian products.
"""

import numpy as np

from ..op import op, view
from ..tensor import Tensor, wrap
from .elementwise import masked_fill
from .shape import _reshape, flatten, wrap_dim


def add_at(shape, index, g):
    """Zeros with g added at an index: ∂x of x[index]."""
    out = np.zeros(shape, g.dtype)
    if _is_basic(index) or (isinstance(index, np.ndarray) and index.dtype == bool):
        out[index] = g
    elif isinstance(index, np.ndarray) and g.ndim > index.ndim and g.size:
        _add_rows(out, index.reshape(-1), g.reshape(index.size, *shape[1:]))
    else:
        np.add.at(out, index, g)
    return out


def _add_rows(out, rows, g):
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
        return tuple(_plain(item) for item in index)
    if isinstance(index, Tensor):
        return _integers("index", index.array)
    if isinstance(index, (list, range)):
        return np.array([int(i) if isinstance(i, Tensor) else i for i in index]) if len(index) else np.zeros(0, int)
    if isinstance(index, slice):
        return slice(*(None if i is None else int(i) for i in (index.start, index.stop, index.step)))
    return np.asarray(index) if isinstance(index, bool) else index


def _whole(index):
    """A basic index with '...' in it: with that, NumPy gives a view of a single element too."""
    index = index if isinstance(index, tuple) else (index,)
    return index if Ellipsis in index else (*index, Ellipsis)


def _integers(name, index):
    if index.dtype.kind not in "iub":
        raise IndexError(
            f"{name}: tensors used as indices must be long, int, byte or bool tensors, got {index.dtype}; "
            "convert them with .long()"
        )
    if index.dtype.kind != "b" and not index.ndim:
        return int(index)
    return index


@view
def _getitem(x, index):
    return x[index], lambda g: add_at(x.shape, index, g)


@op
def _take_at(x, index):
    shape = x.shape
    return x[index], lambda g: add_at(shape, index, g)


def getitem(input, index):
    """x[index]: a view for integers and slices, a copy for tensors and masks."""
    index = _plain(index)
    try:
        return _getitem(input, _whole(index)) if _is_basic(index) else _take_at(input, index)
    except IndexError as error:
        raise IndexError(f"index: expected places within shape {list(input.array.shape)}: {error}") from None


def setitem(input, index, value):
    """x[index] = value, in place."""
    index = _plain(index)
    if not isinstance(value, Tensor):
        value = wrap(np.asarray(value, dtype=input.array.dtype))
    if _is_basic(index):
        place = _getitem(input, _whole(index))
        shape = place.array.shape
        while value.array.ndim > len(shape) and value.array.shape[0] == 1:
            value = _reshape(value, value.array.shape[1:])
        place.overwrite(value.to(input.array.dtype).expand(shape))
    else:
        input.overwrite(_put(input, value, index))


@op
def _put(x, value, index):
    """x with value at the index."""
    y = x.copy()
    y[index] = value

    def vjp_x(g):
        g = np.array(g)
        g[index] = 0
        return g

    return y, vjp_x, lambda g: g[index]  # ∂x = g elsewhere   ∂value = g there


# One index tensor along one dimension


def _along(index, dim, ndim):
    """The places of a gather: every other dimension keeps its own coordinate."""
    if not ndim:
        return ()
    grid = np.ogrid[tuple(slice(0, n) for n in index.shape)] if index.ndim else []
    return tuple(index if i == dim else grid[i] for i in range(ndim))


@op
def gather(input, dim, index, *, sparse_grad=False):
    """y[i][j] = x[index[i][j]][j] for dim = 0, and so on."""
    if index.dtype.kind not in "iu":
        raise RuntimeError(f"gather(): Expected dtype int32/int64 for index, got {index.dtype}; use .long()")
    if input.ndim != index.ndim and input.ndim and index.ndim and index.size:
        raise RuntimeError(
            f"gather: expected index to have the {input.ndim} dimensions of input, got {list(index.shape)}"
        )
    dim = wrap_dim(dim, input.ndim)
    if index.size and (index.min() < 0 or index.max() >= (input.shape[dim] if input.ndim else 1)):
        raise RuntimeError(f"gather: index out of bounds for dimension {dim} with size {input.shape[dim]}")
    x = np.atleast_1d(input) if index.ndim else input
    if index.ndim != x.ndim:
        place = index if index.size == 0 else (int(index),) * x.ndim
    else:
        place = _along(index, dim, x.ndim)

    shape, full = input.shape, x.shape

    def vjp(g):  # ∂x: g added where it was taken
        out = np.zeros(full, g.dtype)
        np.add.at(out, place, g)
        return out.reshape(shape)

    return x[place], vjp


@op
def _scatter(x, dim, index, src, *, reduce=None):
    dim = wrap_dim(dim, x.ndim)
    y = np.atleast_1d(x).copy()
    place = _along(np.atleast_1d(index), dim, y.ndim)
    piece = src if np.ndim(src) == 0 else src[tuple(slice(0, n) for n in index.shape)]
    if reduce is None:
        y[place] = piece
    else:
        (np.add if reduce == "add" else np.multiply).at(y, place, piece)

    def vjp_x(g):
        if reduce == "add":
            return g
        g = np.atleast_1d(g).copy()
        g[place] = 0
        return g.reshape(x.shape)

    def vjp_src(g):
        out = np.zeros(np.shape(src), g.dtype)
        out[tuple(slice(0, n) for n in index.shape)] = np.atleast_1d(g)[place].reshape(index.shape)
        return out

    return y.reshape(x.shape), vjp_x, None, None, vjp_src


def scatter(input, dim, index, src=None, *, value=None, reduce=None):
    """x with src (a tensor or a number) put where a gather with this index would take."""
    if reduce is not None:
        raise NotImplementedError(f"scatter: reduce={reduce!r} is left out of the glass engine; use scatter_add")
    if index.array.dtype.kind not in "iu":
        raise RuntimeError(f"scatter(): Expected dtype int64 for index, got {index.array.dtype}; use .long()")
    return _scatter(input, dim, index, value if src is None else src)


def scatter_add(input, dim, index, src):
    """x with src added where a gather with this index would take."""
    return _scatter(input, dim, index, src, reduce="add")


def _rows(x, dim, index):
    """The place of whole slices along a dimension."""
    return (slice(None),) * wrap_dim(dim, x.ndim) + (np.atleast_1d(index),)


@op
def index_select(input, dim, index):
    """The slices of a dimension at the indices."""
    if index.dtype not in (np.int64, np.int32):
        raise IndexError(f"index_select(): Expected dtype int32 or int64 for index, got {index.dtype}; use .long()")
    x = np.atleast_1d(input)
    y = x[_rows(x, dim, index)]

    def vjp(g):
        out = np.zeros(x.shape, g.dtype)
        np.add.at(out, _rows(x, dim, index), g)
        return out.reshape(input.shape)

    return y.reshape(() if not input.ndim else y.shape), vjp


def _index_write(name, vjp_x, write):
    @op
    def function(input, dim, index, source, *, alpha=1):
        y = np.atleast_1d(input).copy()
        place = _rows(y, dim, index)
        piece = source if np.ndim(source) else np.broadcast_to(source, y[place].shape)
        write(y, place, piece * alpha if alpha != 1 else piece)

        def back_x(g):
            return vjp_x(np.atleast_1d(g).copy(), place).reshape(input.shape)

        return y.reshape(input.shape), back_x, None, None, lambda g: np.atleast_1d(g)[place] * alpha

    function.__name__ = name
    return function


def _erase(g, place):
    g[place] = 0
    return g


index_add = _index_write("index_add", lambda g, place: g, np.add.at)
index_copy = _index_write("index_copy", _erase, lambda y, place, piece: y.__setitem__(place, piece))


def index_fill(input, dim, index, value):
    """x with one number in the slices at the indices."""
    shape = [-1 if i == wrap_dim(dim, input.array.ndim) else 1 for i in range(input.array.ndim)]
    chosen = np.zeros(input.array.shape[dim] if shape else 1, bool)
    chosen[index.array] = True
    return masked_fill(input, wrap(chosen.reshape(shape)), value)


def masked_select(input, mask):
    """The elements where the mask holds, in one row."""
    x, m = np.broadcast_arrays(input.array, mask.array)
    return _take_at(input.expand(x.shape), m)


def nonzero(input, *, as_tuple=False):
    """The places of what is not zero, one a row, or one tensor for each dimension."""
    places = np.nonzero(np.atleast_1d(input.array))[: max(input.array.ndim, 0 if not as_tuple else 1)]
    count = int(np.count_nonzero(input.array))
    if as_tuple:
        return tuple(map(wrap, places))
    return wrap(np.stack(places, 1).astype(np.int64) if places else np.zeros((count, 0), np.int64))


def argwhere(input):
    return nonzero(input)


def repeat_interleave(input, repeats, dim=None, *, output_size=None):
    """Every entry of a dimension repeated."""
    input, dim = (flatten(input), 0) if dim is None else (input, dim)
    n = input.array.shape[dim] if input.array.ndim else 1
    counts = (
        np.broadcast_to(getattr(repeats, "array", repeats), (n,))
        if np.ndim(getattr(repeats, "array", repeats)) < 2
        else repeats
    )
    return index_select(input if input.array.ndim else flatten(input), dim, wrap(np.repeat(np.arange(n), counts)))
