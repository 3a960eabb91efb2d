"""Normalisation: zero mean and unit variance over the batch, a layer, or a group of channels.

One operation does the work: over which axes, is the only difference between them.
    y = (x − μ)/σ·w + b     ∂x = w/σ·(g − mean(g) − x̂·mean(g·x̂)), with x̂ = (x − μ)/σ
Batch: Ioffe and Szegedy (2015), https://arxiv.org/abs/1502.03167. Layer: Ba et al. (2016),
https://arxiv.org/abs/1607.06450. Group: Wu and He (2018), https://arxiv.org/abs/1803.08494. RMS: Zhang and Sennrich
(2019), https://arxiv.org/abs/1910.07467.
"""

import numpy as np

from ...op import op, share
from ...ops.elementwise import add, mul
from ...ops.reduce import count


@op
def _standardise(x, weight, bias, axes, eps, mean=None, var=None, centred=True):
    """(x − μ)/σ·w + b, with μ and σ over `axes`, or given; μ = 0 if not centred; w and b broadcast."""
    n = count(x, axes)
    shift = x.sum(axes, keepdims=True) / n if mean is None and centred else mean
    hat = x - shift if shift is not None else x.copy()
    rate = 1 / np.sqrt((np.square(hat).sum(axes, keepdims=True) / n if var is None else var) + x.dtype.type(eps))
    hat *= rate
    y = hat if weight is None else hat * weight
    y = y if bias is None else y + bias

    def backward(g):
        d = g if weight is None else g * weight
        dx = d * rate
        if var is None:
            dx -= hat * ((d * hat).sum(axes, keepdims=True) * (rate / n))
        if var is None and centred:
            dx -= d.sum(axes, keepdims=True) * (rate / n)
        return dx, _summed(g * hat, weight) if weight is not None else None, _summed(g, bias)

    return y, *share(backward, 3)


def _summed(g, parameter):
    """∂w = Σ g·x̂ and ∂b = Σ g over the axes along which they are repeated."""
    if parameter is None:
        return None
    axes = tuple(i for i, n in enumerate(parameter.shape) if n == 1 and g.shape[i] != 1)
    return g.sum(axes, keepdims=True) if axes else g.copy()


def _channel(tensor, ndim):
    """A parameter of one number a channel, shaped to meet (B, C, …)."""
    return None if tensor is None else tensor.reshape(1, -1, *[1] * (ndim - 2))


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """Each channel over the batch while training, with running statistics otherwise.

    Raises:
        ValueError: If there is only one value in each channel while training.
    """
    x, ndim = input.array, input.array.ndim
    if ndim < 2 or not x.size:
        raise NotImplementedError(f"batch_norm of shape {list(x.shape)} is left out of the glass engine: (B, C, …)")
    for name, one in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
        if one is not None and one.array.size != x.shape[1]:
            raise RuntimeError(f"batch_norm: {name} should contain {x.shape[1]} elements not {one.array.size}")
    axes, n = (0, *range(2, ndim)), x.size // x.shape[1]
    w, b = _channel(weight, ndim), _channel(bias, ndim)
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("batch_norm: Expected running_mean and running_var to be defined when training=False")
        return _standardise(input, w, b, axes, eps, *(_channel(s.array, ndim) for s in (running_mean, running_var)))
    if n == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(x.shape)}")
    for running, now in ((running_mean, lambda: x.mean(axes)), (running_var, lambda: x.var(axes, ddof=1))):
        if running is not None:
            running.array[...] += momentum * (now() - running.array)
    return _standardise(input, w, b, axes, eps)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """Each example over groups of channels."""
    B, C, *inner = input.array.shape
    if C % num_groups:
        raise RuntimeError(f"group_norm: Expected number of channels in input to be divisible by {num_groups}, got {C}")
    y = _standardise(
        input.reshape(B, num_groups, C // num_groups, *inner), None, None, tuple(range(2, 3 + len(inner))), eps
    )
    y = y.reshape(B, C, *inner)
    y = y if weight is None else mul(y, _channel(weight, input.array.ndim))
    return y if bias is None else add(y, _channel(bias, input.array.ndim))


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Each example over its last dimensions."""
    return _standardise(input, weight, bias, _last("layer_norm", input, normalized_shape), eps)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """x / √(mean x² + ε) over the last dimensions; the mean is not taken out."""
    eps = np.finfo(input.array.dtype).eps if eps is None else eps
    return _standardise(input, weight, None, _last("rms_norm", input, normalized_shape), eps, centred=False)


def _last(name, input, normalized_shape):
    shape = tuple(normalized_shape)
    if input.array.shape[-len(shape) :] != shape:
        raise RuntimeError(
            f"{name}: Given normalized_shape={list(shape)}, expected input with shape {['*', *shape]}, got input of "
            f"size {list(input.shape)}"
        )
    return tuple(range(input.array.ndim - len(shape), input.array.ndim))
