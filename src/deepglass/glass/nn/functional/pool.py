"""Pooling: the largest or the mean value of each window.

A window is looked at one kernel position at a time, for all windows at once; adaptive pooling goes along one dimension
after the other.
"""

import itertools

import numpy as np

from ...left_out import refuse
from ...op import gate, op
from ...ops.reduce import mean
from ...ops.shape import cat, narrow
from .resize import each


def max_pool(n, input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest value of each window over the last n dimensions.

    Raises:
        RuntimeError: If the padding is larger than half of the kernel, or no window fits.
    """
    refuse(f"max_pool{n}d", return_indices=return_indices)
    kernel, stride, padding, dilation = _window(n, input, kernel_size, stride, padding, dilation)
    size = _size(n, input, kernel, stride, padding, dilation, ceil_mode)
    return _max_pool(input, kernel, stride, padding, dilation, size)


def avg_pool(
    n, input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean of each window over the last n dimensions.

    Raises:
        RuntimeError: As `max_pool`, and if the divisor is 0.
    """
    kernel, stride, padding, one = _window(n, input, kernel_size, stride, padding, 1)
    size, full = _size(n, input, kernel, stride, padding, one, ceil_mode), input.array.shape[-n:]
    if divisor_override == 0:
        raise RuntimeError("avg_pool: expected a divisor_override that is not 0")
    counts = divisor_override or _counts(full, kernel, stride, padding, size, count_include_pad)
    return _avg_pool(input, kernel, stride, padding, size, np.asarray(counts, input.array.dtype))


def adaptive_avg_pool(n, input, output_size):
    """The means of so many bins along the last n dimensions, whatever the input's size; None keeps a size.

    Raises:
        RuntimeError: If there are not `n` sizes from 0, or the input has none to average.
    """
    _check_dims(f"adaptive_avg_pool{n}d", n, input)
    full = input.array.shape[-n:]
    sizes = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * n
    if len(sizes) != n or min([0 if size is None else size for size in sizes]) < 0 or 0 in full:
        raise RuntimeError(f"adaptive_avg_pool{n}d: expected {n} sizes from 0, got {output_size} for {list(full)}")
    if all(size == 1 for size in sizes):
        return mean(input, tuple(range(-n, 0)), True)
    for dim, size in enumerate(sizes, -n):
        total = input.array.shape[dim]
        size = total if size is None else size
        ends = [(i * total // size, -(-(i + 1) * total // size)) for i in range(size)]  # of bins, which may overlap
        input = cat([mean(narrow(input, dim, a, b - a), dim, True) for a, b in ends] or [narrow(input, dim, 0, 0)], dim)
    return input


def _fixed(function, n):
    """`max_pool2d` from `max_pool`, and so on."""

    def pool(*args, **options):
        return function(n, *args, **options)

    pool.__name__, pool.__doc__ = f"{function.__name__}{n}d", function.__doc__
    return pool


max_pool1d, max_pool2d = _fixed(max_pool, 1), _fixed(max_pool, 2)
avg_pool1d, avg_pool2d = _fixed(avg_pool, 1), _fixed(avg_pool, 2)
adaptive_avg_pool1d, adaptive_avg_pool2d = _fixed(adaptive_avg_pool, 1), _fixed(adaptive_avg_pool, 2)


@op(kinds="f", saves=1, lays="image")
def _max_pool(x, kernel, stride, padding, dilation, size):
    framed = _framed(x, kernel, stride, padding, dilation, size, -np.inf)
    slots = list(_slots(kernel, stride, dilation, size))
    y = framed[slots[0]].copy("K")
    for slot in slots[1:]:
        np.maximum(y, framed[slot], out=y)

    best, shape = y.copy("K"), x.shape

    def vjp(g):  # ∂x = g at the first place that holds the maximum, or at the last that is nan
        out, even = np.zeros_like(framed), np.empty_like(best)
        even[...] = g  # in the memory layout of y

        def give(slots, free, is_hit):
            for slot in slots if free.any() else ():
                hit = is_hit(slot)
                hit &= free
                free ^= hit
                out[slot] += gate(even, hit)

        give(slots, best > -np.inf, lambda slot: framed[slot] == best)
        give(slots[::-1], np.isnan(best), lambda slot: np.isnan(framed[slot]))
        if np.isneginf(best).any():  # not to the frame, which holds −∞ too
            inside = _framed(np.ones(shape, bool), kernel, stride, padding, dilation, size, False)
            give(slots, np.isneginf(best), lambda slot: inside[slot].copy())
        return out[_inside(shape, padding)]

    return y, vjp


@op(kinds="f", saves=1, lays="image")
def _avg_pool(x, kernel, stride, padding, size, counts):
    one = (1,) * len(kernel)
    framed, shape = _framed(x, kernel, stride, padding, one, size, 0), x.shape
    slots = list(_slots(kernel, stride, one, size))
    y = framed[slots[0]].copy("K")
    for slot in slots[1:]:
        y += framed[slot]
    y /= counts

    def vjp(g):  # ∂x = Σ over the windows that see x of g/n
        out, share = np.zeros_like(framed), g / counts
        for slot in slots:
            out[slot] += share
        return out[_inside(shape, padding)]

    return y, vjp


def _slots(kernel, stride, dilation, size):
    """For each kernel position, where it lies in all windows."""
    for place in itertools.product(*map(range, kernel)):
        yield (..., *(slice(k * d, k * d + (n - 1) * s + 1, s) for k, d, n, s in zip(place, dilation, size, stride)))


def _framed(x, kernel, stride, padding, dilation, size, value):
    """x with a frame of one value, large enough for every window."""
    inner = x.shape[-len(kernel) :]
    ends = [(m - 1) * s + d * (k - 1) + 1 for m, s, d, k in zip(size, stride, dilation, kernel)]
    frame = [max(end, 2 * p + full) for end, p, full in zip(ends, padding, inner)]
    if frame == list(inner):
        return x
    out = np.full((*x.shape[: -len(kernel)], *frame), value, x.dtype)
    out[_inside(x.shape, padding)] = x
    return out


def _inside(shape, padding):
    return (..., *(slice(p, p + full) for p, full in zip(padding, shape[-len(padding) :])))


def _window(n, input, kernel, stride, padding, dilation):
    """Kernel, stride, padding and dilation, one number for each dimension."""
    _check_dims("pool", n, input)
    kernel, padding = each(kernel, n, 1), each(padding, n)
    if any(p * 2 > k for p, k in zip(padding, kernel)):
        raise RuntimeError(f"pool: pad should be at most half of effective kernel size, got {padding=}, {kernel=}")
    return kernel, each(kernel if stride in (None, ()) else stride, n, 1), padding, each(dilation, n, 1)


def _check_dims(name, n, input):
    if input.array.ndim not in (n + 1, n + 2) or 0 in input.array.shape[-n - 1 :]:
        raise RuntimeError(f"{name}: Expected {n + 1}D or {n + 2}D input, but got input of size {list(input.shape)}")


def _size(n, input, kernel, stride, padding, dilation, ceil_mode):
    """Windows along each dimension; with ceil_mode one that begins inside may reach beyond the end."""
    size = []
    for full, k, s, p, d in zip(input.array.shape[-n:], kernel, stride, padding, dilation):
        count = (full + 2 * p - d * (k - 1) - 1 + (s - 1) * ceil_mode) // s + 1
        size.append(count - (ceil_mode and (count - 1) * s >= full + p))
    if min(size) < 1:
        raise RuntimeError(f"pool: Output size is too small: expected windows to fit {list(input.shape)}, got {size}")
    return size


def _counts(full, kernel, stride, padding, size, count_include_pad):
    """Elements of each window, the frame counted or not: one array that broadcasts over the output."""
    counts = np.ones(())
    for n, k, s, p, m in zip(full, kernel, stride, padding, size):
        start = np.arange(m) * s - p
        end = np.minimum(start + k, n + p)
        inside = end - start if count_include_pad else np.minimum(end, n) - np.maximum(start, 0)
        counts = counts[..., None] * inside
    return counts
