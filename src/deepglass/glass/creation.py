"""New tensors: zeros, ones, ranges, and others that are like one at hand."""

import numpy as np

from .dtype import DTYPES, FLOAT, as_numpy, fit
from .layout import lie_as
from .ops.dims import sizes
from .tensor import Tensor, tensor, wrap


def new(array, requires_grad=False):
    """A leaf tensor around a fresh array."""
    return wrap(array).requires_grad_(requires_grad)


def number(x):
    """A Python number out of a tensor without dimensions."""
    return x.item() if isinstance(x, Tensor) else x


def full(size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """A tensor filled with one number; its dtype follows the number."""
    value = number(fill_value)
    return new(np.full(sizes((size,)), fit(value, as_numpy(dtype) or as_numpy(type(value)))), requires_grad)


def _filled(make):
    def function(*size, dtype=None, device=None, requires_grad=False):
        return new(make(sizes(size), as_numpy(dtype) or FLOAT), requires_grad)

    function.__name__, function.__doc__ = make.__name__, f"A tensor of {make.__name__}, float32 if not said otherwise."
    return function


zeros, ones, empty = map(_filled, (np.zeros, np.ones, np.empty))


def _like(make):
    """`zeros_like(x)`: shape and dtype of x; and `x.new_zeros(size)`: dtype of x."""

    def like(input, *args, dtype=None, device=None, requires_grad=False):
        made = make(input.array.shape, *args, dtype=dtype or input.dtype, requires_grad=requires_grad)
        return lie_as(input, made)

    def method(self, *args, dtype=None, device=None, requires_grad=False):
        return make(*args, dtype=dtype or self.dtype, requires_grad=requires_grad)

    setattr(Tensor, "new_" + make.__name__, method)
    return like


zeros_like, ones_like, empty_like, full_like = map(_like, (zeros, ones, empty, full))
_like(tensor)


def arange(start, end=None, step=1, *, dtype=None, device=None, requires_grad=False):
    """start, start + step, … below end; integers as long as all three are."""
    start, end, step = map(number, (0, start, step) if end is None else (start, end, step))
    array = np.arange(start, end, step)
    return new(array.astype(as_numpy(dtype) or (FLOAT if array.dtype.kind == "f" else np.int64)), requires_grad)


def linspace(start, end, steps, *, dtype=None, device=None, requires_grad=False):
    """`steps` numbers from start to end, both included."""
    return new(np.linspace(number(start), number(end), steps).astype(as_numpy(dtype) or FLOAT), requires_grad)


def eye(n, m=None, *, dtype=None, device=None, requires_grad=False):
    """Ones on the diagonal."""
    return new(np.eye(n, m, dtype=as_numpy(dtype) or FLOAT), requires_grad)


def from_numpy(array):
    """A tensor that shares the memory of a NumPy array.

    Raises:
        TypeError: If it is not an array of numbers that the engine has.
    """
    if not isinstance(array, np.ndarray) or array.dtype not in DTYPES:
        came = getattr(array, "dtype", type(array).__name__)
        raise TypeError(f"from_numpy: expected an np.ndarray of numbers that the engine has, got {came}; use astype")
    return wrap(array)


def as_tensor(data, dtype=None, device=None):
    """The tensor itself, or one that shares the memory of an array, or a new one."""
    if isinstance(data, np.ndarray) and data.dtype in DTYPES:
        data = from_numpy(data)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return tensor(data, dtype=dtype)
