"""Shapes: views where NumPy gives views, and ways to put tensors together and to take them apart."""

import math

import numpy as np

from ..autograd import unbroadcast
from ..dtype import promote
from ..op import op
from ..op import view as view_op
from ..tensor import Tensor, wrap


def sizes(shape):
    """A shape given as f(2, 3) or as f((2, 3))."""
    return tuple(int(n) for n in (shape[0] if len(shape) == 1 and not _is_integer(shape[0]) else shape))


def _is_integer(value):
    return hasattr(value, "__index__") and not (isinstance(value, Tensor) and value.array.ndim)


def wrap_dim(dim, ndim):
    """A dimension counted from the front; IndexError as PyTorch's where there is none."""
    low, high = -max(ndim, 1), max(ndim, 1) - 1
    if not low <= dim <= high:
        raise IndexError(
            f"dim: Dimension out of range (expected to be in range of [{low}, {high}], but got {dim}); "
            f"the tensor has {ndim} dimensions"
        )
    return int(dim) % max(ndim, 1)


def along(dim, place):
    """An index that takes `place` of one dimension and everything of those before."""
    return (slice(None),) * dim + (place,)


def no_scalar(name, x):
    """Along a dimension only: PyTorch reads a tensor without dimensions as one with a single entry."""
    if not x.ndim:
        raise NotImplementedError(
            f"{name} of a tensor without dimensions is left out of the glass engine; unsqueeze it"
        )


@view_op
def _reshape(x, shape):
    try:
        y = x.reshape(shape)
    except ValueError:
        raise RuntimeError(
            f"reshape: shape '{list(shape)}' is invalid for input of size {x.size}: expected sizes whose product is "
            f"{x.size}, got {list(x.shape)} to be laid out anew; one size may be -1"
        ) from None
    return y, lambda g: g.reshape(x.shape)


def reshape(input, *shape):
    """The same elements in another shape; one size may be −1."""
    return _reshape(input, sizes(shape))


def view(input, *shape):
    """Like `reshape`."""
    if len(shape) == 1 and not _is_integer(shape[0]) and not isinstance(shape[0], (tuple, list)):
        raise NotImplementedError("view: reading the bytes as another dtype is left out of the glass engine")
    return _reshape(input, sizes(shape))


def ravel(input):
    return _reshape(input, (-1,))


def flatten(input, start_dim=0, end_dim=-1):
    """Dimensions start…end become one."""
    shape = input.array.shape or (1,)
    first, last = wrap_dim(start_dim, len(shape)), wrap_dim(end_dim, len(shape))
    if first > last:
        raise RuntimeError(f"flatten: expected start_dim to come before end_dim, got {start_dim} and {end_dim}")
    return _reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def unflatten(input, dim, sizes):
    """One dimension becomes several."""
    shape = input.array.shape
    dim = wrap_dim(dim, len(shape))
    return _reshape(input, (*shape[:dim], *sizes, *shape[dim + 1 :]))


def squeeze(input, dim=None):
    """Leaves out dimensions of size 1."""
    shape = input.array.shape
    dims = range(len(shape)) if dim is None else [dim] if isinstance(dim, int) else dim
    gone = {wrap_dim(d, len(shape)) for d in dims}
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
    """Dimensions in another order."""
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


def t(input):
    if input.array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D")
    return _permute(input, tuple(range(input.array.ndim))[::-1])


@view_op
def _expand(x, shape):
    try:
        return np.broadcast_to(x, shape), lambda g: unbroadcast(g, x.shape)  # ∂x = Σ over the copies
    except ValueError:
        raise RuntimeError(
            f"expand: the expanded size {list(shape)} must match the existing size {list(x.shape)} at every dimension "
            "that is not 1; use repeat to copy whole blocks"
        ) from None


def expand(input, *shape):
    """Dimensions of size 1 seen as larger ones, without a copy; −1 keeps a size."""
    shape = sizes(shape)
    old = (1,) * (len(shape) - input.array.ndim) + input.array.shape
    return _expand(input, tuple(o if n == -1 else n for n, o in zip(shape, old, strict=len(old) == len(shape))))


def expand_as(input, other):
    return _expand(input, other.array.shape)


def broadcast_to(input, shape):
    return expand(input, shape)


