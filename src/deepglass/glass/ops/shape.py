"""Shapes: views where NumPy gives views, and ways to put tensors together and to take them apart."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..autograd import unbroadcast
from ..dtype import promote
from ..layout import order
from ..op import op
from ..op import view as view_op
from ..tensor import Tensor
from .dims import along, cut_dim, is_integer, no_scalar, once, sizes, wrap_dim


@view_op
def _reshape(x, shape):
    old = x.shape
    try:
        if min(shape, default=0) < -1:
            raise ValueError
        y = x.reshape(shape)
    except ValueError:
        raise RuntimeError(
            f"reshape: shape '{list(shape)}' is invalid for input of size {x.size}: expected sizes whose product is "
            f"{x.size}, got {list(old)} to be laid out anew; one size may be -1"
        ) from None
    return y, lambda g: g.reshape(old)


def reshape(input, *shape):
    """The same elements in another shape; one size may be −1.

    Raises:
        RuntimeError: If the sizes have another product.
    """
    return _reshape(input, sizes(shape))


def view(input, *shape):
    """Like `reshape`, for what needs no copy.

    Raises:
        RuntimeError: If dimensions of the input have changed places.
    """
    if len(shape) == 1 and not is_integer(shape[0]) and not isinstance(shape[0], (tuple, list)):
        raise NotImplementedError("view: reading the bytes as another dtype is left out of the glass engine")
    y = _reshape(input, sizes(shape))
    if y.seen is None and y.array.size:
        raise RuntimeError(f"view: the memory of {list(input.shape)} is not in order: use .reshape(...)")
    return y


def ravel(input):
    return _reshape(input, (-1,))


def flatten(input, start_dim=0, end_dim=-1):
    """Dimensions start…end become one.

    Raises:
        RuntimeError: If `end_dim` comes before `start_dim`.
    """
    shape = input.array.shape or (1,)
    first, last = wrap_dim(start_dim, len(shape)), wrap_dim(end_dim, len(shape))
    if first > last:
        raise RuntimeError(f"flatten: expected start_dim to come before end_dim, got {start_dim} and {end_dim}")
    if first == last and input.array.ndim:
        return input
    return _reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def unflatten(input, dim, sizes):
    """One dimension becomes several."""
    shape = input.array.shape
    dim = cut_dim("unflatten", input, dim)
    return _reshape(input, (*shape[:dim], *sizes, *shape[dim + 1 :]))


def squeeze(input, dim=None):
    """Leaves out dimensions of size 1."""
    shape = input.array.shape
    dims = range(len(shape)) if dim is None else [dim] if isinstance(dim, int) else dim
    gone = once("squeeze", [wrap_dim(d, len(shape)) for d in dims])
    return _reshape(input, tuple(n for d, n in enumerate(shape) if d not in gone or n != 1))


def unsqueeze(input, dim):
    """A new dimension of size 1."""
    shape = input.array.shape
    dim = wrap_dim(dim, len(shape) + 1)
    return _reshape(input, (*shape[:dim], 1, *shape[dim:]))


@view_op
def _permute(x, dims):
    return x.transpose(dims), lambda g: g.transpose(np.argsort(dims))


def permute(input, *dims):
    """Dimensions in another order.

    Raises:
        RuntimeError: If a dimension is missing or comes twice.
    """
    dims = tuple(wrap_dim(d, input.array.ndim) for d in sizes(dims))
    if sorted(dims) != list(range(input.array.ndim)):
        raise RuntimeError(f"permute: expected each of the {input.array.ndim} dimensions once, got {list(dims)}")
    return _permute(input, dims)


def transpose(input, dim0, dim1):
    """Two dimensions change places."""
    order = list(range(input.array.ndim))
    dim0, dim1 = wrap_dim(dim0, len(order)), wrap_dim(dim1, len(order))
    if order:
        order[dim0], order[dim1] = order[dim1], order[dim0]
    return _permute(input, tuple(order))


def reversed_dims(input):
    """All dimensions in reverse: `x.T`."""
    return _permute(input, tuple(range(input.array.ndim))[::-1])


def t(input):
    """Rows become columns."""
    if input.array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D")
    return reversed_dims(input)


def matrix_t(input):
    """The last two dimensions change places: `x.mT`.

    Raises:
        RuntimeError: If there is only one dimension.
    """
    if input.array.ndim == 1:
        raise RuntimeError("mT: expected a matrix or a batch of matrices, got a tensor with 1 dimension; see T")
    return transpose(input, -2, -1) if input.array.ndim else input


@view_op
def _expand(x, shape):
    old = x.shape
    try:
        y = np.broadcast_to(x, shape)
    except ValueError:
        raise RuntimeError(
            f"expand: the expanded size {list(shape)} must match the existing size {list(old)} at every dimension "
            "that is not 1; use repeat to copy whole blocks"
        ) from None
    return x.reshape(shape) if y.size == x.size else y, lambda g: unbroadcast(g, old)  # ∂x = Σ over the copies


def expand(input, *shape):
    """Dimensions of size 1 seen as larger ones, without a copy; −1 keeps a size."""
    shape, old = sizes(shape), input.array.shape
    new = len(shape) - len(old)
    return _expand(input, tuple(old[i - new] if n == -1 and i >= new else n for i, n in enumerate(shape)))


def expand_as(input, other):
    return _expand(input, other.array.shape)


def broadcast_to(input, shape):
    return expand(input, shape)


def broadcast_shapes(*shapes):
    """The shape that all broadcast to.

    Raises:
        RuntimeError: If sizes differ and neither is 1.
    """
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(
            f"broadcast: expected sizes that are equal or 1, counted from the last, got {list(map(list, shapes))}"
        ) from None


def _copy(name, lays):
    def copy(input, *, memory_format=None):
        return input.copy(), lambda g: g

    copy.__name__, copy.__doc__ = name, "A copy."
    return op(copy, lays=lays)


clone, _in_order = _copy("clone", None), _copy("clone", "contiguous")


def owned(x):
    """A tensor with memory of its own: x, or a copy if it is a view."""
    return x if x.seen is None else _in_order(x)


def contiguous(input, memory_format=None):
    """A tensor whose memory is in order: itself, or a copy."""
    return input if order(input).array.flags.c_contiguous else _in_order(input)


@view_op
def diagonal(input, offset=0, dim1=0, dim2=1):
    """The diagonal of two dimensions, as the last one.

    Raises:
        RuntimeError: If both are the same dimension.
    """
    shape = input.shape
    if wrap_dim(dim1, input.ndim) == wrap_dim(dim2, input.ndim):
        raise RuntimeError(f"diagonal: expected two different dimensions, got {dim1} and {dim2}")

    def vjp(g):
        out = np.zeros(shape, g.dtype)
        rows = np.arange(g.shape[-1])
        np.moveaxis(out, (dim1, dim2), (-2, -1))[..., rows - min(offset, 0), rows + max(offset, 0)] = g
        return out

    y = input.diagonal(offset, dim1, dim2)
    y.flags.writeable = input.flags.writeable
    return y, vjp


# Put together


def cat(tensors, dim=0, *, axis=None):
    """Tensors one behind the other along a dimension that is there.

    Raises:
        ValueError: If there are no tensors.
        RuntimeError: If other sizes than those of `dim` differ.
    """
    if not _all_tensors("cat", tensors):
        raise ValueError("cat: expected a non-empty list of tensors, got none")
    parts = [x for x in tensors if x.array.shape != (0,)] or tensors[:1]
    shapes = [x.array.shape for x in parts]
    if () in shapes:
        raise RuntimeError("cat: a zero-dimensional tensor cannot be concatenated: expected dimensions; see stack")
    dim = 0 if shapes == [(0,)] else wrap_dim(dim if axis is None else axis, len(shapes[0]))
    if len({(len(s), *s[:dim], None, *s[dim + 1 :]) for s in shapes}) > 1:
        raise RuntimeError(f"cat: Sizes of tensors must match except in dimension {dim}, got {list(map(list, shapes))}")
    common = promote(*(x.array for x in tensors))[0].dtype
    return _cat(*(x.to(common) for x in tensors), dim=dim)


def _all_tensors(name, tensors):
    if not isinstance(tensors, (list, tuple)) or not all(isinstance(x, Tensor) for x in tensors):
        came = type(tensors).__name__ if not isinstance(tensors, (list, tuple)) else [type(x).__name__ for x in tensors]
        raise TypeError(f"{name}: expected a list of tensors, got {came}")
    return tensors


@op(lays="contiguous")
def _cat(*arrays, dim):
    ndim = max(x.ndim for x in arrays)
    lengths = [x.shape[dim] if x.ndim == ndim else 0 for x in arrays]  # an empty vector fits everything
    pieces = [along(dim, slice(end - n, end)) for end, n in zip(np.cumsum(lengths), lengths)]
    y = np.concatenate([x for x in arrays if x.ndim == ndim], axis=dim)
    return y, *[lambda g, p=p, n=x.ndim: g[p] if n == ndim else g[:0].reshape(0) for p, x in zip(pieces, arrays)]


def stack(tensors, dim=0):
    """Tensors of one shape along a new dimension.

    Raises:
        RuntimeError: If the shapes differ.
    """
    shapes = {x.array.shape for x in _all_tensors("stack", tensors)}
    if len(shapes) != 1:
        raise RuntimeError(f"stack expects each tensor to be equal size, but got {sorted(map(list, shapes))}")
    return cat([unsqueeze(x, dim) for x in tensors], wrap_dim(dim, tensors[0].array.ndim + 1))


def repeat(input, *repeats):
    """Whole blocks copied along each dimension.

    Raises:
        RuntimeError: If there are fewer numbers than dimensions, or negative ones.
    """
    repeats = sizes(repeats)
    if len(repeats) < input.array.ndim or min(repeats, default=0) < 0:
        raise RuntimeError(f"repeat: expected at least {input.array.ndim} numbers from 0, got {list(repeats)}")
    shape = (1,) * (len(repeats) - input.array.ndim) + input.array.shape
    rows = _reshape(input, tuple(n for size in shape for n in (1, size)))
    wide = _expand(rows, tuple(n for pair in zip(repeats, shape) for n in pair))
    return owned(_reshape(wide, tuple(r * n for r, n in zip(repeats, shape))))


# Take apart


def split(tensor, split_size_or_sections, dim=0):
    """Pieces of one size (the last may be smaller), or of the sizes given.

    Raises:
        RuntimeError: If the sizes do not sum to that of the dimension.
    """
    dim, pieces = cut_dim("split", tensor, dim), split_size_or_sections
    total = tensor.array.shape[dim]
    if isinstance(pieces, int):
        pieces = [min(pieces, total - start) for start in range(0, total, pieces)] or [0] if pieces > 0 else [pieces]
    if sum(pieces) != total or min(pieces, default=0) < 0:
        raise RuntimeError(
            f"split: expects split_sizes to sum exactly to {total} (the size of dimension {dim}), but got {pieces}"
        )
    starts = np.cumsum([0, *pieces])
    return tuple(narrow(tensor, dim, int(start), int(size)) for start, size in zip(starts, pieces))


def chunk(input, chunks, dim=0):
    """At most so many pieces of one size.

    Raises:
        RuntimeError: If there is not at least one piece.
    """
    total = input.array.shape[cut_dim("chunk", input, dim)]
    if chunks < 1:
        raise RuntimeError(f"chunk: expected at least one chunk, got {chunks}")
    return split(input, -(-total // chunks), dim) if total else (narrow(input, dim, 0, 0),) * chunks


def select(input, dim, index):
    """One entry of a dimension, which goes."""
    return input[along(cut_dim("select", input, dim), int(index))]


def unbind(input, dim=0):
    """All entries of a dimension."""
    return tuple(select(input, dim, i) for i in range(input.array.shape[cut_dim("unbind", input, dim)]))


def narrow(input, dim, start, length):
    """`length` entries of a dimension, from `start`.

    Raises:
        RuntimeError: If the entries exceed the dimension.
    """
    dim = cut_dim("narrow", input, dim)
    full = input.array.shape[dim]
    start = int(start) + (full if start < 0 else 0)
    if not 0 <= start <= start + length <= full:
        raise RuntimeError(f"narrow: start ({start}) + length ({length}) exceeds dimension size ({full})")
    return input[along(dim, slice(start, start + length))]


def unfold(input, dimension, size, step):
    """Windows along a dimension, as a new last one."""
    no_scalar("unfold", input.array)
    dim = wrap_dim(dimension, input.array.ndim)
    if not 0 < size <= input.array.shape[dim] or step < 1:
        raise NotImplementedError(f"unfold: expected windows that fit {list(input.shape)}, got {size=}, {step=}")
    return _unfold(input, dim, size, step)


@view_op
def _unfold(x, dim, size, step):
    shape, n = x.shape, (x.shape[dim] - size) // step + 1

    def vjp(g):  # ∂x = Σ over the windows that see it
        out = np.zeros(shape, g.dtype)
        for k in range(size):
            out[along(dim, slice(k, k + (n - 1) * step + 1, step))] += g[..., k]
        return out

    return sliding_window_view(x, size, dim)[along(dim, slice(None, None, step))], vjp


# Change the order


@op
def flip(input, dims, *more):
    """Backwards along the dimensions."""
    axes = once("flip", tuple(wrap_dim(d, input.ndim) for d in sizes((dims, *more))))
    axes = axes if input.ndim else ()
    return np.flip(input, axes).copy("K"), lambda g: np.flip(g, axes)


def _triangle(name, function):
    def triangle(input, diagonal=0):
        if input.ndim < 2:
            raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions, got {list(input.shape)}")
        return function(input, diagonal), lambda g: function(g, diagonal)

    triangle.__name__, triangle.__doc__ = name, f"The {'lower' if name == 'tril' else 'upper'} triangle, else zero."
    return op(triangle, lays="contiguous")


tril, triu = _triangle("tril", np.tril), _triangle("triu", np.triu)
