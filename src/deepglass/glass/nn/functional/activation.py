"""Activations: what a unit says, given the sum of what it hears. Value, then ∂x."""

import functools
import inspect

import numpy as np

from ...op import op
from ...ops.elementwise import TINY, mul, sigmoid, tanh, unary
from ...ops.reduce import log_softmax, softmax
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
    return 1 / (1 + np.exp(-np.maximum(x, TINY[x.itemsize])))


# fmt: off
relu = in_place(unary("relu", lambda x: np.maximum(x, 0), lambda g, y: g * (y > 0)))                # max(x, 0)
relu6 = in_place(unary("relu6", lambda x: np.clip(x, 0, 6), lambda g, x: g * ((x > 0) & (x < 6))))  # min(max(x, 0), 6)
softsign = unary("softsign", lambda x: x / (1 + np.abs(x)), lambda g, x: g / np.square(1 + np.abs(x)))
tanhshrink = unary("tanhshrink", lambda x: x - np.tanh(x), lambda g, x: g * np.square(np.tanh(x)))  # x − tanh x
logsigmoid = unary("logsigmoid", lambda x: -np.logaddexp(0, -x).astype(x.dtype),
                   lambda g, x: g * _logistic(-x))                                                  # ln σ(x)
hardsigmoid = in_place(unary("hardsigmoid", lambda x: np.clip(x / 6 + 0.5, 0, 1),
                             lambda g, x: g * ((x > -3) & (x < 3)) / 6))                            # ≈ σ
hardswish = in_place(unary("hardswish", lambda x: x * np.clip(x + 3, 0, 6) / 6,
                           lambda g, x: g * np.where(x < -3, 0, np.where(x > 3, 1, x / 3 + 0.5))))  # x·hardsigmoid(x)
# fmt: on


@in_place
@op
def silu(input):
    """x·σ(x), also called swish."""
    s = _logistic(input)
    return input * s, lambda g: g * (s * (1 + input * (1 - s)))  # ∂x = g·σ·(1 + x·(1 − σ))


@in_place
@op
def mish(input):
    """x·tanh(ln(1 + eˣ))"""
    t = np.tanh(np.logaddexp(0, input))
    return input * t, lambda g: g * (t + input * (1 - t * t) * _logistic(input))


@op
def gelu(input, approximate="none"):
    """x·Φ(x), with Φ the normal distribution (Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415)."""
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
@op
def leaky_relu(input, negative_slope=0.01):
    """x where positive, slope·x elsewhere."""
    slope = np.where(input > 0, 1, input.dtype.type(negative_slope))
    return input * slope, lambda g: g * slope


@op
def _prelu(x, weight):
    return (
        np.where(x > 0, x, x * weight),
        lambda g: np.where(x > 0, g, g * weight),
        lambda g: np.where(x > 0, 0, g * x),
    )


def prelu(input, weight):
    """Leaky ReLU with a learned slope, one for all or one for each channel."""
    ndim = input.array.ndim
    channels = input.array.shape[1] if ndim > 1 else 1
    if weight.array.size not in (1, channels):
        raise RuntimeError(f"prelu: expected one slope or one for each of {channels} channels, got {weight.numel()}")
    return _prelu(input, weight.reshape((1, -1) + (1,) * (ndim - 2) if ndim > 1 else (-1,) * ndim))


@op
def _elu(x, alpha, scale, rate):
    """s·x where positive, s·α·(e^(r·x) − 1) elsewhere."""
    e = np.exp(np.minimum(x, 0) * rate)
    slope = alpha * scale * rate
    return np.where(x > 0, x * scale, (e - 1) * (alpha * scale)), lambda g: g * np.where(x > 0, scale, e * slope)


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


@op
def softplus(input, beta=1.0, threshold=20.0):
    """ln(1 + e^βx) / β"""
    bx = input * beta
    return (
        np.where(bx > threshold, input, np.logaddexp(0, bx).astype(bx.dtype) / beta),
        lambda g: g * np.where(bx > threshold, 1, _logistic(bx)),  # ∂x = g·σ(βx)
    )


@in_place
@op
def hardtanh(input, min_val=-1.0, max_val=1.0):
    """x within the bounds, the bound outside."""
    return np.clip(input, min_val, max_val), lambda g: g * ((input > min_val) & (input < max_val))


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return softmax(-input, dim, dtype=dtype)


def glu(input, dim=-1):
    """a·σ(b), a and b the two halves of a dimension."""
    if input.array.shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {input.array.shape[dim]}")
    a, b = input.chunk(2, dim)
    return mul(a, sigmoid(b))
