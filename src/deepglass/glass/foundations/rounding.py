"""Weights and activations in few bits, and weights that are left out: how a network becomes small.

    round_to(w, 8)        w ≈ scale · q, q a whole number from −127 to 127: symmetric, as weights are stored
    round_range(a, …)     a ≈ scale · (q − zero), q from 0 to 255: an activation's own range, as seen in calibration
    prune(w, 0.7)         the smallest 70 % become zero

Jacob et al. (2018), Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
https://arxiv.org/abs/1712.05877; Han et al. (2015), Learning both Weights and Connections for Efficient Neural
Networks, https://arxiv.org/abs/1506.02626. The same on ONNX graphs: `deploy/shrink/`.
"""

import zlib

import numpy as np


def round_to(weights, bits, axis=None):
    """Whole numbers q and the scale with which weights ≈ scale · q.

    Args:
        weights: An array.
        bits: Of a whole number, 2 to 16: 2^bits − 1 of them are used, so that zero is one and both sides are alike.
        axis: Along which every place has a scale of its own; one scale for all if not given.

    Example:
        >>> round_to(np.array([0.5, -0.2, 0.0]), 3)
        (array([ 3., -1.,  0.]), 0.16666666666666666)
    """
    most = 2 ** (bits - 1) - 1
    others = None if axis is None else tuple(i for i in range(weights.ndim) if i != axis)
    largest = np.abs(weights).max(axis=others, keepdims=axis is not None)
    scale = np.where(largest > 0, largest / most, 1.0)
    return np.rint(weights / scale), scale if axis is not None else float(scale)


def calibrate(activations, bits=8):
    """Scale and zero point for the range that these activations fill, zero always included."""
    low, high = min(0.0, float(activations.min())), max(0.0, float(activations.max()))
    scale = (high - low) / (2**bits - 1) or 1.0
    return scale, round(-low / scale)


def round_range(activations, scale, zero, bits=8):
    """Activations as they come back from whole numbers: what lies outside the range is cut off at its ends."""
    whole = np.clip(np.rint(activations / scale) + zero, 0, 2**bits - 1)
    return scale * (whole - zero)


def prune(weights, share):
    """The same weights, the smallest `share` of them zero."""
    count = int(share * weights.size)
    if not count:
        return weights.copy()
    threshold = np.partition(np.abs(weights).ravel(), count - 1)[count - 1]
    return np.where(np.abs(weights) > threshold, weights, 0)


def packed_bytes(whole, bits):
    """How many bytes whole numbers of so many bits take, written without a gap."""
    return -(-whole.size * bits // 8)


def squeezed_bytes(whole):
    """How many bytes int8 numbers take when a general compressor (zlib) has gone over them: zeros cost little."""
    return len(zlib.compress(whole.astype(np.int8).tobytes(), 9))
