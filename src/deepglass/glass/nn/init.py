"""Initialisers: what the weights are before the first step. All fill a tensor in place and return it.

The rule behind most of them: a layer should not change the variance of a signal, forward or backward.
Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html (here xavier); He et al. (2015),
https://arxiv.org/abs/1502.01852 (here kaiming); Saxe et al. (2013), https://arxiv.org/abs/1312.6120 (orthogonal).
"""

import math
from statistics import NormalDist

import numpy as np

from ..autograd import no_grad
from ..left_out import left_out


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """U(-b, b) with b = gain·√(3 / fan): for layers followed by a ReLU or one of its kind.

    Args:
        tensor: Weight (out, in, …) to fill.
        a: Slope of the leaky ReLU behind the layer.
        mode: "fan_in" keeps the variance forward, "fan_out" backward.
        nonlinearity: Name for `calculate_gain`.
        generator: Source of random numbers.

    Raises:
        ValueError: If the tensor has fewer than two dimensions, or a name is unknown.
    """
    bound = math.sqrt(3) * calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """N(0, gain² / fan).

    Raises:
        ValueError: As `kaiming_uniform_`.
    """
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode)), generator)


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """U(-b, b) with b = gain·√(6 / (fan_in + fan_out)): the middle between forward and backward.

    Raises:
        ValueError: If the tensor has fewer than two dimensions.
    """
    bound = gain * math.sqrt(6 / sum(_fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """N(0, gain²·2 / (fan_in + fan_out)).

    Raises:
        ValueError: If the tensor has fewer than two dimensions.
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(_fans(tensor))), generator)


def by_fan_in_(weight, bias=None):
    """U(-1/√fan_in, 1/√fan_in) for both, as Linear and Conv begin; for the weights that is He's rule with a = √5.

    Raises:
        ValueError: If the weight has fewer than two dimensions.
    """
    kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        bound = 1 / math.sqrt(max(_fans(weight)[0], 1))
        uniform_(bias, -bound, bound)


def calculate_gain(nonlinearity, param=None):
    """By how much an activation shrinks a signal, to be made good by the weights before it.

    Raises:
        ValueError: If the name is unknown.
    """
    gains = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
    if nonlinearity in gains:
        return gains[nonlinearity]
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity in ("linear", "sigmoid") or nonlinearity.startswith("conv"):
        return 1
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


@no_grad()
def uniform_(tensor, a=0.0, b=1.0, generator=None):
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor, mean=0.0, std=1.0, generator=None):
    return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """N(mean, std²) inside [a, b]: what falls outside is drawn again."""
    width = NormalDist(mean, std).cdf(b) - NormalDist(mean, std).cdf(a)
    if width < 0.3:  # PyTorch's limit
        raise NotImplementedError(f"trunc_normal_: bounds that keep {width:.0%} are left out of the glass engine")
    values = normal_(tensor, mean, std, generator).array
    while (outside := (values < a) | (values > b)).any():
        values[outside] = normal_(tensor.detach().clone(), mean, std, generator).array[outside]
    return tensor


@no_grad()
def constant_(tensor, val):
    return tensor.fill_(val)


def ones_(tensor):
    return constant_(tensor, 1.0)


def zeros_(tensor):
    return constant_(tensor, 0.0)


def orthogonal_(tensor, gain=1, generator=None):
    """Orthonormal rows or columns, the Q of a normal matrix's QR: lengths and angles stay as they were.

    Raises:
        ValueError: If the tensor has fewer than two dimensions.
    """
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    flat = normal_(tensor, generator=generator).array.reshape(tensor.shape[0], -1)
    is_wide = flat.shape[0] < flat.shape[1]
    q, r = np.linalg.qr(flat.T if is_wide else flat)
    q = q * np.sign(np.diag(r))  # makes the distribution uniform (Mezzadri 2006, arxiv math-ph/0609050)
    tensor.array[...] = gain * (q.T if is_wide else q).reshape(tensor.shape)
    return tensor


def _fans(tensor):
    """Inputs that one output sees, and outputs that one input reaches, for a weight (out, in, …)."""
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    places = math.prod(tensor.shape[2:])
    return tensor.shape[1] * places, tensor.shape[0] * places


def _fan(tensor, mode):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _fans(tensor)[mode == "fan_out"]


__getattr__ = left_out("glass.nn.init")
