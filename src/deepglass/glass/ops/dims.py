"""Sizes and dimensions as arguments: counted from the front, checked, and complained about in PyTorch's words."""

from ..tensor import Tensor


def sizes(shape):
    """A shape given as f(2, 3) or as f((2, 3))."""
    return tuple(int(n) for n in (shape[0] if len(shape) == 1 and not is_integer(shape[0]) else shape))


def is_integer(value):
    """Whether a value can be a size: a Python integer or a tensor with one number."""
    return hasattr(value, "__index__") and not (isinstance(value, Tensor) and value.array.ndim)


def wrap_dim(dim, ndim):
    """A dimension counted from the front.

    Raises:
        IndexError: If there is no such dimension, as PyTorch says it.
    """
    low, high = -max(ndim, 1), max(ndim, 1) - 1
    if not low <= dim <= high:
        raise IndexError(
            f"dim: Dimension out of range (expected to be in range of [{low}, {high}], but got {dim}); "
            f"the tensor has {ndim} dimensions"
        )
    return int(dim) % max(ndim, 1)


def cut_dim(name, input, dim):
    """Like `wrap_dim`, for what cuts a dimension.

    Raises:
        IndexError: As `wrap_dim`.
        RuntimeError: If the tensor has no dimensions.
    """
    if not input.array.ndim:
        raise RuntimeError(f"{name}: expected a tensor with dimensions, got one without; unsqueeze it")
    return wrap_dim(dim, input.array.ndim)


def once(name, dims):
    """The dimensions, each of them once.

    Raises:
        RuntimeError: If one comes twice.
    """
    if len(set(dims)) < len(dims):
        raise RuntimeError(f"{name}: expected every dimension once, got {list(dims)}")
    return dims


def along(dim, place):
    """An index that takes `place` of one dimension and everything of those before."""
    return (slice(None),) * dim + (place,)


def no_scalar(name, x):
    """Along a dimension only: PyTorch reads a tensor without dimensions as one with a single entry."""
    if not x.ndim:
        raise NotImplementedError(
            f"{name} of a tensor without dimensions is left out of the glass engine; unsqueeze it"
        )
