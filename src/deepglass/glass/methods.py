"""Hangs the operations on the tensor: `x.exp()`, `x.exp_()`, `x + y`, `x[i]`, `x.float()`.

A function in `ops/` whose first argument is called `input` is a method too; an elementwise one also has a form with a
trailing underscore, which writes its result into the tensor.
"""

import inspect

import numpy as np

from .dtype import as_numpy, bool_, fit, float16, float32, float64, int16, int32, int64, uint8
from .dtype import device as Device
from .op import op
from .ops import elementwise, index, linalg, random, reduce, shape
from .tensor import Tensor, wrap


@op
def _cast(x, kind):
    with np.errstate(invalid="ignore"):  # nan has no integer
        return x.astype(kind), lambda g: g  # the gradient goes back in the type of x


def to(self, *args, dtype=None, device=None, non_blocking=False, copy=False, memory_format=None):
    """The tensor in another dtype; itself, if nothing changes. The device can only be the CPU."""
    kind = self.array.dtype
    for arg in (*args, dtype, device):
        if isinstance(arg, Tensor):
            kind = arg.array.dtype
        elif isinstance(arg, (str, Device)):
            Device(arg)  # refuses all but the CPU
        elif arg is not None and not isinstance(arg, bool):
            kind = as_numpy(arg)
    return self if kind == self.array.dtype and not copy else _cast(self, kind)


def copy_(self, src, non_blocking=False):
    """Writes the values of src into our memory."""
    self.check_apart(src)
    new = to(src, self.dtype).expand(self.array.shape)
    return self.overwrite(_replaced(self, new) if self.requires_grad else new)


@op
def _replaced(x, new):
    return new.copy(), lambda g: np.zeros_like(g), lambda g: g  # nothing of x is left


def fill_(self, value):
    """Writes one number everywhere.

    Raises:
        RuntimeError: If the value has dimensions.
    """
    if np.ndim(getattr(value, "array", value)):
        raise RuntimeError(f"fill_: expected a number or a tensor without dimensions, got {list(value.shape)}")
    return copy_(self, value if isinstance(value, Tensor) else wrap(fit(value, self.array.dtype)))


def _in_place(function):
    return lambda self, *args, **options: self.change(function, *args, **options)


def _reflected(function):
    return lambda self, other: function(wrap(other) if isinstance(other, np.ndarray) else other, self)


def _if_comparable(function):
    kinds = (Tensor, np.ndarray, np.generic, int, float)
    return lambda self, other: function(self, other) if isinstance(other, kinds) else NotImplemented


NOT_IN_PLACE = {"isnan", "isinf", "isfinite", "maximum", "minimum", "rsub", "allclose", "equal", "where"}
NOT_IN_PLACE |= {"eq", "ne", "lt", "le", "gt", "ge"}
for module in (elementwise, shape, reduce, linalg, index, random):
    for name, function in list(vars(module).items()):
        is_ours = inspect.isfunction(function) and function.__module__.startswith(__package__)
        if is_ours and not name.startswith("_") and next(iter(inspect.signature(function).parameters), "") == "input":
            setattr(Tensor, name, function)
            if (module is elementwise and name not in NOT_IN_PLACE) or name in ("tril", "triu"):
                setattr(Tensor, name + "_", _in_place(function))

e, s = elementwise, shape
kinds = {"bool": bool_, "byte": uint8, "short": int16, "int": int32, "long": int64, "half": float16}
for name, kind in (kinds | {"float": float32, "double": float64}).items():
    setattr(Tensor, name, lambda self, memory_format=None, kind=kind: to(self, kind))
Tensor.to, Tensor.copy_, Tensor.fill_, Tensor.zero_, Tensor.type = to, copy_, fill_, lambda self: fill_(self, 0), to
Tensor.type_as, Tensor.cpu = lambda self, other: to(self, other.dtype), lambda self: self
Tensor.where = lambda self, condition, other: e.where(condition, self, other)
Tensor.split, Tensor.T, Tensor.mT = s.split, property(s.reversed_dims), property(s.matrix_t)
Tensor.__add__ = Tensor.__radd__ = e.add
Tensor.__mul__ = Tensor.__rmul__ = e.mul
Tensor.__sub__, Tensor.__rsub__ = e.sub, e.rsub
Tensor.__truediv__, Tensor.__rtruediv__ = e.true_divide, lambda self, other: e.mul(e.reciprocal(self), other)
Tensor.__floordiv__, Tensor.__rfloordiv__ = e.floor_divide, _reflected(e.floor_divide)
Tensor.__mod__, Tensor.__rmod__ = e.remainder, _reflected(e.remainder)
Tensor.__pow__, Tensor.__rpow__ = e.pow, _reflected(e.pow)
Tensor.__matmul__, Tensor.__rmatmul__ = linalg.matmul, _reflected(linalg.matmul)
Tensor.__neg__, Tensor.__abs__, Tensor.__invert__ = e.neg, e.abs, e.bitwise_not
Tensor.__eq__, Tensor.__ne__ = _if_comparable(e.eq), _if_comparable(e.ne)
Tensor.__lt__, Tensor.__le__, Tensor.__gt__, Tensor.__ge__ = e.lt, e.le, e.gt, e.ge
Tensor.__and__, Tensor.__or__, Tensor.__xor__ = e.bitwise_and, e.bitwise_or, e.bitwise_xor
Tensor.__rand__, Tensor.__ror__, Tensor.__rxor__ = e.bitwise_and, e.bitwise_or, e.bitwise_xor
Tensor.__iadd__, Tensor.__isub__, Tensor.__imul__ = Tensor.add_, Tensor.sub_, Tensor.mul_
Tensor.__itruediv__ = Tensor.true_divide_
Tensor.__getitem__, Tensor.__setitem__ = index.getitem, index.setitem
