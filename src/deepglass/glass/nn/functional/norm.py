"""Normalisation: zero mean and unit variance over the batch, a layer, a group of channels, or one map of one example.

One operation does the work: over which axes, is the only difference between them.
    y = (x − μ)/σ·w + b     ∂x = w/σ·(g − mean(g) − x̂·mean(g·x̂)), with x̂ = (x − μ)/σ
Batch: Ioffe and Szegedy (2015), https://arxiv.org/abs/1502.03167. Layer: Ba et al. (2016),
https://arxiv.org/abs/1607.06450. Group: Wu and He (2018), https://arxiv.org/abs/1803.08494. Instance: Ulyanov
et al. (2016), https://arxiv.org/abs/1607.08022. RMS: Zhang and Sennrich (2019), https://arxiv.org/abs/1910.07467.
"""

import math

import numpy as np

from ...autograd import mode
from ...op import op, require, share
from ...ops.elementwise import add, mul, rsqrt, square
from ...ops.reduce import count, mean


@op(kinds="f", saves=4, lays="image")
def _standardise(x, weight, mean, var, bias, axes, eps):
    """(x − μ)/σ·w + b, with μ and σ over `axes`, or given; w and b broadcast."""
    n = count(x, axes)
    hat = x - (x.sum(axes, keepdims=True) / n if mean is None else mean)
    rate = 1 / np.sqrt((np.square(hat).sum(axes, keepdims=True) / n if var is None else var) + x.dtype.type(eps))
    hat *= rate
    y = hat.copy() if weight is None else hat * weight
    y = y if bias is None else y + bias

    def backward(g):
        d = g if weight is None else g * weight
        dx = d * rate
        if var is None:
            dx -= hat * ((d * hat).sum(axes, keepdims=True) * (rate / n))
            dx -= d.sum(axes, keepdims=True) * (rate / n)
        return dx, g * hat, None, None, g

    return y, *share(backward, 5)


def _channel(tensor, ndim):
    """A parameter of one number per channel, shaped to meet (B, C, …)."""
    return None if tensor is None else tensor.reshape(1, -1, *[1] * (ndim - 2))


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """Each channel over the batch while training, with running statistics otherwise.

    Raises:
        ValueError: If there is only one value in each channel while training.
        RuntimeError: If a statistic, weight or bias does not fit the channels, or statistics are missing when they are
            needed.
    """
    x, ndim = input.array, input.array.ndim
    if ndim < 2 or not x.size:
        raise NotImplementedError(f"batch_norm of shape {list(x.shape)} is left out of the glass engine: (B, C, …)")
    for name, one in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
        if one is not None:
            require("batch_norm", "f", x, one.array)
        if one is not None and one.array.size != x.shape[1]:
            raise RuntimeError(f"batch_norm: {name} should contain {x.shape[1]} elements not {one.array.size}")
        if one is not None and one.requires_grad and name.startswith("running") and mode.enabled:
            raise RuntimeError(f"batch_norm is not differentiable with respect to {name}: expected no requires_grad")
    if (running_mean is None) != (running_var is None):
        raise ValueError("batch_norm: expected running_mean and running_var, or neither, got one of them")
    axes, n = (0, *range(2, ndim)), x.size // x.shape[1]
    w, b = _channel(weight, ndim), _channel(bias, ndim)
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("batch_norm: Expected running_mean and running_var to be defined when training=False")
        return _standardise(input, w, _channel(running_mean, ndim), _channel(running_var, ndim), b, axes, eps)
    if n == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(x.shape)}")
    for running, now in ((running_mean, lambda: x.mean(axes)), (running_var, lambda: x.var(axes, ddof=1))):
        if running is not None:
            running.array[...] += momentum * (now() - running.array)
    return _standardise(input, w, None, None, b, axes, eps)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """Each example over groups of channels.

    Raises:
        RuntimeError: If the channels are not divisible by the groups.
        ValueError: If there is only one value in each group.
    """
    if input.array.ndim < 2 or num_groups < 1:
        raise RuntimeError(f"group_norm: expected (B, C, …) and groups from 1, got {list(input.shape)}, {num_groups}")
    B, C, *inner = input.array.shape
    if C % num_groups:
        raise RuntimeError(f"group_norm: Expected number of channels in input to be divisible by {num_groups}, got {C}")
    if B * C // num_groups * math.prod(inner) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(input.shape)}")
    for one in (weight, bias):
        _check_parameter("group_norm", input, one, (C,))
    grouped = num_groups, C // num_groups
    w, b = (None if one is None else one.reshape(1, *grouped, *[1] * len(inner)) for one in (weight, bias))
    y = _standardise(input.reshape(B, *grouped, *inner), w, None, None, b, tuple(range(2, 3 + len(inner))), eps)
    return y.reshape(B, C, *inner)


def instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    """Each channel of each example over its places: group norm with a group per channel. Left out: running statistics.

    Raises:
        NotImplementedError: If running statistics are given or asked for.
        RuntimeError: If weight or bias do not fit the channels.
        ValueError: If there is only one value in each channel.
    """
    if running_mean is not None or running_var is not None or not use_input_stats:
        raise NotImplementedError("instance_norm: running statistics are left out of the glass engine")
    if math.prod(input.array.shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 spatial element when training, got input size torch.Size({list(input.shape)})"
        )
    return group_norm(input, input.array.shape[1], weight, bias, eps)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Each example over its last dimensions.

    Raises:
        RuntimeError: If the input does not end in `normalized_shape`.
    """
    axes = _last("layer_norm", input, normalized_shape, weight, bias)
    return _standardise(input, weight, None, None, bias, axes, eps)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """x / √(mean x² + ε) over the last dimensions; the mean is not taken out.

    Raises:
        RuntimeError: If the input does not end in `normalized_shape`.
    """
    axes = _last("rms_norm", input, normalized_shape, weight)
    eps = np.finfo(input.array.dtype).eps if eps is None else eps
    y = mul(input, rsqrt(add(mean(square(input), axes, True), float(eps))))
    return y if weight is None else mul(y, weight)


def _check_parameter(name, input, parameter, shape):
    require(name, "f", input.array, *([] if parameter is None else [parameter.array]))
    if parameter is not None and parameter.array.shape != shape:
        raise RuntimeError(f"{name}: Expected weight and bias of shape {list(shape)}, got {list(parameter.shape)}")


def _last(name, input, normalized_shape, *parameters):
    """The axes of the last dimensions, which must be the given ones."""
    shape = tuple(normalized_shape)
    for one in (None, *parameters):
        _check_parameter(name, input, one, shape)
    if not shape or input.array.shape[-len(shape) :] != shape:
        raise RuntimeError(
            f"{name}: Given normalized_shape={list(shape)}, expected input with shape {['*', *shape]}, got input of "
            f"size {list(input.shape)}"
        )
    return tuple(range(input.array.ndim - len(shape), input.array.ndim))
