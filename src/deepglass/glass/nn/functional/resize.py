"""Sizes of images and signals: padding, interpolation, pixels that become channels and back.

Interpolation along a dimension is a matrix: each new value is a weighted sum of old ones. Its transpose carries the
gradient back.
"""

import numpy as np

from ...autograd import refuse
from ...op import op


@op
def along(x, matrix, dim):
    """y = M·x along one dimension."""
    m = matrix.astype(x.dtype)
    y = np.moveaxis(np.moveaxis(x, dim, -1) @ m.T, -1, dim)
    return y, lambda g: np.moveaxis(np.moveaxis(g, dim, -1) @ m, -1, dim)  # ∂x = Mᵀ·g


def _nearest(old, new, scale, exact):
    place = np.floor((np.arange(new) + 0.5 * exact) * scale)
    return _rows(old, new, [(np.minimum(place, old - 1), 1.0)])


def _linear(old, new, scale, align_corners):
    place = np.arange(new) * scale if align_corners else np.maximum((np.arange(new) + 0.5) * scale - 0.5, 0)
    left = np.minimum(np.floor(place), old - 1)
    return _rows(old, new, [(left, 1 - (place - left)), (np.minimum(left + 1, old - 1), place - left)])


def _cubic(old, new, scale, align_corners):
    """Keys (1981), with a = −0.75."""
    place = np.arange(new) * scale if align_corners else (np.arange(new) + 0.5) * scale - 0.5
    left, a = np.floor(place), -0.75
    terms = []
    for offset in range(-1, 3):
        d = np.abs(place - left - offset)
        near = ((a + 2) * d - (a + 3)) * d * d + 1
        far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        terms.append((np.clip(left + offset, 0, old - 1), np.where(d <= 1, near, far)))
    return _rows(old, new, terms)


def _rows(old, new, terms):
    matrix = np.zeros((new, old))
    for column, weight in terms:
        np.add.at(matrix, (np.arange(new), column.astype(int)), weight)
    return matrix


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
        mode: 'nearest', 'nearest-exact', 'linear', 'bilinear', 'trilinear', 'bicubic' or 'area'.
        align_corners: Whether the outermost values stay at the outermost places.

    Raises:
        ValueError: If neither or both of size and scale_factor are given, or the mode is unknown.
    """
    refuse("interpolate", antialias=antialias, recompute_scale_factor=recompute_scale_factor)
    n = input.array.ndim - 2
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: expected either size or scale_factor, got both or neither")
    factors = [None] * n if scale_factor is None else _per_dim(scale_factor, n)
    old = input.array.shape[2:]
    new = _per_dim(size, n) if factors[0] is None else [int(np.floor(o * f)) for o, f in zip(old, factors)]
    if mode == "area":
        from . import pool

        return getattr(pool, f"adaptive_avg_pool{n}d")(input, new)
    makers = {"nearest": _nearest, "nearest-exact": _nearest, "bicubic": _cubic}
    if mode not in makers and mode != {1: "linear", 2: "bilinear", 3: "trilinear"}.get(n):
        raise ValueError(f"interpolate: expected a mode that suits {n} dimension(s), such as 'nearest', got {mode!r}")
    for dim, (o, m, factor) in enumerate(zip(old, new, factors), 2):
        scale = o / m if factor is None else 1 / factor
        if align_corners:
            scale = (o - 1) / (m - 1) if m > 1 else 0.0
        setting = mode == "nearest-exact" if mode.startswith("nearest") else bool(align_corners)
        input = along(input, makers.get(mode, _linear)(o, m, scale, setting), dim)
    return input


def _per_dim(value, n):
    return list(value) if isinstance(value, (tuple, list)) else [value] * n


@op
def _pad_constant(x, widths, value):
    y = np.full([n + a + b for n, (a, b) in zip(x.shape, widths)], value, x.dtype)
    inner = tuple(slice(max(a, 0), max(a, 0) + n + min(a, 0) + min(b, 0)) for n, (a, b) in zip(x.shape, widths))
    outer = tuple(slice(max(-a, 0), n + min(b, 0)) for n, (a, b) in zip(x.shape, widths))
    y[inner] = x[outer]

    def vjp(g):  # ∂x = g without the frame
        out = np.zeros(x.shape, g.dtype)
        out[outer] = g[inner]
        return out

    return y, vjp


@op
def _pad_from_inside(x, widths, mode):
    """The frame copies values from inside: reflected, replicated, or from the other side."""
    index = np.ix_(*(_places(n, *pair, mode) for n, pair in zip(x.shape, widths)))

    def vjp(g):
        out = np.zeros(x.shape, g.dtype)
        np.add.at(out, index, g)
        return out

    return x[index], vjp


def _places(n, before, after, mode):
    """Which entry of a dimension stands at each place of the padded one; negative widths cut off."""
    cut, whole = slice(max(-before, 0), n + min(after, 0)), np.arange(n)
    width = max(before, 0), max(after, 0)
    if mode == "wrap":
        return np.pad(whole[cut], width, mode)
    if not any(width):
        return whole[cut]
    padded = np.pad(whole, width, mode)
    return padded[max(-before, 0) : len(padded) + min(after, 0)]


def pad(input, pad, mode="constant", value=None):
    """A frame around the input; `pad` counts from the last dimension: (left, right, top, bottom, …)."""
    pad = [int(p) for p in pad]
    ndim = input.array.ndim
    if len(pad) % 2 or len(pad) > 2 * ndim:
        raise RuntimeError(f"pad: expected pairs of widths for at most {ndim} dimensions, got {len(pad)} numbers")
    widths = [(0, 0)] * (ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2]))[::-1]
    if any(n + a + b < 0 for n, (a, b) in zip(input.array.shape, widths)):
        raise RuntimeError(f"pad: The input size {list(input.shape)} plus {pad} resulted in a negative output size")
    if mode == "constant":
        return _pad_constant(input, widths, 0 if value is None else value)
    kinds = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if mode not in kinds:
        raise NotImplementedError(f"pad: expected mode 'constant', 'reflect', 'replicate' or 'circular', got {mode!r}")
    for n, (a, b) in zip(input.array.shape, widths):
        if max(a, b) > (n - 1 if mode == "reflect" and n else n) and mode != "replicate":
            raise RuntimeError(
                f"pad: Padding size should be less than the input dimension {n} for {mode!r}, got {a, b}"
            )
    return _pad_from_inside(input, widths, kinds[mode])


def pixel_shuffle(input, upscale_factor):
    """(…, C·r², H, W) → (…, C, H·r, W·r): channels become pixels."""
    *lead, C, H, W = input.array.shape
    r = upscale_factor
    if C % (r * r):
        raise RuntimeError(f"pixel_shuffle expects its input's 'channel' dimension to be divisible by {r * r}, got {C}")
    n = len(lead)
    x = input.reshape(*lead, C // (r * r), r, r, H, W).permute(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return x.reshape(*lead, C // (r * r), H * r, W * r)


def pixel_unshuffle(input, downscale_factor):
    """(…, C, H·r, W·r) → (…, C·r², H, W): pixels become channels."""
    *lead, C, H, W = input.array.shape
    r = downscale_factor
    if H % r or W % r:
        raise RuntimeError(f"pixel_unshuffle expects height and width to be divisible by {r}, got {H} and {W}")
    n = len(lead)
    x = input.reshape(*lead, C, H // r, r, W // r, r).permute(*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return x.reshape(*lead, C * r * r, H // r, W // r)
