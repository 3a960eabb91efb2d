"""Losses: how far an answer is from the truth. CTC stands in `ctc`.

Every loss is first one number for each example; `reduction` makes 'mean', 'sum' or nothing ('none') of them.
"""

import math

import numpy as np

from ...autograd import refuse
from ...op import op
from ...ops import reduce as r
from ...ops.elementwise import abs, clamp_min, exp, log, minimum, mul, square, where
from ...tensor import wrap
from .activation import logsigmoid
from .linear import pairwise_distance


def reduced(loss, reduction):
    """The mean, the sum, or the losses themselves."""
    if reduction == "mean":
        return r.mean(loss)
    if reduction == "sum":
        return r.sum(loss)
    if reduction == "none":
        return loss
    raise ValueError(f"{reduction} is not a valid value for reduction: expected 'mean', 'sum' or 'none'")


def _legacy(name, size_average, reduce):
    refuse(name, size_average=size_average, reduce=reduce)


def _pair(name, input, target):
    try:
        np.broadcast_shapes(input.array.shape, target.array.shape)
    except ValueError:
        raise RuntimeError(
            f"{name}: expected input and target of one shape, got {list(input.shape)} and {list(target.shape)}"
        ) from None
    return input - target


def _weighted(loss, weight):
    return loss if weight is None else mul(loss, weight)


# Distance


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """(x − y)²"""
    _legacy("mse_loss", size_average, reduce)
    refuse("mse_loss", weight=weight)
    return reduced(square(_pair("mse_loss", input, target)), reduction)


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """|x − y|"""
    _legacy("l1_loss", size_average, reduce)
    refuse("l1_loss", weight=weight)
    return reduced(abs(_pair("l1_loss", input, target)), reduction)


@op
def _huber(d, delta):
    size = np.abs(d)
    y = np.where(size < delta, 0.5 * d * d, delta * (size - 0.5 * delta))
    return y, lambda g: g * np.clip(d, -delta, delta)  # d²/2 near 0, δ·(|d| − δ/2) far away


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d²/2 where |d| < δ, δ·(|d| − δ/2) elsewhere (Huber, 1964)."""
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta, got {delta}")
    refuse("huber_loss", weight=weight)
    return reduced(_huber(_pair("huber_loss", input, target), delta), reduction)


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """Huber's loss divided by β."""
    _legacy("smooth_l1_loss", size_average, reduce)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    difference = _pair("smooth_l1_loss", input, target)
    return reduced(abs(difference) if beta == 0 else _huber(difference, beta) / beta, reduction)


# Classes


@op
def _pick_class(logp, target, weight, smoothing, ignore_index):
    """−w·log p of the true class, (B, …) from (B, C, …); smoothing gives every class a share ε/C."""
    C = logp.shape[1]
    kept = target != ignore_index
    safe = np.where(kept, target, 0)
    w = kept.astype(logp.dtype) if weight is None else weight[safe] * kept
    place = np.expand_dims(safe, 1)
    y = -np.take_along_axis(logp, place, 1).squeeze(1) * w
    shape = (1, C, *[1] * (logp.ndim - 2))
    even = np.broadcast_to(np.ones(shape, logp.dtype) if weight is None else weight.reshape(shape), logp.shape)
    if smoothing:
        y = y * (1 - smoothing) - (logp * even).sum(1) * kept * (smoothing / C)

    def vjp(g):
        out = np.zeros(logp.shape, logp.dtype)
        share = np.where(w == 0, 0, -g * w * (1 - smoothing))  # what does not count gets 0, even from an infinite g
        np.put_along_axis(out, place, np.expand_dims(share, 1), 1)
        if smoothing:
            out -= np.expand_dims(np.where(kept, g, 0), 1) * even * (smoothing / C)
        return out

    return y, vjp


def _check_classes(name, input, target, ignore_index):
    x, t = input.array, target.array
    if t.dtype.kind not in "iu":
        raise RuntimeError(f"{name}: expected target class indices of dtype int64, got {target.dtype}; use .long()")
    if t.shape != x.shape[:1] + x.shape[2:]:
        raise ValueError(
            f"{name}: Expected target size {[*x.shape[:1], *x.shape[2:]]} for input (B, C, …) {list(x.shape)}, "
            f"got {list(t.shape)}"
        )
    wrong = (t != ignore_index) & ((t < 0) | (t >= x.shape[1]))
    if wrong.any():
        raise IndexError(f"{name}: Target {t[wrong][0]} is out of bounds: expected classes 0 … {x.shape[1] - 1}")


