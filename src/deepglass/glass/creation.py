"""New tensors: zeros, ones, ranges, and others that are like one at hand."""

import numpy as np

from .dtype import DTYPES, FLOAT, as_numpy
from .ops.shape import sizes
from .tensor import Tensor, tensor, wrap


def _new(array, requires_grad=False):
    return wrap(array).requires_grad_(requires_grad)


def full(size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """A tensor filled with one number; its dtype follows the number."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    return _new(np.full(sizes((size,)), value, as_numpy(dtype) or as_numpy(type(value))), requires_grad)


def zeros(*size, dtype=None, device=None, requires_grad=False):
    return _new(np.zeros(sizes(size), as_numpy(dtype) or FLOAT), requires_grad)


def ones(*size, dtype=None, device=None, requires_grad=False):
    return _new(np.ones(sizes(size), as_numpy(dtype) or FLOAT), requires_grad)


def empty(*size, dtype=None, device=None, requires_grad=False):
    return _new(np.empty(sizes(size), as_numpy(dtype) or FLOAT), requires_grad)


def _like(make):
    def like(input, *args, dtype=None, device=None, requires_grad=False, memory_format=None):
        return make(input.array.shape, *args, dtype=dtype or input.dtype, requires_grad=requires_grad)

    return like


zeros_like, ones_like, empty_like, full_like = map(_like, (zeros, ones, empty, full))


def _new_method(make):
    def new(self, *args, dtype=None, device=None, requires_grad=False):
        return make(*args, dtype=dtype or self.dtype, requires_grad=requires_grad)

    return new


new_zeros, new_ones, new_empty, new_full = map(_new_method, (zeros, ones, empty, full))


def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    return tensor(data, dtype=dtype or self.dtype, requires_grad=requires_grad)


def arange(start, end=None, step=1, *, dtype=None, device=None, requires_grad=False):
    """start, start + step, … below end; integers as long as all three are."""
    start, end = (0, start) if end is None else (start, end)
    start, end, step = (x.item() if isinstance(x, Tensor) else x for x in (start, end, step))
    is_float = any(isinstance(x, float) for x in (start, end, step))
    return _new(np.arange(start, end, step).astype(as_numpy(dtype) or (FLOAT if is_float else np.int64)), requires_grad)


def linspace(start, end, steps, *, dtype=None, device=None, requires_grad=False):
    """`steps` numbers from start to end, both included."""
    start, end = (x.item() if isinstance(x, Tensor) else x for x in (start, end))
    return _new(np.linspace(start, end, steps).astype(as_numpy(dtype) or FLOAT), requires_grad)


def eye(n, m=None, *, dtype=None, device=None, requires_grad=False):
    """Ones on the diagonal."""
    return _new(np.eye(n, m, dtype=as_numpy(dtype) or FLOAT), requires_grad)


def as_tensor(data, dtype=None, device=None):
    """The tensor itself, or one that shares the memory of an array, or a new one."""
    if isinstance(data, Tensor):
        return data if dtype is None or data.dtype is dtype else data.to(dtype)
    if isinstance(data, np.ndarray) and data.dtype in DTYPES and dtype in (None, DTYPES[data.dtype]):
        return wrap(data)
    return tensor(data, dtype=dtype)


def from_numpy(array):
    """A tensor that shares the memory of a NumPy array."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected an np.ndarray, got {type(array).__name__}; see glass.tensor")
    if array.dtype not in DTYPES:
        raise TypeError(f"from_numpy: expected a number type the engine has, got {array.dtype}; use array.astype")
    return wrap(array)
