"""Losses: how far an answer is from the truth. CTC stands in `ctc`.

Every loss is first one number for each example; `reduction` makes 'mean', 'sum' or nothing ('none') of them. PyTorch's
old `size_average` and `reduce` keep their places in the argument order and are refused.
"""

import numpy as np

from ...left_out import refuse
from ...op import op
from ...ops.elementwise import abs, clamp_min, exp, minimum, mul, square, where, xlogy
from ...ops.reduce import log_softmax, mean, sum
from .activation import logsigmoid
from .linear import pairwise_distance


def reduced(loss, reduction, size_average=None, reduce=None, weight=None):
    """The mean, the sum, or the losses themselves; each times its weight, if there is one."""
    refuse("loss", size_average=size_average, reduce=reduce)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction: expected 'mean', 'sum' or 'none'")
    loss = loss if weight is None else mul(loss, weight)
    return {"mean": mean, "sum": sum, "none": lambda loss: loss}[reduction](loss)


# Distance


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """(x − y)²"""
    refuse("mse_loss", weight=weight)
    return reduced(square(input - target), reduction, size_average, reduce)


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """|x − y|: outliers count for less than in the squared error."""
    refuse("l1_loss", weight=weight)
    return reduced(abs(input - target), reduction, size_average, reduce)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d²/2 where |d| < δ, δ·(|d| − δ/2) elsewhere (Huber, 1964, https://doi.org/10.1214/aoms/1177703732)."""
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta, got {delta}")
    refuse("huber_loss", weight=weight)
    return reduced(_huber(input - target, delta), reduction)


@op
def _huber(d, delta):
    size = np.abs(d)
    return np.where(size < delta, 0.5 * d * d, delta * (size - 0.5 * delta)), lambda g: g * np.clip(d, -delta, delta)


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """Huber's loss divided by β."""
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    loss = abs(input - target) if beta == 0 else _huber(input - target, beta) / beta
    return reduced(loss, reduction, size_average, reduce)


# Classes


def cross_entropy(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0
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
    refuse("cross_entropy", size_average=size_average, reduce=reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    logp = log_softmax(input, 0 if input.array.ndim == 1 else 1)
    if target.array.dtype.kind == "f" and target.array.shape == input.array.shape:
        return _soft_cross_entropy(logp, target, weight, reduction, label_smoothing)
    return _nll(logp, target, weight, ignore_index, reduction, label_smoothing)


def _soft_cross_entropy(logp, target, weight, reduction, smoothing):
    """−Σ over classes of target·log p, with probabilities as targets."""
    dim = 0 if logp.array.ndim == 1 else 1
    if smoothing:
        target = target * (1 - smoothing) + smoothing / logp.array.shape[dim]
    if weight is not None:
        logp = mul(logp, weight.reshape(-1, *[1] * (logp.array.ndim - dim - 1)))
    loss = -sum(mul(logp, target), dim)
    return reduced(loss, reduction) if reduction != "mean" or not dim else sum(loss) / loss.array.size


def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """−log p of the true class: input (B, C, …) holds log-probabilities, target (B, …) classes."""
    refuse("nll_loss", size_average=size_average, reduce=reduce)
    return _nll(input, target, weight, ignore_index, reduction, 0.0)


def _nll(logp, target, weight, ignore_index, reduction, smoothing):
    single = logp.array.ndim == 1
    logp, t = (logp.unsqueeze(0), target.array[None]) if single else (logp, target.array)
    _check_classes(logp.array, t, ignore_index)
    kept = (t != ignore_index).astype(logp.array.dtype)
    t = np.where(kept, t, 0)
    w = kept if weight is None else weight.array[t] * kept
    loss = _pick_class(logp, t, w, kept, None if weight is None else weight.array, smoothing)
    if reduction == "mean":
        with np.errstate(all="ignore"):
            return sum(loss) * float(1 / w.sum())
    return reduced(loss.squeeze(0) if single else loss, reduction)


@op
def _pick_class(logp, target, w, kept, weight, smoothing):
    """−w·log p of the true class, (B, …) from (B, C, …); smoothing gives every class a share ε/C."""
    C, place, shape = logp.shape[1], np.expand_dims(target, 1), logp.shape
    even = np.ones(C, logp.dtype) if weight is None else weight
    even = even.reshape(C, *[1] * (logp.ndim - 2)) * (smoothing / C)
    y = np.take_along_axis(logp, place, 1).squeeze(1) * -w
    if smoothing:
        y = y * (1 - smoothing) - (logp * even).sum(1) * kept

    def vjp(g):
        out = np.zeros(shape, logp.dtype)
        share = np.where(w == 0, 0, -g * w * (1 - smoothing))  # what does not count gets 0, even from an infinite g
        np.put_along_axis(out, place, np.expand_dims(share, 1), 1)
        if smoothing:
            out -= np.expand_dims(np.where(kept, g, 0), 1) * even
        return out

    return y, vjp


def _check_classes(x, t, ignore_index):
    if t.dtype.kind not in "iu":
        raise RuntimeError(f"cross_entropy: expected target class indices of dtype int64, got {t.dtype}; use .long()")
    if t.shape != x.shape[:1] + x.shape[2:]:
        raise ValueError(
            f"cross_entropy: Expected target size {[*x.shape[:1], *x.shape[2:]]} for input (B, C, …) {list(x.shape)}, "
            f"got {list(t.shape)}"
        )
    wrong = (t != ignore_index) & ((t < 0) | (t >= x.shape[1]))
    if wrong.any():
        raise IndexError(f"cross_entropy: Target {t[wrong][0]} is out of bounds: expected classes 0 … {x.shape[1] - 1}")


# Yes or no


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """−(y·ln p + (1 − y)·ln(1 − p)) of probabilities p."""
    _check_shapes(input, target)
    if (input.array < 0).any() or (input.array > 1).any():
        raise RuntimeError("binary_cross_entropy: all elements of input should be between 0 and 1; for logits use "
                           "binary_cross_entropy_with_logits")  # fmt: skip
    return reduced(_bce(input, target), reduction, size_average, reduce, weight)


@op
def _bce(p, y):
    with np.errstate(all="ignore"):
        yes, no = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)  # −100 is PyTorch's bound
    return -(y * yes + (1 - y) * no), lambda g: g * (p - y) / np.maximum(p * (1 - p), 1e-12), lambda g: g * (no - yes)


def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """The same of logits, p = σ(x); `pos_weight` is a factor of the positive part."""
    _check_shapes(input, target)
    positive = mul(logsigmoid(input), target)
    positive = positive if pos_weight is None else mul(positive, pos_weight)
    return reduced(-(positive + mul(logsigmoid(-input), 1 - target)), reduction, size_average, reduce, weight)


def _check_shapes(input, target):
    if input.array.shape != target.array.shape:
        raise ValueError(f"Target size ({list(target.shape)}) must be the same as input size ({list(input.shape)})")


# Margins


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """x where y = 1, max(0, margin − x) where y = −1."""
    near, far = where(target != -1, input, 0.0), where(target != 1, clamp_min(margin - input, 0), 0.0)
    return reduced(near + far, reduction, size_average, reduce)


def margin_ranking_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction="mean"):
    """max(0, −y·(a − b) + margin): which of two should stand higher; with b = 0 the hinge of support vectors."""
    return reduced(clamp_min(mul(-target, input1 - input2) + margin, 0), reduction, size_average, reduce)


def triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"
):
    """max(0, ‖a − p‖ − ‖a − n‖ + margin) (Schroff et al., 2015, https://arxiv.org/abs/1503.03832)."""
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduced(clamp_min(near - far + margin, 0), reduction, size_average, reduce)


def cosine_embedding_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction="mean"):
    """1 − cos where y = 1, max(0, cos − margin) where y = −1; ε stands inside the root here."""
    dot, aa, bb = (sum(mul(x, y), -1) for x, y in ((input1, input2), (input1, input1), (input2, input2)))
    cosine = dot / ((aa + 1e-12) * (bb + 1e-12)).sqrt()
    near, far = where(target == 1, 1 - cosine, 0.0), where(target == -1, clamp_min(cosine - margin, 0), 0.0)
    return reduced(near + far, reduction, size_average, reduce)


# Distributions


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """q·(ln q − input), with log-probabilities as input; 'batchmean' divides by the batch size, as the formula does."""
    loss = mul(exp(target), target - input) if log_target else xlogy(target, target) - mul(target, input)
    if reduction == "batchmean":
        return sum(loss) / (input.array.shape[0] if input.array.ndim else 1)
    return reduced(loss, reduction, size_average, reduce)