def nll_loss(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", smoothing=0.0
):
    """−log p of the true class: input (B, C, …) holds log-probabilities, target (B, …) classes."""
    _legacy("nll_loss", size_average, reduce)
    if input.array.ndim == 1:
        input, target = input.unsqueeze(0), target.unsqueeze(0)
        loss = nll_loss(input, target, weight, None, ignore_index, None, reduction, smoothing)
        return loss if reduction != "none" else loss.squeeze(0)
    _check_classes("nll_loss", input, target, ignore_index)
    w = None if weight is None else weight.array
    loss = _pick_class(input, target.array, w, smoothing, ignore_index)
    if reduction != "mean":
        return reduced(loss, reduction)
    kept = target.array != ignore_index
    total = kept.sum() if w is None else w[np.where(kept, target.array, 0)][kept].sum()
    with np.errstate(all="ignore"):
        return r.sum(loss) * input.array.dtype.type(np.divide(1.0, total)).item()


@op
def _plain_cross_entropy(x, target):
    """The common case in one step, the mean of −log softmax(x) at the true class: ∂x = (softmax(x) − one-hot)·g/B."""
    rows = np.arange(len(x))
    logp = x - x.max(1, keepdims=True)
    logp -= np.log(np.exp(logp).sum(1, keepdims=True))

    def vjp(g):
        out = np.exp(logp)
        out[rows, target] -= 1
        out *= g / x.dtype.type(len(x))
        return out

    return -logp[rows, target].sum() / x.dtype.type(len(x)), vjp


def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    """−log softmax(logits) of the true class.

    Args:
        input: Logits (B, C, …), or (C) for one example.
        target: Classes (B, …), or probabilities of the input's shape.
        weight: One factor for each class.
        ignore_index: Targets of this value do not count.
        reduction: 'mean', 'sum' or 'none'.
        label_smoothing: ε in [0, 1]: the target becomes (1 − ε)·target + ε/C.

    Raises:
        RuntimeError, ValueError, IndexError: For targets of a wrong type, shape or class.
    """
    _legacy("cross_entropy", size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    x, t = input.array, target.array
    if x.ndim == 2 and weight is None and not label_smoothing and reduction == "mean" and t.ndim == 1 and len(x):
        _check_classes("cross_entropy", input, target, -100)
        if x.dtype.kind == "f" and (t >= 0).all() and ignore_index < 0:
            return _plain_cross_entropy(input, t)
    logp = r.log_softmax(input, 0 if x.ndim == 1 else 1)
    if t.dtype.kind == "f" and t.shape == x.shape:
        return _soft_cross_entropy(logp, target, weight, reduction, label_smoothing)
    return nll_loss(logp, target, weight, None, ignore_index, None, reduction, label_smoothing)


def _soft_cross_entropy(logp, target, weight, reduction, smoothing):
    """−Σ over classes of target·log p, with probabilities as targets."""
    dim = 0 if logp.array.ndim == 1 else 1
    C = logp.array.shape[dim]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / C
    if weight is not None:
        logp = mul(logp, weight.reshape(-1, *[1] * (logp.array.ndim - 2)) if dim else weight)
    loss = -r.sum(mul(logp, target), dim)
    return r.sum(loss) / (loss.array.size if dim else 1) if reduction == "mean" else reduced(loss, reduction)


# Yes or no


@op
def _bce(p, y):
    floor = -100.0  # PyTorch's bound of the logarithm
    with np.errstate(all="ignore"):
        loss = -(y * np.maximum(np.log(p), floor) + (1 - y) * np.maximum(np.log1p(-p), floor))
        difference = np.maximum(np.log1p(-p), floor) - np.maximum(np.log(p), floor)
    return loss, lambda g: g * (p - y) / np.maximum(p * (1 - p), 1e-12), lambda g: g * difference


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """−(y·ln p + (1 − y)·ln(1 − p)) of probabilities p."""
    _legacy("binary_cross_entropy", size_average, reduce)
    if input.array.shape != target.array.shape:
        raise ValueError(f"Using a target size ({list(target.shape)}) that is different to the input size "
                         f"({list(input.shape)}) is not supported: expected the same size")  # fmt: skip
    if (input.array < 0).any() or (input.array > 1).any():
        raise RuntimeError("binary_cross_entropy: all elements of input should be between 0 and 1; for logits use "
                           "binary_cross_entropy_with_logits")  # fmt: skip
    return reduced(_weighted(_bce(input, target), weight), reduction)


def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """The same of logits, p = σ(x); `pos_weight` is a factor of the positive part."""
    _legacy("binary_cross_entropy_with_logits", size_average, reduce)
    if input.array.shape != target.array.shape:
        raise ValueError(f"Target size ({list(target.shape)}) must be the same as input size ({list(input.shape)})")
    positive = mul(logsigmoid(input), target)
    positive = positive if pos_weight is None else mul(positive, pos_weight)
    return reduced(_weighted(-(positive + mul(logsigmoid(-input), 1 - target)), weight), reduction)


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Yes-or-no cross-entropy, meaned over the classes."""
    _legacy("multilabel_soft_margin_loss", size_average, reduce)
    loss = -(mul(target, logsigmoid(input)) + mul(1 - target, logsigmoid(-input)))
    return reduced(r.mean(_weighted(loss, weight), -1), reduction)


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """ln(1 + e^(−y·x)), y = ±1"""
    _legacy("soft_margin_loss", size_average, reduce)
    return reduced(-logsigmoid(mul(input, target)), reduction)


# Margins


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """x where y = 1, max(0, margin − x) where y = −1."""
    _legacy("hinge_embedding_loss", size_average, reduce)
    zero = input * 0
    loss = where(target != 1, clamp_min(margin - input, 0), zero) + where(target != -1, input, zero)
    return reduced(loss, reduction)


def margin_ranking_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction="mean"):
    """max(0, −y·(a − b) + margin)"""
    _legacy("margin_ranking_loss", size_average, reduce)
    return reduced(clamp_min(mul(-target, input1 - input2) + margin, 0), reduction)


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Σ over wrong classes of max(0, margin − x_true + x)ᵖ / C"""
    _legacy("multi_margin_loss", size_average, reduce)
    x = input if input.array.ndim == 2 else input.reshape(1, -1)
    t = target.array.reshape(-1)
    B, C = x.array.shape
    true = x[wrap(np.arange(B)), wrap(t)].reshape(-1, 1)
    hinge = clamp_min(x - true + margin, 0)
    hinge = hinge if p == 1 else square(hinge)
    factor = np.ones((B, C), x.array.dtype) if weight is None else np.repeat(weight.array[t][:, None], C, 1)
    factor[np.arange(B), t] = 0
    loss = r.sum(mul(hinge, wrap(factor)), 1) / C
    return reduced(loss if input.array.ndim == 2 else loss.squeeze(0), reduction)


def triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"
):
    """max(0, ‖a − p‖ − ‖a − n‖ + margin)"""
    _legacy("triplet_margin_loss", size_average, reduce)
    distance = lambda a, b: pairwise_distance(a, b, p, eps)  # noqa: E731
    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """The same with any distance."""
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clamp_min(near - far + margin, 0), reduction)


