"""The glass engine: the part of PyTorch that the zoo uses, in NumPy, short enough to read.

It is a book, and this is the way through it (`deepglass read glass` prints the first page):

    tiny                    the whole idea on one page: scalars, a tape, the chain rule, a neuron that learns
    op                      how an operation is written: a value, and beside it what the chain rule needs
    autograd.run_backward   the walk back along the tape
    ops.elementwise         sixty operations, each a line with its derivative
    nn.functional.linear    y = x·Wᵀ + b, what most of a network is
    nn.functional.conv      a convolution as one matrix product
    nn.module               weights that belong together, and their names
    optim.sgd               the step downhill

Beside the way: `dtype` and `layout` (which numbers, and where they lie in memory), `tensor` and `methods` (the object
that users hold), `creation`, `left_out` (the border to PyTorch's older words); `foundations/` and `classic/` are what
comes before networks, each file on its own. Names, argument order, defaults, dtypes and errors are PyTorch's, so that a
model file runs with this package in the place of `torch`. What is left out raises NotImplementedError.
"""

# ruff: noqa: I001, F401
# fmt: off
from math import e, inf, nan, pi

from .dtype import (Size, bool_ as bool, device, double, dtype, finfo, float16, float32, float64, float_ as float,
    get_default_dtype, half, int8, int16, int32, int64, int_ as int, long, short, uint8)
from . import allocator as _allocator, autograd
from .autograd import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .tensor import Tensor, tensor
from . import methods as _methods
from .creation import (arange, as_tensor, from_numpy, empty, empty_like, eye, full, full_like, linspace, ones,
    ones_like, zeros, zeros_like)
from .ops.elementwise import (abs, acos, add, allclose, asin, atan, atan2, bitwise_and, bitwise_not, bitwise_or,
    bitwise_xor, ceil, clamp, clamp_max, clamp_min, cos, cosh, div, eq, equal, erf, exp, expm1, floor, floor_divide,
    ge, gt, heaviside, isfinite, isinf, isnan, le, log, log1p, log2, logical_and, logical_not, logical_or,
    lt, masked_fill, maximum, minimum, mul, ne, neg, pow, reciprocal, remainder, round, rsqrt, rsub, sigmoid, sign,
    sin, sinh, sqrt, square, sub, tan, tanh, true_divide, trunc, where, xlogy)
from .ops.shape import (broadcast_shapes, broadcast_to, cat, chunk, clone, diagonal, flatten, flip, narrow,
    permute, ravel, reshape, select, split, squeeze, stack, t, transpose, tril, triu, unbind, unflatten, unsqueeze)
from .ops.reduce import (all, amax, amin, any, argmax, argmin, argsort, cumsum, log_softmax, logsumexp, max, mean, min,
    norm, softmax, sort, std, sum, topk, var)
from .ops.linalg import addmm, bmm, dot, inv as inverse, matmul, mm, mv, outer, trace
from .ops.index import (gather, index_select, nonzero, repeat_interleave)
from .ops.random import (Generator, default_generator, get_rng_state, initial_seed, manual_seed,
    multinomial, normal, rand, randint, randn, randn_like, randperm, set_rng_state)
from .graph import graph
from . import linalg, nn, optim
from .nn.functional import relu
from .left_out import left_out
# fmt: on

__getattr__ = left_out("glass")


def is_tensor(value):
    return isinstance(value, Tensor)
