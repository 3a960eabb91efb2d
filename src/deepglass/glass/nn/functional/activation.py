"""Activations: what a unit says, given the sum of what it hears. One a line: value, then ∂x."""

import numpy as np

from ...op import op
from ...ops.elementwise import TINY, mul, sigmoid, tanh, unary
from ...ops.reduce import log_softmax, softmax, softmin
from ...ops.special import erf_values

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. (2017), Self-Normalizing Neural Networks

__all__ = ["log_softmax", "sigmoid", "softmax", "softmin", "tanh"]  # and all that follow


def _logistic(x):
    return 1 / (1 + np.exp(-np.maximum(x, TINY[x.itemsize])))


def _activation(name, value, vjp):
    """An activation without settings; `inplace` writes into the input."""
    function = unary(name, value, vjp)

    def activation(input, inplace=False):
        return _maybe_in_place(inplace, function, input)

    activation.__name__, activation.__doc__ = name, f"Elementwise {name}; see the table in nn/functional/activation.py."
    return activation


# fmt: off
relu = _activation("relu", lambda x: np.maximum(x, 0), lambda g, y: g * (y > 0))                     # max(x, 0)
relu6 = _activation("relu6", lambda x: np.clip(x, 0, 6), lambda g, x: g * ((x > 0) & (x < 6)))       # min(max(x, 0), 6)
softsign = unary("softsign", lambda x: x / (1 + np.abs(x)), lambda g, x: g / np.square(1 + np.abs(x)))
tanhshrink = unary("tanhshrink", lambda x: x - np.tanh(x), lambda g, x: g * np.square(np.tanh(x)))   # x − tanh x
logsigmoid = unary("logsigmoid", lambda x: -np.logaddexp(0, -x).astype(x.dtype),
                   lambda g, x: g * _logistic(-x))                                                   # ln σ(x)
hardsigmoid = _activation("hardsigmoid", lambda x: np.clip(x / 6 + 0.5, 0, 1).astype(x.dtype),
                          lambda g, x: g * ((x > -3) & (x < 3)) / 6)
hardswish = _activation("hardswish", lambda x: x * np.clip(x + 3, 0, 6) / 6,
                        lambda g, x: g * np.where(x < -3, 0, np.where(x > 3, 1, x / 3 + 0.5)))
# fmt: on


@op
def _silu(x):
    s = _logistic(x)
    return x * s, lambda g: g * (s * (1 + x * (1 - s)))  # y = x·σ(x)   ∂x = g·σ·(1 + x·(1 − σ))


@op
def _mish(x):
    t = np.tanh(np.logaddexp(0, x))
    return x * t, lambda g: g * (t + x * (1 - t * t) * _logistic(x))  # y = x·tanh(ln(1 + eˣ))


@op
def _gelu(x, approximate):
    if approximate == "tanh":  # y = ½x·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³)
        c = float(np.sqrt(2 / np.pi))
        t = np.tanh(c * (x + 0.044715 * (x * x * x)))
        return 0.5 * x * (1 + t), lambda g: g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x))
    phi = erf_values(x * float(np.sqrt(0.5)))
    phi += 1
    phi *= 0.5
    c = float(1 / np.sqrt(2 * np.pi))
    return x * phi, lambda g: g * (phi + x * np.exp(-0.5 * x * x) * c)  # y = x·Φ(x)   ∂x = g·(Φ + x·φ)


def gelu(input, approximate="none"):
    """x·Φ(x), with Φ the normal distribution (Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415)."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"approximate argument must be either none or tanh, got {approximate!r}")
    return _gelu(input, approximate)


def _maybe_in_place(inplace, function, input, *settings):
    return input.change(function, *settings) if inplace else function(input, *settings)


def silu(input, inplace=False):
    return _maybe_in_place(inplace, _silu, input)


def mish(input, inplace=False):
    return _maybe_in_place(inplace, _mish, input)


@op
def _leaky(x, slope):
    return np.where(x > 0, x, x * slope), lambda g: np.where(x > 0, g, g * slope)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x where positive, slope·x elsewhere."""
    return _maybe_in_place(inplace, _leaky, input, negative_slope)


@op
def _prelu(x, weight):
    return (
        np.where(x > 0, x, x * weight),
        lambda g: np.where(x > 0, g, g * weight),
        lambda g: np.where(x > 0, 0, g * x),
    )


def prelu(input, weight):
    """Leaky ReLU with a learned slope, one for all or one for each channel."""
    size, channels = weight.array.size, input.array.shape[1] if input.array.ndim > 1 else 1
    if weight.array.ndim > 1 or size not in (1, channels):
        raise RuntimeError(f"prelu: expected one slope or one for each of {channels} channels, got {size}")
    shape = (1, -1) + (1,) * (input.array.ndim - 2) if input.array.ndim > 1 else (-1,) * min(input.array.ndim, 1)
    return _prelu(input, weight.reshape(shape))


@op
def _elu(x, alpha, scale, rate):
    e = np.exp(np.minimum(x, 0) * rate)
    return (
        np.where(x > 0, x * scale, (e - 1) * (alpha * scale)),
        lambda g: g * np.where(x > 0, scale, e * (alpha * scale * rate)).astype(x.dtype),
    )


def elu(input, alpha=1.0, inplace=False):
    """x where positive, α·(eˣ − 1) elsewhere."""
    return _maybe_in_place(inplace, _elu, input, alpha, 1.0, 1.0)


def selu(input, inplace=False):
    return _maybe_in_place(inplace, _elu, input, ALPHA, SCALE, 1.0)


def celu(input, alpha=1.0, inplace=False):
    return _maybe_in_place(inplace, _elu, input, alpha, 1.0, 1.0 / alpha)


@op
def _softplus(x, beta, threshold):
    bx = x * beta
    return (
        np.where(bx > threshold, x, np.logaddexp(0, bx).astype(x.dtype) / beta),
        lambda g: g * np.where(bx > threshold, 1, _logistic(bx)),  # ∂x = g·σ(βx)
    )


def softplus(input, beta=1.0, threshold=20.0):
    """ln(1 + e^βx) / β"""
    return _softplus(input, beta, threshold)


@op
def _between(x, low, high):
    return np.clip(x, low, high), lambda g: g * ((x > low) & (x < high))


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """x within the bounds, the bound outside."""
    return _maybe_in_place(inplace, _between, input, min_val, max_val)


@op
def _threshold(x, threshold, value):
    return np.where(x <= threshold, x.dtype.type(value), x), lambda g: g * (x > threshold)


def threshold(input, threshold, value, inplace=False):
    return _maybe_in_place(inplace, _threshold, input, threshold, value)


@op
def hardshrink(input, lambd=0.5):
    """x outside [−λ, λ], 0 within."""
    kept = ~((input >= -lambd) & (input <= lambd))
    return np.where(kept, input, 0), lambda g: g * kept


@op
def softshrink(input, lambd=0.5):
    """x brought nearer to 0 by λ."""
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}")
    return np.sign(input) * np.maximum(np.abs(input) - lambd, 0), lambda g: g * (np.abs(input) > lambd)


def glu(input, dim=-1):
    """a·σ(b), a and b the two halves of a dimension."""
    if input.array.shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {input.array.shape[dim]}")
    a, b = input.chunk(2, dim)
    return mul(a, sigmoid(b))
