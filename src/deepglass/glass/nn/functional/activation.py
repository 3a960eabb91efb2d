"""Activations: what a unit says, given the sum of what it hears. Value, then ∂x."""

import functools
import inspect

import numpy as np

from ...op import gate, op, require
from ...ops import elementwise
from ...ops.dims import cut_dim
from ...ops.elementwise import NUMBERS, mul, sigmoid, tanh, unary
from ...ops.reduce import log_softmax, softmax
from ...ops.shape import narrow
from ...ops.special import erf_values

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. (2017), Self-Normalizing Neural Networks

__all__ = ["log_softmax", "sigmoid", "softmax", "tanh"]  # and all that follow


def in_place(operation):
    """Adds the last option `inplace`: write the result into the input."""
    n = len(inspect.signature(operation).parameters) - 1

    @functools.wraps(operation)
    def activation(input, *settings, inplace=False, **options):
        if inplace or any(settings[n:]):
            return input.change(operation, *settings[:n], **options)
        return operation(input, *settings[:n], **options)

    return activation


def _logistic(x):
    return 1 / (1 + np.exp(-x))


# fmt: off
relu = in_place(elementwise.relu)                                                                   # max(x, 0)
relu6 = in_place(unary("relu6", lambda x: np.clip(x, 0, 6),
                       lambda g, x: gate(g, ~((x <= 0) | (x >= 6))), False, NUMBERS))               # min(max(x, 0), 6)
logsigmoid = unary("logsigmoid", lambda x: -np.logaddexp(0, -x).astype(x.dtype),
                   lambda g, x: g * _logistic(-x), kinds="f")                                       # ln σ(x)
hardsigmoid = in_place(unary("hardsigmoid", lambda x: np.clip(x / 6 + 0.5, 0, 1),
                             lambda g, x: gate(g / 6, (x > -3) & (x < 3)), kinds="f"))              # ≈ σ
hardswish = in_place(unary("hardswish", lambda x: x * np.clip(x + 3, 0, 6) / 6,
                           lambda g, x: gate(np.where(x < 3, g * (x / 3 + 0.5), g), ~(x <= -3)), kinds="f"))  # ≈ silu
silu = in_place(unary("silu", lambda x: x / (1 + np.exp(-x)),
                      lambda g, x: g * (_logistic(x) * (1 + x * (1 - _logistic(x)))), kinds="f"))   # x·σ(x), or swish
# fmt: on


def softsign(input):
    """x / (1 + |x|)"""
    return elementwise.div(input, elementwise.abs(input) + 1)


def tanhshrink(input):
    """x − tanh x"""
    return elementwise.sub(input, tanh(input))


@in_place
@op(kinds="f")
def mish(input):
    """x·tanh(ln(1 + eˣ))"""
    with np.errstate(all="ignore"):
        t, s = np.tanh(np.log1p(np.exp(input))), _logistic(input)
        return input * t, lambda g: g * (t + input * s * (1 - t * t))


@op(kinds="f")
def gelu(input, approximate="none"):
    """x·Φ(x), with Φ the normal distribution (Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415).

    Raises:
        RuntimeError: If `approximate` is neither 'none' nor 'tanh'.
    """
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"approximate argument must be either none or tanh, got {approximate!r}")
    x, c = input, float(np.sqrt(2 / np.pi))
    if approximate == "tanh":  # y = ½x·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³)
        t = np.tanh(c * (x + 0.044715 * (x * x * x)))
        return 0.5 * x * (1 + t), lambda g: g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x))
    phi = erf_values(x * float(np.sqrt(0.5)))
    phi += 1
    phi *= 0.5
    return x * phi, lambda g: g * (phi + x * np.exp(-0.5 * x * x) * (c / 2))  # ∂x = g·(Φ + x·φ)


@in_place
@op(kinds="f", saves=1)
def leaky_relu(input, negative_slope=0.01):
    """x where positive, slope·x elsewhere."""
    slope = np.where(input > 0, 1, input.dtype.type(negative_slope))
    return input * slope, lambda g: g * slope


@op(kinds="f")
def _prelu(x, weight):
    return (
        np.where(x > 0, x, x * weight),
        lambda g: np.where(x > 0, g, g * weight),
        lambda g: gate(g * x, ~(x > 0)),
    )


def prelu(input, weight):
    """Leaky ReLU with a learned slope, one for all or one for each channel.

    Raises:
        RuntimeError: If there is neither one slope nor one for each channel.
    """
    ndim = input.array.ndim
    channels = input.array.shape[1] if ndim > 1 else 1
    if weight.array.size not in (1, channels):
        raise RuntimeError(f"prelu: expected one slope or one for each of {channels} channels, got {weight.numel()}")
    return _prelu(input, weight.reshape((1, -1) + (1,) * (ndim - 2) if ndim > 1 else (-1,) * ndim))


@op(kinds="f", saves=1)
def _elu(x, alpha, scale, rate):
    """s·x where positive, s·α·(e^(r·x) − 1) elsewhere."""
    e = np.exp(np.minimum(x, 0) * rate)
    slope = alpha * scale * rate
    return np.where(x > 0, x * scale, (e - 1) * (alpha * scale)), lambda g: g * np.where(x <= 0, e * slope, scale)


@in_place
def elu(input, alpha=1.0):
    """x where positive, α·(eˣ − 1) elsewhere."""
    return _elu(input, alpha, 1.0, 1.0)


@in_place
def selu(input):
    """λ·elu(x, α), with constants that keep mean 0 and variance 1."""
    return _elu(input, ALPHA, SCALE, 1.0)


@in_place
def celu(input, alpha=1.0):
    """x where positive, α·(eˣ⁄ᵅ − 1) elsewhere."""
    return _elu(input, alpha, 1.0, 1.0 / alpha)


@op(kinds="f", saves=1)
def softplus(input, beta=1.0, threshold=20.0):
    """ln(1 + e^βx) / β"""
    bx = input * beta
    with np.errstate(all="ignore"):
        slope = _logistic(bx)
    return (
        np.where(bx > threshold, input, np.logaddexp(0, bx).astype(bx.dtype) / beta),
        lambda g: np.where(bx > threshold, g, g * slope),  # ∂x = g·σ(βx)
    )


@in_place
@op(kinds="fi")
def hardtanh(input, min_val=-1.0, max_val=1.0):
    """x within the bounds, the bound outside."""
    low, high = input.dtype.type(min_val), input.dtype.type(max_val)
    return np.clip(input, low, high), lambda g: gate(g, ~((input <= low) | (input >= high)))


def softmin(input, dim, dtype=None):
    """softmax(−x)"""
    return softmax(-input, dim, dtype=dtype)


def glu(input, dim=-1):
    """a·σ(b), a and b the two halves of a dimension.

    Raises:
        RuntimeError: If the dimension has an odd size.
    """
    require("glu", "f", input.array)
    size = input.array.shape[cut_dim("glu", input, dim)]
    if size % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {size}")
    a, b = narrow(input, dim, 0, size // 2), narrow(input, dim, size // 2, size // 2)
    return mul(a, sigmoid(b))