def broadcast_shapes(*shapes):
    """The shape that all broadcast to."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(
            f"broadcast: expected sizes that are equal or 1, counted from the last, got {list(map(list, shapes))}"
        ) from None


@op
def clone(input, *, memory_format=None):
    """A copy."""
    return input.copy(), lambda g: g


def contiguous(input, memory_format=None):
    """A tensor whose memory is in order: itself, or a copy."""
    return input if input.array.flags.c_contiguous else clone(input)


@view_op
def diagonal(input, offset=0, dim1=0, dim2=1):
    """The diagonal of two dimensions, as the last one."""
    shape = input.shape

    def vjp(g):
        out = np.zeros(shape, g.dtype)
        rows = np.arange(g.shape[-1])
        np.moveaxis(out, (dim1, dim2), (-2, -1))[..., rows - min(offset, 0), rows + max(offset, 0)] = g
        return out

    return input.diagonal(offset, dim1, dim2), vjp


# Put together


def cat(tensors, dim=0, *, axis=None):
    """Tensors one behind the other along a dimension that is there."""
    if not tensors:
        raise RuntimeError("cat: expected a non-empty list of tensors, got none")
    parts = [x for x in tensors if x.array.shape != (0,)] or tensors[:1]
    dim = wrap_dim(dim if axis is None else axis, parts[0].array.ndim)
    shapes = [x.array.shape for x in parts]
    if len({(len(s), *s[:dim], None, *s[dim + 1 :]) for s in shapes}) > 1:
        raise RuntimeError(f"cat: Sizes of tensors must match except in dimension {dim}, got {list(map(list, shapes))}")
    common = promote(*(x.array for x in parts))[0].dtype
    return _cat(*(x.to(common) for x in parts), dim=dim)


@op
def _cat(*arrays, dim):
    ends = np.cumsum([x.shape[dim] for x in arrays])
    pieces = [along(dim, slice(end - x.shape[dim], end)) for x, end in zip(arrays, ends)]
    return np.concatenate(arrays, axis=dim), *[lambda g, p=p: g[p] for p in pieces]  # ∂xᵢ = its piece of g


def stack(tensors, dim=0):
    """Tensors of one shape along a new dimension."""
    shapes = {x.array.shape for x in tensors}
    if len(shapes) != 1:
        raise RuntimeError(f"stack expects each tensor to be equal size, but got {sorted(map(list, shapes))}")
    return cat([unsqueeze(x, dim) for x in tensors], wrap_dim(dim, tensors[0].array.ndim + 1))


def repeat(input, *repeats):
    """Whole blocks copied along each dimension."""
    repeats = sizes(repeats)
    if len(repeats) < input.array.ndim:
        raise RuntimeError(f"repeat: expected at least {input.array.ndim} numbers, got {list(repeats)}")
    shape = (1,) * (len(repeats) - input.array.ndim) + input.array.shape
    rows = _reshape(input, tuple(n for size in shape for n in (1, size)))
    wide = _expand(rows, tuple(n for pair in zip(repeats, shape) for n in pair))
    return _reshape(wide, tuple(r * n for r, n in zip(repeats, shape)))


# Take apart


def split(tensor, split_size_or_sections, dim=0):
    """Pieces of one size (the last may be smaller), or of the sizes given."""
    dim, pieces = wrap_dim(dim, tensor.array.ndim), split_size_or_sections
    total = tensor.array.shape[dim]
    if isinstance(pieces, int):
        pieces = [min(pieces, total - start) for start in range(0, total, pieces or 1)] or [0]
    if sum(pieces) != total:
        raise RuntimeError(
            f"split: expects split_sizes to sum exactly to {total} (the size of dimension {dim}), but got {pieces}"
        )
    starts = np.cumsum([0, *pieces])
    return tuple(narrow(tensor, dim, int(start), int(size)) for start, size in zip(starts, pieces))


def chunk(input, chunks, dim=0):
    """At most so many pieces of one size."""
    total = input.array.shape[wrap_dim(dim, input.array.ndim)]
    return split(input, max(-(-total // chunks), 1), dim) if total else (input,) * chunks


def select(input, dim, index):
    """One entry of a dimension, which goes."""
    return input[along(wrap_dim(dim, input.array.ndim), int(index))]


def unbind(input, dim=0):
    """All entries of a dimension."""
    return tuple(select(input, dim, i) for i in range(input.array.shape[wrap_dim(dim, input.array.ndim)]))


def narrow(input, dim, start, length):
    """`length` entries of a dimension, from `start`."""
    dim = wrap_dim(dim, input.array.ndim)
    full = input.array.shape[dim]
    start = int(start) + (full if start < 0 else 0)
    if start + length > full:
        raise RuntimeError(f"narrow: start ({start}) + length ({length}) exceeds dimension size ({full})")
    return input[along(dim, slice(start, start + length))]


def unfold(input, dimension, size, step):
    """Windows along a dimension, as a new last one."""
    no_scalar("unfold", input)
    dim = wrap_dim(dimension, input.array.ndim)
    starts = np.arange(0, input.array.shape[dim] - size + 1, step)
    windows = input[along(dim, wrap(starts[:, None] + np.arange(size)))]  # (…, windows, size, …)
    order = list(range(windows.array.ndim))
    return permute(windows, *order[: dim + 1], *order[dim + 2 :], dim + 1)


# Change the order


@op
def flip(input, dims, *more):
    """Backwards along the dimensions."""
    axes = tuple(wrap_dim(d, input.ndim) for d in sizes((dims, *more)))
    return np.flip(input, axes), lambda g: np.flip(g, axes)


@op
def tril(input, diagonal=0):
    """The lower triangle, zero above."""
    return np.tril(input, diagonal), lambda g: np.tril(g, diagonal)


@op
def triu(input, diagonal=0):
    """The upper triangle, zero below."""
    return np.triu(input, diagonal), lambda g: np.triu(g, diagonal)
