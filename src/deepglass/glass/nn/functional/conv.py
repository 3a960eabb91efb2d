"""Convolutions in one and more dimensions, with stride, padding, dilation and groups, and their transposes.

All windows of the input are one strided view; laid out as columns they turn a convolution into a single matrix product
(Chellapilla et al., 2006, https://inria.hal.science/inria-00112631). Three steps serve every case:

    columns: input → windows          convolution:  y = W·columns(x)     ∂x = fold(Wᵀ·g)     ∂W = g·columns(x)ᵀ
    fold:    windows → input, added   transposed:   y = fold(Wᵀ·x)       ∂x = W·columns(g)   ∂W = x·columns(g)ᵀ

Names: B batch, C channels in, O channels out, G groups, K = C/G·(kernel size), L output positions.
In memory the channels come first and the batch last, (C, H, W, B): windows are then long runs of numbers that lie side
by side. The shapes outside stay (B, C, H, W), as NumPy's strides allow.
"""

import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...layout import keep_channels_last
from ...op import op, require, share
from .resize import each, pad


def output_size(size, kernel, stride, padding, dilation):
    """Positions of a window along each dimension: ⌊(n + 2p − d·(k − 1) − 1) / s⌋ + 1"""
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip(size, kernel, stride, padding, dilation)
    )


def transposed_size(size, kernel, stride, padding, dilation, extra):
    """What a convolution to `size` came from: (n − 1)·s − 2p + d·(k − 1) + 1, and some extra."""
    return tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + 1 + e
        for n, s, p, d, k, e in zip(size, stride, padding, dilation, kernel, extra)
    )


def batch_last(x):
    """(B, C, …) → (C, …, B)"""
    return x.transpose(*range(1, x.ndim), 0)


def batch_first(x):
    """(C, …, B) → (B, C, …)"""
    return x.transpose(-1, *range(x.ndim - 1))


def _padded(x, padding):
    """Zeros around the inner dimensions, and the batch last: (C, …, B)."""
    x = batch_last(x)
    if not any(padding):
        return np.ascontiguousarray(x)
    out = np.zeros((x.shape[0], *(n + 2 * p for n, p in zip(x.shape[1:], padding)), x.shape[-1]), x.dtype)
    out[_inside(x.shape[1:-1], padding)] = x
    return out


def _inside(inner, padding):
    return (slice(None), *(slice(p, p + n) for n, p in zip(inner, padding)))


def columns(x, kernel, stride, padding, dilation, size):
    """Windows of x (B, C, …) as columns: (C·k₁·k₂, L·B)."""
    x = _padded(x, padding)  # (C, H, W, B)
    first, *steps, last = x.strides
    shape = (x.shape[0], *kernel, *size, x.shape[-1])
    within = (step * d for step, d in zip(steps, dilation))
    between = (step * s for step, s in zip(steps, stride))
    windows = as_strided(x, shape, (first, *within, *between, last))  # (C, k₁, k₂, L₁, L₂, B)
    return windows.reshape(x.shape[0] * math.prod(kernel), math.prod(size) * x.shape[-1])


def fold(cols, shape, kernel, stride, padding, dilation, size):
    """Columns (C·k₁·k₂, L·B) added where they came from: (B, C, …)."""
    B, C, *inner = shape
    cols = cols.reshape(C, *kernel, *size, B)
    out = np.zeros((C, *(n + 2 * p for n, p in zip(inner, padding)), B), cols.dtype)
    for place in itertools.product(*map(range, kernel)):
        spots = (slice(k * d, k * d + (n - 1) * s + 1, s) for k, d, n, s in zip(place, dilation, size, stride))
        out[(slice(None), *spots)] += cols[(slice(None), *place)]
    return batch_first(out[_inside(inner, padding)])


