"""Dropout: while training, units fall silent at random; the others grow by 1/(1 − p), so that the mean stays.

Srivastava et al. (2014), https://jmlr.org/papers/v15/srivastava14a.html
"""

import math

import numpy as np

from ...ops.elementwise import mul
from ...ops.random import default_generator
from ...tensor import wrap


def dropout(input, p=0.5, training=True, inplace=False):
    """Each element is 0 with probability p."""
    return _silence(input, input.array.shape, p, training, inplace)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Each channel of (B, C, H, W) is 0 as a whole with probability p."""
    return _silence(input, (*input.array.shape[:-2], 1, 1), p, training, inplace)


def _silence(input, shape, p, training, inplace):
    mask = kept(shape, p, input.array.dtype) if training else None
    if mask is None or p == 0 or not mask.size:
        return input
    y = mul(input, wrap(mask))
    return input.overwrite(y) if inplace else y


def kept(shape, p, kind):
    """A mask of 0, each with probability p, and 1/(1 − p).

    Raises:
        ValueError: If p is not between 0 and 1.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    stays = default_generator.uniform(math.prod(shape), np.float32).reshape(shape) >= p
    return stays * kind.type(1 / (1 - p) if p < 1 else 0)
