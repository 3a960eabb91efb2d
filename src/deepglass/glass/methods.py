"""Hangs the operations on the tensor: `x.exp()`, `x.exp_()`, `x + y`, `x[i]`, `x.float()`.

A function whose first argument is the tensor is a method too; one that keeps shape and dtype also has a form with a
trailing underscore, which writes its result into the tensor.
"""

# ruff: noqa: SIM905
import numpy as np

from . import creation
from .dtype import as_numpy, bool_, device, float16, float32, float64, int16, int32, int64, uint8
from .op import op
from .ops import elementwise, index, linalg, random, reduce, shape
from .tensor import Tensor, wrap

# fmt: off
ELEMENTWISE = """abs neg positive square sqrt rsqrt reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan
    asin acos atan sinh cosh tanh asinh acosh atanh sigmoid erf sinc deg2rad rad2deg sign sgn ceil floor trunc
    frac mul add sub div true_divide pow remainder fmod floor_divide atan2 hypot xlogy copysign heaviside
    round clamp clamp_min clamp_max logit nan_to_num lerp addcmul addcdiv masked_fill eq ne lt le gt ge
    logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_not""".split()
WITHOUT_UNDERSCORE = """isnan isfinite isinf signbit isposinf isneginf maximum minimum fmax fmin logaddexp
    logaddexp2 isclose allclose equal""".split()
SHAPE = """reshape reshape_as ravel flatten unflatten permute transpose t movedim squeeze unsqueeze expand
    expand_as broadcast_to diag_embed diag clone contiguous repeat narrow select split split_with_sizes chunk
    unbind flip roll tril triu unfold""".split()
REDUCE = """sum mean prod amax amin max min argmax argmin all any count_nonzero var std norm logsumexp softmax
    log_softmax cumsum cumprod argsort sort topk median unique""".split()
LINALG = """matmul mm bmm mv dot addmm baddbmm outer trace inverse""".split()
INDEX = """gather scatter scatter_add index_select index_add index_copy index_fill masked_select nonzero
    argwhere repeat_interleave""".split()
WITH_UNDERSCORE = """tril triu scatter scatter_add index_add index_copy index_fill cumsum cumprod addmm
    baddbmm squeeze unsqueeze transpose t""".split()
# fmt: on


@op
def _cast(x, kind):
    return x.astype(kind), lambda g: g  # the gradient goes back in the type of x


def to(self, *args, non_blocking=False, copy=False, memory_format=None, **named):
    """The tensor in another dtype; itself, if nothing changes. The device can only be the CPU."""
    kind = as_numpy(named.get("dtype"))
    for arg in (*args, *([named["device"]] if named.get("device") else [])):
        if isinstance(arg, Tensor):
            kind = arg.array.dtype
        elif isinstance(arg, (str, device)):
            device(arg)
        elif arg is not None and not isinstance(arg, bool):
            kind = as_numpy(arg)
    kind = self.array.dtype if kind is None else kind
    return self if kind == self.array.dtype and not copy else _cast(self, kind)


def _caster(kind):
    return lambda self, memory_format=None: to(self, kind)


def _in_place(function):
    def method(self, *args, **options):
        return self.change(function, *args, **options)

    method.__name__ = function.__name__ + "_"
    return method


def _reflected(function):
    return lambda self, other: function(_tensor(other, self), self)


def _tensor(value, like):
    """A Python number or array as a tensor that weighs no more than the number."""
    return wrap(np.asarray(value)) if isinstance(value, np.ndarray) else value


def copy_(self, src, non_blocking=False):
    """Writes the values of src into our memory."""
    new = to(src, self.dtype).expand(self.array.shape)
    return self.overwrite(index._put(self, new, ...) if self.requires_grad else new)


def fill_(self, value):
    return copy_(self, value if isinstance(value, Tensor) else wrap(np.asarray(value, self.array.dtype)))


def zero_(self):
    return fill_(self, 0)


def type_(self, dtype):
    return to(self, dtype)


def _attach():
    modules = (elementwise, shape, reduce, linalg, index)
    for module, names in zip(modules, (ELEMENTWISE + WITHOUT_UNDERSCORE, SHAPE, REDUCE, LINALG, INDEX)):
        for name in names:
            setattr(Tensor, name, getattr(module, "inv" if name == "inverse" else name))
    for name in ELEMENTWISE + WITH_UNDERSCORE:
        setattr(Tensor, name + "_", _in_place(getattr(Tensor, name)))
    for name in "zeros ones empty full tensor".split():
        setattr(Tensor, "new_" + name, getattr(creation, "new_" + name))
    for name in "uniform_ normal_ bernoulli_ bernoulli multinomial".split():
        setattr(Tensor, name, getattr(random, name))
    kinds = {"bool": bool_, "byte": uint8, "short": int16, "int": int32, "long": int64, "half": float16}
    for name, kind in (kinds | {"float": float32, "double": float64}).items():
        setattr(Tensor, name, _caster(kind))


_attach()
e, s = elementwise, shape
Tensor.to, Tensor.copy_, Tensor.fill_, Tensor.zero_, Tensor.type = to, copy_, fill_, zero_, type_
Tensor.where = lambda self, condition, other: e.where(condition, self, other)
Tensor.view, Tensor.view_as, Tensor.swapaxes = s.view_, s.reshape_as, s.transpose
Tensor.T = property(s.t)
Tensor.mT = property(lambda self: s.transpose(self, -2, -1))
Tensor.cpu = lambda self: self
Tensor.absolute, Tensor.negative, Tensor.multiply, Tensor.divide = e.abs, e.neg, e.mul, e.div
Tensor.type_as = lambda self, other: to(self, other.dtype)
Tensor.relu = lambda self: e.clamp_min(self, 0)
Tensor.__add__ = Tensor.__radd__ = e.add
Tensor.__mul__ = Tensor.__rmul__ = e.mul
Tensor.__sub__, Tensor.__rsub__ = e.sub, e.rsub
Tensor.__truediv__, Tensor.__rtruediv__ = e.true_divide, _reflected(e.true_divide)
Tensor.__floordiv__, Tensor.__rfloordiv__ = e.floor_divide, _reflected(e.floor_divide)
Tensor.__mod__, Tensor.__rmod__ = e.remainder, _reflected(e.remainder)
Tensor.__pow__, Tensor.__rpow__ = e.pow, _reflected(e.pow)
Tensor.__matmul__, Tensor.__rmatmul__ = linalg.matmul, _reflected(linalg.matmul)
Tensor.__neg__, Tensor.__pos__, Tensor.__abs__, Tensor.__invert__ = e.neg, e.positive, e.abs, e.bitwise_not
Tensor.__eq__, Tensor.__ne__, Tensor.__lt__, Tensor.__le__, Tensor.__gt__, Tensor.__ge__ = (
    e.eq,
    e.ne,
    e.lt,
    e.le,
    e.gt,
    e.ge,
)
Tensor.__and__, Tensor.__or__, Tensor.__xor__ = e.bitwise_and, e.bitwise_or, e.bitwise_xor
Tensor.__iadd__, Tensor.__isub__, Tensor.__imul__ = Tensor.add_, Tensor.sub_, Tensor.mul_
Tensor.__itruediv__, Tensor.__ipow__ = Tensor.true_divide_, Tensor.pow_
Tensor.__getitem__, Tensor.__setitem__ = index.getitem, index.setitem
