"""Pooling: the largest or the mean value of each window.

A window is looked at one kernel position at a time, for all windows at once. Adaptive average pooling is a matrix
along each dimension (see `resize`).
"""

import itertools
import math
from fractions import Fraction

import numpy as np

from ...op import op
from ...ops.index import gather
from ...tensor import wrap
from .conv import _each
from .resize import along


def _size(n, k, s, p, d, ceil_mode):
    """Windows along a dimension; with ceil_mode one that begins inside may reach beyond the end."""
    count = (n + 2 * p - d * (k - 1) - 1 + (s - 1) * ceil_mode) // s + 1
    return count - (ceil_mode and (count - 1) * s >= n + p)


def _slots(kernel, stride, dilation, size):
    """For each kernel position, where it lies in all windows."""
    for place in itertools.product(*map(range, kernel)):
        yield (..., *(slice(k * d, k * d + (n - 1) * s + 1, s) for k, d, n, s in zip(place, dilation, size, stride)))


def _framed(x, kernel, stride, padding, dilation, size, value):
    """x with a frame of one value, large enough for every window."""
    n = len(kernel)
    ends = [(m - 1) * s + d * (k - 1) + 1 for m, s, d, k in zip(size, stride, dilation, kernel)]
    if not any(padding) and all(end <= full for end, full in zip(ends, x.shape[-n:])):
        return x
    frame = [max(end, p + full) for end, p, full in zip(ends, padding, x.shape[-n:])]
    out = np.full((*x.shape[:-n], *frame), value, x.dtype)
    out[_inside(x, padding)] = x
    return out


def _inside(x, padding):
    n = len(padding)
    return (..., *(slice(p, p + full) for p, full in zip(padding, x.shape[-n:])))


@op
def _max_pool(x, kernel, stride, padding, dilation, size):
    framed = _framed(
        x, kernel, stride, padding, dilation, size, -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    )
    slots = list(_slots(kernel, stride, dilation, size))
    y = framed[slots[0]].copy("K")
    for slot in slots[1:]:
        np.maximum(y, framed[slot], out=y)

    def vjp(g):  # ∂x = g at the first place that holds the maximum
        out, free, even = np.zeros_like(framed), np.ones_like(y, bool), np.empty_like(y)
        even[...] = g  # in the memory layout of y
        for slot in slots:
            hit = framed[slot] == y
            hit &= free
            free ^= hit
            out[slot] += even * hit
        return out[_inside(x, padding)]

    return y, vjp


def _max_indices(x, kernel, stride, padding, dilation, size):
    """Where in the flattened input each maximum stands."""
    n = len(kernel)
    framed = _framed(x, kernel, stride, padding, dilation, size, -np.inf)
    numbers = np.arange(math.prod(x.shape[-n:])).reshape(x.shape[-n:])
    numbers = _framed(numbers, kernel, stride, padding, dilation, size, -1)
    best = place = None
    for slot in _slots(kernel, stride, dilation, size):
        value, number = framed[slot], np.broadcast_to(numbers[slot], framed[slot].shape)
        better = None if best is None else (value > best) | (np.isnan(value) & (number >= 0)) | (place < 0)
        best = value if best is None else np.where(better, value, best)
        place = number if place is None else np.where(better, number, place)
    return wrap(place.astype(np.int64))


