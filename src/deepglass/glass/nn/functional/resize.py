"""Sizes of images and signals: padding, interpolation, channels that become pixels.

Interpolation goes along one dimension after the other: each new value is a weighted sum of its two neighbours.
"""

import numpy as np

from ...dtype import fit
from ...left_out import refuse
from ...op import op, require
from ...ops.elementwise import add, mul
from ...ops.index import index_select
from ...ops.shape import owned
from ...tensor import wrap


def each(value, n, least=0):
    """One number for all dimensions, or one for each; every one at least `least`.

    Raises:
        RuntimeError: If there are more or fewer numbers, or one is too small.
    """
    value = tuple(map(int, value)) if isinstance(value, (tuple, list)) else (int(value),) * n
    value = value * n if len(value) == 1 else value
    if len(value) != n or min(value) < least:
        raise RuntimeError(f"expected one number from {least}, or {n} of them, got {value}")
    return value


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """The input (B, C, …) in another size.

    Args:
        size: New sizes of the last dimensions, or
        scale_factor: how many times larger they become.
        mode: 'nearest', 'linear' (one dimension) or 'bilinear' (two).
        align_corners: Whether the outermost values stay at the outermost places.

    Raises:
        ValueError: If neither or both of size and scale_factor are given, or the mode is unknown.
        RuntimeError: If a size of the input or the output is 0.
    """
    refuse("interpolate", antialias=antialias, recompute_scale_factor=recompute_scale_factor)
    require("interpolate", "f", input.array)
    n, old = input.array.ndim - 2, input.array.shape[2:]
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: expected either size or scale_factor, got both or neither")
    if n not in (1, 2) or mode not in ("nearest", ("linear", "bilinear")[n - 1]):
        raise NotImplementedError(f"interpolate: mode={mode!r} for {n} dimension(s) is left out of the glass engine")
    if mode == "nearest" and align_corners is not None:
        raise ValueError("interpolate: align_corners is for the linear modes: expected None for 'nearest'")
    if any(isinstance(value, (tuple, list)) and len(value) != n for value in (size, scale_factor)):
        raise ValueError(f"interpolate: expected one number for each of {n} dimensions, got {size}, {scale_factor}")
    factors = scale_factor if isinstance(scale_factor, (tuple, list)) else [scale_factor] * n
    new = each(size, n, -1) if size is not None else [int(o * f) for o, f in zip(old, factors)]
    if min(*old, *new, input.array.shape[1]) < 1:
        raise RuntimeError(f"interpolate: Input and output sizes should be greater than 0, got {list(old)} and {new}")
    make = _nearest if mode == "nearest" else _aligned if align_corners else _linear
    for dim, (o, m, factor) in enumerate(zip(old, new, factors), 2):
        left, right, w = make(o, m, o / m if factor is None else 1 / factor)
        if m == o:  # nothing between two places
            left, right, w = np.arange(o), np.arange(o), None if w is None else w * 0
        x, input = input, index_select(input, dim, wrap(left))
        if w is not None:  # y = (1 − w)·left neighbour + w·right neighbour
            w = w.astype(x.array.dtype).reshape(-1, *[1] * (n + 1 - dim))
            input = add(mul(input, wrap(1 - w)), mul(index_select(x, dim, wrap(right)), wrap(w)))
    return input


def _nearest(old, new, scale):
    return np.minimum(np.arange(new) * scale, old - 1).astype(int), None, None


def _linear(old, new, scale):
    return _between(old, np.maximum((np.arange(new) + 0.5) * scale - 0.5, 0))


def _aligned(old, new, scale):
    return _between(old, np.linspace(0, old - 1, new))


def _between(old, place):
    left = np.minimum(np.floor(place), old - 1).astype(int)
    return left, np.minimum(left + 1, old - 1), place - left


def pad(input, pad, mode="constant", value=None):
    """A frame around the input; `pad` counts from the last dimension: (left, right, top, bottom, …).

    Raises:
        RuntimeError: If the widths do not fit the dimensions or their sizes, or the mode takes no value.
    """
    shape, pad = input.array.shape, [int(p) for p in pad]
    if len(pad) % 2 or len(pad) > 2 * len(shape):
        raise RuntimeError(f"pad: expected pairs of widths for at most {len(shape)} dimensions, got {len(pad)} numbers")
    widths = [(0, 0)] * (len(shape) - len(pad) // 2) + list(zip(pad[::2], pad[1::2]))[::-1]
    if any(n + a + b < 0 for n, (a, b) in zip(shape, widths)):
        raise RuntimeError(f"pad: The input size {list(shape)} plus {pad} resulted in a negative output size")
    if mode == "constant":
        return _pad_constant(input, widths, 0 if value is None else value)
    if value is not None:
        raise RuntimeError(f"pad: mode {mode!r} takes no value, got {value}")
    kinds = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if mode not in kinds or min(pad) < 0 or len(shape) - len(pad) // 2 not in (1, 2):
        raise NotImplementedError(f"pad: mode={mode!r} with widths {pad} of {list(shape)} is left out of the engine")
    for n, pair in zip(shape, widths):
        if max(pair) > {"reflect": max(n - 1, 0), "circular": n}.get(mode, max(pair)):
            raise RuntimeError(f"pad: Padding size should be less than the input dimension {n}, got {pair}")
    return _pad_from_inside(input, widths, kinds[mode])


@op
def _pad_constant(x, widths, value):
    y = np.full([n + a + b for n, (a, b) in zip(x.shape, widths)], fit(value, x.dtype))
    inner = tuple(slice(max(a, 0), max(a, 0) + n + min(a, 0) + min(b, 0)) for n, (a, b) in zip(x.shape, widths))
    outer = tuple(slice(max(-a, 0), n + min(b, 0)) for n, (a, b) in zip(x.shape, widths))  # negative widths cut off
    y[inner] = x[outer]
    shape = x.shape

    def vjp(g):  # ∂x = g without the frame
        out = np.zeros(shape, g.dtype)
        out[outer] = g[inner]
        return out

    return y, vjp


@op(kinds="iuf", saves=1)
def _pad_from_inside(x, widths, mode):
    """The frame copies values from inside: reflected, replicated, or from the other side."""
    shape = x.shape
    index = np.ix_(*(np.pad(np.arange(n), pair, mode) if any(pair) else np.arange(n) for n, pair in zip(shape, widths)))

    def vjp(g):
        out = np.zeros(shape, g.dtype)
        np.add.at(out, index, g)
        return out

    return x[index], vjp


def pixel_shuffle(input, upscale_factor):
    """(…, C·r², H, W) → (…, C, H·r, W·r): channels become pixels (Shi et al., 2016, arxiv 1609.05158).

    Raises:
        RuntimeError: If the channels are not divisible by r².
    """
    if input.array.ndim < 3 or upscale_factor < 1:
        raise RuntimeError(f"pixel_shuffle: expected (…, C, H, W), a factor from 1, got {list(input.shape)}")
    *lead, C, H, W = input.array.shape
    r, n = upscale_factor, len(lead)
    if C % (r * r):
        raise RuntimeError(f"pixel_shuffle expects its input's 'channel' dimension to be divisible by {r * r}, got {C}")
    x = input.reshape(*lead, C // (r * r), r, r, H, W).permute(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return owned(x.reshape(*lead, C // (r * r), H * r, W * r))