def cosine_embedding_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction="mean"):
    """1 − cos where y = 1, max(0, cos − margin) where y = −1."""
    _legacy("cosine_embedding_loss", size_average, reduce)
    cosine = _cosine(input1, input2)
    zero = cosine * 0
    loss = where(target == 1, 1 - cosine, zero) + where(target == -1, clamp_min(cosine - margin, 0), zero)
    return reduced(loss, reduction)


def _cosine(a, b):
    """PyTorch's own variant for this loss: ε inside the root."""
    dot, aa, bb = (r.sum(mul(x, y), -1) for x, y in ((a, b), (a, a), (b, b)))
    return dot / ((aa + 1e-12) * (bb + 1e-12)).sqrt()


# Distributions


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """q·(ln q − input), with log-probabilities as input; 'batchmean' divides by the batch size, as the formula does."""
    _legacy("kl_div", size_average, reduce)
    loss = mul(exp(target), target - input) if log_target else target.xlogy(target) - mul(target, input)
    if reduction == "batchmean":
        return r.sum(loss) / (input.array.shape[0] if input.array.ndim else 1)
    return reduced(loss, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """½·(ln σ² + (x − y)²/σ²)"""
    var = wrap(np.asarray(var, input.array.dtype)).expand(input.array.shape) if isinstance(var, float) else var
    if var.array.shape == input.array.shape[:-1]:
        var = var.unsqueeze(-1)
    if any(n not in (1, m) for n, m in zip(var.array.shape[::-1], input.array.shape[::-1])):
        raise ValueError(f"var is of incorrect size: expected {list(input.shape)}, got {list(var.shape)}")
    if (var.array < 0).any():
        raise ValueError("var has negative entry/entries: expected variances of at least 0")
    with_floor = var + wrap(np.maximum(var.array, eps) - var.array)  # clamped, but the gradient passes
    loss = 0.5 * (log(with_floor) + square(input - target) / with_floor)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


def poisson_nll_loss(
    input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"
):
    """eˣ − y·x, or x − y·ln(x + ε); `full` adds Stirling's formula for ln y!"""
    _legacy("poisson_nll_loss", size_average, reduce)
    loss = exp(input) - mul(target, input) if log_input else input - mul(target, log(input + eps))
    if full:
        stirling = mul(target, log(target)) - target + 0.5 * log(2 * math.pi * target)
        loss = loss + where(target > 1, stirling, mul(target, 0))
    return reduced(loss, reduction)
