"""Dropout: while training, units fall silent at random; the others grow by 1/(1 − p), so that the mean stays.

Srivastava et al. (2014), https://jmlr.org/papers/v15/srivastava14a.html
"""

import math

import numpy as np

from ...op import op
from ...ops.random import default_generator
from .activation import ALPHA, SCALE


def kept(shape, p, kind):
    """A mask of ones, with zeros where units are silent: each with probability p."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    return (default_generator.uniform(math.prod(shape), np.float32).reshape(shape) >= p).astype(kind)


@op
def _scaled(x, factor, shift):
    return x * factor + shift if shift is not None else x * factor, lambda g: g * factor


def _silence(input, shape, p, training, inplace, low=None):
    """Zeros, or for alpha dropout the value `low`, where the mask of this shape says so."""
    x = input.array
    mask = kept(shape, p, x.dtype)
    if not training or p == 0:
        return input
    rate = x.dtype.type(1 / (1 - p) if p < 1 else 0)
    factor, shift = mask * rate, None
    if low is not None and p < 1:  # a·(x·mask + low·(1 − mask)) + b, mean 0 and variance 1 as before
        a = x.dtype.type(((1 - p) * (1 + p * low * low)) ** -0.5)
        factor, shift = mask * a, ((1 - p) - mask) * x.dtype.type(low) * a
    y = _scaled(input, factor, shift)
    return input.overwrite(y) if inplace else y


def dropout(input, p=0.5, training=True, inplace=False):
    """Each element is 0 with probability p."""
    return _silence(input, input.array.shape, p, training, inplace)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """Each channel of (B, C, L) is 0 as a whole with probability p."""
    return _silence(input, (*input.array.shape[:-1], 1), p, training, inplace)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Each channel of (B, C, H, W) is 0 as a whole with probability p."""
    return _silence(input, (*input.array.shape[:-2], 1, 1), p, training, inplace)


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout that keeps mean and variance for SELU networks (Klambauer et al., 2017)."""
    return _silence(input, input.array.shape, p, training, inplace, -ALPHA * SCALE)