def _max_pool_nd(name, n):
    def max_pool(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        kernel, padding, dilation = _each(kernel_size, n), _each(padding, n), _each(dilation, n)
        stride = _each(stride or kernel, n)
        _check(name, n, input, kernel, padding)
        window = zip(input.array.shape[-n:], kernel, stride, padding, dilation)
        size = tuple(_size(*w, ceil_mode) for w in window)
        if min(size) < 1:
            raise RuntimeError(
                f"{name}: Output size is too small: expected windows to fit {list(input.shape)}, got {size}"
            )
        y = _max_pool(input, kernel, stride, padding, dilation, size)
        return (y, _max_indices(input.array, kernel, stride, padding, dilation, size)) if return_indices else y

    max_pool.__name__, max_pool.__doc__ = name, f"The largest value of each window over {n} dimension(s)."
    return max_pool


def _check(name, n, input, kernel, padding):
    if input.array.ndim not in (n + 1, n + 2):
        raise RuntimeError(f"{name}: Expected {n + 1}D or {n + 2}D input, but got input of size {list(input.shape)}")
    if any(p * 2 > k for p, k in zip(padding, kernel)):
        raise RuntimeError(
            f"{name}: pad should be at most half of effective kernel size, got pad={padding}, kernel={kernel}"
        )


@op
def _avg_pool(x, kernel, stride, padding, size, counts):
    one = (1,) * len(kernel)
    framed = _framed(x, kernel, stride, padding, one, size, 0)
    slots = list(_slots(kernel, stride, one, size))
    y = framed[slots[0]].copy("K")
    for slot in slots[1:]:
        y += framed[slot]
    y /= counts

    def vjp(g):  # ∂x = Σ over the windows that see x of g/n
        out = np.zeros_like(framed)
        share = g / counts
        for slot in slots:
            out[slot] += share
        return out[_inside(x, padding)]

    return y, vjp


def _counts(full, kernel, stride, padding, size, count_include_pad):
    """Elements of each window, the frame counted or not: one array that broadcasts over the output."""
    counts = np.ones(())
    for n, k, s, p, m in zip(full, kernel, stride, padding, size):
        start = np.arange(m) * s - p
        end = np.minimum(start + k, n + p)
        inside = end - start if count_include_pad else np.minimum(end, n) - np.maximum(start, 0)
        counts = counts[..., None] * inside
    return counts


def _avg_pool_nd(name, n):
    def avg_pool(
        input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
    ):
        kernel, padding = _each(kernel_size, n), _each(padding, n)
        stride = _each(stride or kernel, n)
        _check(name, n, input, kernel, padding)
        full = input.array.shape[-n:]
        size = tuple(_size(f, k, s, p, 1, ceil_mode) for f, k, s, p in zip(full, kernel, stride, padding))
        counts = divisor_override or _counts(full, kernel, stride, padding, size, count_include_pad)
        return _avg_pool(input, kernel, stride, padding, size, np.asarray(counts, input.array.dtype))

    avg_pool.__name__, avg_pool.__doc__ = name, f"The mean of each window over {n} dimension(s)."
    return avg_pool


max_pool1d, max_pool2d, max_pool3d = (_max_pool_nd(f"max_pool{n}d", n) for n in (1, 2, 3))
avg_pool1d, avg_pool2d, avg_pool3d = (_avg_pool_nd(f"avg_pool{n}d", n) for n in (1, 2, 3))


def _bins(full, size):
    """First and last+1 entry of each of `size` bins that cover `full` entries."""
    return [(i * full // size, math.ceil(Fraction((i + 1) * full, size))) for i in range(size)]


def _targets(name, n, input, output_size):
    if input.array.ndim not in (n + 1, n + 2):
        raise RuntimeError(f"{name}: Expected {n + 1}D or {n + 2}D input, but got input of size {list(input.shape)}")
    sizes = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * n
    sizes = tuple(sizes) * n if len(sizes) == 1 else sizes
    return [full if size is None else size for full, size in zip(input.array.shape[-n:], sizes)]


def _adaptive_avg_nd(name, n):
    def adaptive_avg_pool(input, output_size):
        for dim, size in zip(range(-n, 0), _targets(name, n, input, output_size)):
            full = input.array.shape[dim]
            matrix = np.zeros((size, full))
            for row, (start, end) in zip(matrix, _bins(full, size)):
                row[start:end] = 1 / (end - start)
            input = along(input, matrix, dim)
        return input

    adaptive_avg_pool.__name__, adaptive_avg_pool.__doc__ = (
        name,
        "The means of so many bins, whatever the input's size.",
    )
    return adaptive_avg_pool


def _adaptive_max_nd(name, n):
    def adaptive_max_pool(input, output_size, return_indices=False):
        x, targets = input.array, _targets(name, n, input, output_size)
        lead, full = x.shape[:-n], x.shape[-n:]
        place = np.zeros((*lead, *targets), np.int64)
        numbers = np.arange(math.prod(full)).reshape(full)
        for spot in itertools.product(*(list(enumerate(_bins(f, t))) for f, t in zip(full, targets))):
            window = tuple(slice(*bounds) for _, bounds in spot)
            best = x[(..., *window)].reshape(*lead, -1).argmax(-1)
            place[(..., *(i for i, _ in spot))] = numbers[window].reshape(-1)[best]
        flat = input.reshape(*lead, math.prod(full))
        y = gather(flat, -1, wrap(place.reshape(*lead, -1))).reshape(*lead, *targets)
        return (y, wrap(place)) if return_indices else y

    adaptive_max_pool.__name__, adaptive_max_pool.__doc__ = (
        name,
        "The maxima of so many bins, whatever the input's size.",
    )
    return adaptive_max_pool


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = (
    _adaptive_avg_nd(f"adaptive_avg_pool{n}d", n) for n in (1, 2, 3)
)
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = (
    _adaptive_max_nd(f"adaptive_max_pool{n}d", n) for n in (1, 2, 3)
)
