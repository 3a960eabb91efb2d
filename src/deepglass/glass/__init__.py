"""The glass engine: the part of PyTorch that the zoo uses, in NumPy, short enough to read.

Read it in this order: `dtype` (numbers), `autograd` (the tape), `tensor`, `op` (how an operation is written), `ops/`
(the operations), `nn/functional/`, `nn/`, `optim/`. Names, argument order, defaults, dtypes and errors are PyTorch's,
so that a model file runs with this package in the place of `torch`. What is left out raises NotImplementedError.
"""

# ruff: noqa: I001, F401
# fmt: off
from .dtype import (Size, bool_ as bool, device, double, dtype, finfo, float16, float32, float64, float_ as float,
    get_default_dtype, half, iinfo, int8, int16, int32, int64, int_ as int, long, short, uint8)
from . import autograd
from .autograd import LeftOut, enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .tensor import Tensor, tensor
from . import methods as _methods
from .creation import (arange, as_tensor, from_numpy, empty, empty_like, eye, full, full_like, linspace, ones,
    ones_like, zeros, zeros_like)
from .ops.elementwise import (abs, acos, acosh, add, addcdiv, addcmul, allclose, asin, asinh, atan, atan2, atanh,
    bitwise_and, bitwise_not, bitwise_or, bitwise_xor, ceil, clamp, clamp_max, clamp_min, copysign, cos, cosh, deg2rad,
    div, eq, equal, erf, exp, exp2, expm1, floor, floor_divide, fmax, fmin, fmod, frac, ge, gt, heaviside, hypot,
    isclose, isfinite, isinf, isnan, isneginf, isposinf, le, lerp, log, log10, log1p, log2, logaddexp, logaddexp2,
    logical_and, logical_not, logical_or, logical_xor, logit, lt, masked_fill, maximum, minimum, mul, nan_to_num, ne,
    neg, positive, pow, rad2deg, reciprocal, remainder, round, rsqrt, rsub, sgn, sigmoid, sign, signbit, sin, sinc,
    sinh, sqrt, square, sub, tan, tanh, true_divide, trunc, where, xlogy)
from .ops.elementwise import (abs as absolute, acos as arccos, asin as arcsin, atan as arctan, clamp as clip,
    div as divide, mul as multiply, neg as negative, sub as subtract)
from .ops.shape import (atleast_1d, atleast_2d, broadcast_shapes, broadcast_tensors, broadcast_to, cat, chunk, clone,
    diag, diag_embed, flatten, flip, hstack, meshgrid, movedim, narrow, permute, ravel, reshape, roll, select, split,
    split_with_sizes, squeeze, stack, t, transpose, tril, triu, unbind, unflatten, unsqueeze, vstack)
from .ops.shape import cat as concat, cat as concatenate, movedim as moveaxis, transpose as swapaxes
from .ops.reduce import (all, amax, amin, any, argmax, argmin, argsort, count_nonzero, cumprod, cumsum, log_softmax,
    logsumexp, max, mean, median, min, norm, prod, softmax, sort, std, sum, topk, unique, var, var_mean)
from .ops.linalg import (addmm, baddbmm, bmm, dot, einsum, inv as inverse, matmul, mm, mv, outer, trace)
from .ops.index import (argwhere, gather, index_add, index_copy, index_fill, index_select, masked_select, nonzero,
    repeat_interleave, scatter, scatter_add)
from .ops.random import (Generator, bernoulli, default_generator, get_rng_state, initial_seed, manual_seed, multinomial,
    normal, rand, rand_like, randint, randn, randn_like, randperm, seed, set_rng_state)
from .graph import graph
from . import linalg, nn, optim
from .nn.functional import (batch_norm, celu, conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d,
    cosine_similarity, dropout, embedding, group_norm, layer_norm, pixel_shuffle, prelu, relu, selu)
# fmt: on

from math import e, inf, nan, pi


def is_tensor(value):
    return isinstance(value, Tensor)


def __getattr__(name):
    raise LeftOut(f"glass.{name} is left out of the glass engine; use engine='torch'")
