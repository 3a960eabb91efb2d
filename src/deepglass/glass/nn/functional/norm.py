"""Normalisation: zero mean and unit variance over the batch, a layer, a group of channels, or one channel.

One operation does the work: over which axes, is the only difference between them.
    y = (x − μ)/σ·w + b     ∂x = w/σ·(g − mean(g) − x̂·mean(g·x̂)), with x̂ = (x − μ)/σ
Batch: Ioffe and Szegedy (2015), https://arxiv.org/abs/1502.03167. Layer: Ba et al. (2016),
https://arxiv.org/abs/1607.06450. Group: Wu and He (2018), https://arxiv.org/abs/1803.08494. RMS: Zhang and Sennrich
(2019), https://arxiv.org/abs/1910.07467.
"""

import math

import numpy as np

from ...op import op, share
from ...ops.elementwise import add, mul
from .pool import avg_pool2d
from .resize import pad


def _affine_gradients(g, hat, weight, bias):
    """∂w = Σ g·x̂ and ∂b = Σ g over the axes along which they are repeated."""
    sides = []
    for parameter, product in ((weight, lambda: g * hat), (bias, lambda: g)):
        if parameter is None:
            sides.append(None)
            continue
        axes = tuple(i for i, n in enumerate(parameter.shape) if n == 1 and g.shape[i] != 1)
        sides.append(product().sum(axes, keepdims=True) if axes else product().copy())
    return sides


@op
def _standardise(x, weight, bias, axes, eps):
    """(x − μ)/σ·w + b, with μ and σ over `axes`; w and b broadcast."""
    n = x.dtype.type(math.prod(x.shape[i] for i in axes))
    hat = x - x.sum(axes, keepdims=True) / n
    rate = 1 / np.sqrt(np.square(hat).sum(axes, keepdims=True) / n + x.dtype.type(eps))
    hat *= rate
    y = hat if weight is None else hat * weight
    y = y if bias is None else y + bias

    def backward(g):
        d = g if weight is None else g * weight
        dx = d - d.sum(axes, keepdims=True) / n
        dx -= hat * ((d * hat).sum(axes, keepdims=True) / n)
        dx *= rate
        return dx, *_affine_gradients(g, hat, weight, bias)

    return y, *share(backward, 3)


@op
def _with_given(x, weight, bias, mean, var, eps):
    """(x − μ)/σ·w + b, with μ and σ given."""
    rate = 1 / np.sqrt(var + x.dtype.type(eps))
    hat = (x - mean) * rate
    y = hat if weight is None else hat * weight
    y = y if bias is None else y + bias

    def backward(g):
        return (g * rate if weight is None else g * (weight * rate)), *_affine_gradients(g, hat, weight, bias)

    return y, *share(backward, 3)


def _channel(tensor, ndim):
    """A parameter of one number a channel, shaped to meet (B, C, …)."""
    return None if tensor is None else tensor.reshape(1, -1, *[1] * (ndim - 2))


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """Each channel over the batch while training, with running statistics otherwise.

    Raises:
        ValueError: If there is only one value in each channel while training.
    """
    x, ndim = input.array, input.array.ndim
    if not x.size:
        return input.clone()
    if ndim < 2:
        raise ValueError(f"batch_norm: expected at least 2 dimensions (B, C, …), got {list(x.shape)}")
    for name, one in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
        if one is not None and one.array.size != x.shape[1]:
            raise RuntimeError(f"batch_norm: {name} should contain {x.shape[1]} elements not {one.array.size}")
    axes, n = (0, *range(2, ndim)), x.size // max(x.shape[1], 1)
    w, b = _channel(weight, ndim), _channel(bias, ndim)
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("batch_norm: Expected running_mean and running_var to be defined when training=False")
        mean, var = (_channel(s.detach(), ndim).array.astype(x.dtype, copy=False) for s in (running_mean, running_var))
        return _with_given(input, w, b, mean, var, eps)
    if n == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(x.shape)}")
    if running_mean is not None:
        mean = x.mean(axes)
        running_mean.array[...] += momentum * (mean - running_mean.array)
    if running_var is not None:
        var = x.var(axes) * (n / (n - 1))
        running_var.array[...] += momentum * (var - running_var.array)
    return _standardise(input, w, b, axes, eps)


def instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    """Each channel of each example by itself."""
    x, ndim = input.array, input.array.ndim
    axes = tuple(range(2, ndim))
    w, b = _channel(weight, ndim), _channel(bias, ndim)
    if not use_input_stats:
        mean, var = (_channel(s.detach(), ndim).array for s in (running_mean, running_var))
        return _with_given(input, w, b, mean, var, eps)
    n = math.prod(x.shape[2:])
    if n == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {list(x.shape)}")
    if running_mean is not None:
        running_mean.array[...] += momentum * (x.mean(axes).mean(0) - running_mean.array)
    if running_var is not None:
        running_var.array[...] += momentum * (x.var(axes, ddof=1).mean(0) - running_var.array)
    return _standardise(input, w, b, axes, eps)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Each example over its last dimensions."""
    return _standardise(input, weight, bias, _last("layer_norm", input, normalized_shape), eps)


def _last(name, input, normalized_shape):
    shape = tuple(normalized_shape)
    if input.array.shape[-len(shape) :] != shape:
        raise RuntimeError(
            f"{name}: Given normalized_shape={list(shape)}, expected input with shape {['*', *shape]}, got input of "
            f"size {list(input.array.shape)}"
        )
    return tuple(range(input.array.ndim - len(shape), input.array.ndim))


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """Each example over groups of channels."""
    B, C, *inner = input.array.shape
    if C % num_groups:
        raise RuntimeError(f"group_norm: Expected number of channels in input to be divisible by {num_groups}, got {C}")
    x = input.reshape(B, num_groups, -1) if input.array.size else input.reshape(B, num_groups, 0)
    y = _standardise(x, None, None, (2,), eps).reshape(B, C, *inner)
    y = y if weight is None else mul(y, _channel(weight, input.array.ndim))
    return y if bias is None else add(y, _channel(bias, input.array.ndim))


@op
def _rms(x, weight, axes, eps):
    n = x.dtype.type(math.prod(x.shape[i] for i in axes))
    rate = 1 / np.sqrt(np.square(x).sum(axes, keepdims=True) / n + x.dtype.type(eps))
    hat = x * rate
    y = hat if weight is None else hat * weight

    def backward(g):  # ∂x = (d − x̂·mean(d·x̂))/rms, with d = g·w
        d = g if weight is None else g * weight
        dx = (d - hat * ((d * hat).sum(axes, keepdims=True) / n)) * rate
        return dx, (g * hat if weight is not None else None)

    return y, *share(backward, 2)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """x / √(mean x² + ε) over the last dimensions; the mean is not taken out."""
    eps = np.finfo(input.array.dtype).eps if eps is None else eps
    return _rms(input, weight, _last("rms_norm", input, normalized_shape), float(eps))


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """x / (k + α·mean of x² over neighbouring channels)^β (Krizhevsky et al., 2012)."""
    if input.array.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {input.array.ndim} dimensions)")
    if not input.array.size:
        return input
    B, C, *inner = input.array.shape
    frame = (size // 2, (size - 1) // 2)
    square = mul(input, input).reshape(B, 1, C, -1)
    mean = avg_pool2d(pad(square, (0, 0, *frame)), (size, 1), stride=1).reshape(B, C, *inner)
    return input / (mean * alpha + k) ** beta