def _by_group(x, groups):
    """(B, O, …) as (G, O/G, L·B), without a copy if the memory already lies that way."""
    return batch_last(x).reshape(groups, x.shape[1] // groups, x.size // max(x.shape[1], 1))


@op(kinds="f", saves=2, lays="image")
def _conv(x, weight, bias, stride, padding, dilation, groups):
    kernel, O, B = weight.shape[2:], weight.shape[0], x.shape[0]
    size = output_size(x.shape[2:], kernel, stride, padding, dilation)
    window = kernel, stride, padding, dilation, size
    cols = columns(x, *window).reshape(groups, math.prod(weight.shape[1:]), -1)  # (G, K, L·B)
    w = weight.reshape(groups, O // groups, -1)  # (G, O/G, K)
    y = np.matmul(w, cols)  # (G, O/G, L·B)
    if bias is not None:
        y += bias.reshape(groups, -1, 1)
    y = batch_first(y.reshape(O, *size, B))  # (B, O, …)

    def vjp_x(g):  # ∂x = fold(Wᵀ·g)
        return fold(np.matmul(w.swapaxes(1, 2), _by_group(g, groups)), x.shape, *window)

    def vjp_weight(g):  # ∂W = g·columns(x)ᵀ
        return np.matmul(_by_group(g, groups), cols.swapaxes(1, 2)).reshape(weight.shape)

    return y, vjp_x, vjp_weight, lambda g: _by_group(g, O).sum((1, 2))  # ∂b = Σ g


@op(kinds="f", saves=2, lays="image")
def _conv_transpose(x, weight, bias, stride, padding, extra, dilation, groups):
    kernel, O, B = weight.shape[2:], weight.shape[1] * groups, x.shape[0]
    size = x.shape[2:]
    inner = transposed_size(size, kernel, stride, padding, dilation, extra)
    window = kernel, stride, padding, dilation, size
    w = weight.reshape(groups, x.shape[1] // groups, -1)  # (G, C/G, O/G·k₁·k₂)
    rows = _by_group(x, groups)  # (G, C/G, L·B)
    y = fold(np.matmul(w.swapaxes(1, 2), rows), (B, O, *inner), *window)
    if bias is not None:
        y = y + bias.reshape(-1, *[1] * len(kernel))

    def backward(g):  # the windows of g serve both gradients
        cols = columns(g, *window).reshape(groups, w.shape[2], -1)
        dx = batch_first(np.matmul(w, cols).reshape(x.shape[1], *size, B))  # ∂x = W·columns(g)
        dw = np.matmul(rows, cols.swapaxes(1, 2)).reshape(weight.shape)  # ∂W = x·columns(g)ᵀ
        return dx, dw, _by_group(g, O).sum((1, 2))

    return y, *share(backward, 3)


def _conv_nd(n):
    """`conv1d`, `conv2d` or `conv3d`."""
    name = f"conv{n}d"

    def conv(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
        _check(name, n, input.array, weight.array, bias, groups, is_transposed=False)
        stride, dilation, kernel = each(stride, n, 1), each(dilation, n, 1), weight.array.shape[2:]
        if isinstance(padding, str):
            input, padding = _pad_by_name(name, input, padding, kernel, stride, dilation)
        padding = each(padding, n)
        if min(output_size(input.array.shape[-n:], kernel, stride, padding, dilation)) < 1:
            raise RuntimeError(
                f"{name}: Kernel size can't be greater than actual input size: expected at most "
                f"{[s + 2 * p for s, p in zip(input.shape[-n:], padding)]} with padding, got kernel {list(kernel)}"
            )
        return batched(_conv, n, input, weight, bias, stride, padding, dilation, groups)

    conv.__name__ = name
    conv.__doc__ = f"Convolution over {n} dimension(s): input (B, C, …), weight (O, C/groups, …), output (B, O, …)."
    return conv


def _conv_transpose_nd(n):
    """`conv_transpose1d` or `conv_transpose2d`."""
    name = f"conv_transpose{n}d"

    def conv(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
        _check(name, n, input.array, weight.array, bias, groups, is_transposed=True)
        stride, dilation = each(stride, n, 1), each(dilation, n, 1)
        padding, extra = each(padding, n), each(output_padding, n)
        kernel = weight.array.shape[2:]
        if min(transposed_size(input.array.shape[-n:], kernel, stride, padding, dilation, extra)) < 1:
            raise NotImplementedError(f"{name}: expected an output of at least 1, got padding {padding} for {kernel=}")
        if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation)):
            raise RuntimeError(f"{name}: output padding must be smaller than either stride or dilation, got {extra}")
        return batched(_conv_transpose, n, input, weight, bias, stride, padding, extra, dilation, groups)

    conv.__name__, conv.__doc__ = name, f"Transposed convolution over {n} dimension(s): weight (C, O/groups, …)."
    return conv


conv1d, conv2d, conv3d = map(_conv_nd, (1, 2, 3))
conv_transpose1d, conv_transpose2d = map(_conv_transpose_nd, (1, 2))


def batched(function, n, input, *args):
    """Calls a function of inputs (B, C, …) with n inner dimensions, or of one without a batch."""
    if input.array.ndim < n + 2:
        return function(input.unsqueeze(0), *args).squeeze(0)
    return keep_channels_last(function(input, *args), input, *args)


def _check(name, n, x, weight, bias, groups, is_transposed):
    require(name, "f", x, weight, *([] if bias is None else [bias.array]))
    if x.ndim not in (n + 1, n + 2) or weight.ndim != n + 2 or 0 in x.shape[-n - 1 :] or 0 in weight.shape:
        came = f"input of size {list(x.shape)}, weight of size {list(weight.shape)}"
        raise RuntimeError(f"{name}: Expected {n + 2}D input and weight ({n + 1}D input without batch), but got {came}")
    out, into = weight.shape[0], weight.shape[1] * groups
    out, into = (into, out) if is_transposed else (out, into)
    if groups < 1 or x.shape[-n - 1] != into or weight.shape[0] % groups:
        raise RuntimeError(
            f"{name}: Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(x.shape)} to "
            f"have {into} channels, but got {x.shape[-n - 1]} channels instead"
        )
    if bias is not None and bias.array.shape != (out,):
        raise RuntimeError(f"{name}: expected bias to be 1-dimensional with {out} elements, got {list(bias.shape)}")


def _pad_by_name(name, input, padding, kernel, stride, dilation):
    """'valid' is no padding; 'same' keeps the size, an odd rest goes to the end."""
    if padding == "valid":
        return input, 0
    if padding != "same":
        raise ValueError(f"{name}: expected padding a number, 'valid' or 'same', got {padding!r}")
    if any(s != 1 for s in stride):
        raise RuntimeError(f"{name}: padding='same' is not supported for strided convolutions, got stride {stride}")
    total = [d * (k - 1) for d, k in zip(dilation, kernel)]
    if any(t % 2 for t in total):
        input = pad(input, [side for t in reversed(total) for side in (0, t % 2)])
    return input, tuple(t // 2 for t in total)
