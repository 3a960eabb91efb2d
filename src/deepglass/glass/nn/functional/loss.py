"""Losses: how far an answer is from the truth. For CTC see `ctc`.

Every loss is first one number for each example; `reduction` makes 'mean', 'sum' or nothing ('none') of them.
"""

import warnings

import numpy as np

from ...autograd import mode
from ...dtype import promote_types
from ...left_out import refuse, with_old_places
from ...op import op, require
from ...ops.elementwise import abs, clamp_min, exp, minimum, mul, where, xlogy
from ...ops.reduce import log_softmax, mean, sum
from ...ops.shape import broadcast_shapes
from .linear import pairwise_distance


def reduced(loss, reduction, weight=None):
    """The mean, the sum, or the losses themselves; each times its weight, if there is one.

    Raises:
        ValueError: If the reduction is not one of these three.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction: expected 'mean', 'sum' or 'none'")
    loss = loss if weight is None else mul(loss, weight)
    return {"mean": mean, "sum": sum, "none": lambda loss: loss}[reduction](loss)


def _fixed(name, weight, like):
    """A weight of a loss: it is not learned, and what it weighs keeps its shape and type."""
    if weight is None:
        return None
    require(name, "f", weight.array)
    if weight.requires_grad and mode.enabled:
        raise RuntimeError(f"{name} is not differentiable with respect to its weights: expected no requires_grad")
    if broadcast_shapes(weight.array.shape, like.array.shape) != like.array.shape:
        raise RuntimeError(f"{name}: expected weights that fit {list(like.shape)}, got {list(weight.shape)}")
    return weight.to(like.dtype)


# Distance


def _warn_of_sizes(name, input, target):
    """Broadcasting makes more pairs than were probably meant."""
    if input.array.shape != target.array.shape:
        warnings.warn(
            f"{name}: Using a target size ({list(target.shape)}) that is different to the input size "
            f"({list(input.shape)}) repeats both, mostly by mistake; see target.reshape(input.shape)",
            stacklevel=4,  # of the user's line: above the loss, and above its old places
        )


def _difference(name, x, y):
    """x − y in their common type, which is floating point."""
    common = promote_types(x.dtype, y.dtype)
    require(name, "f", np.empty(0, common))
    return x.astype(common, copy=False) - y.astype(common, copy=False)


@with_old_places
def mse_loss(input, target, reduction="mean", weight=None):
    """(x − y)²"""
    refuse("mse_loss", weight=weight)
    _warn_of_sizes("mse_loss", input, target)
    return reduced(_squared_error(input, target), reduction)


@op(saves=2)
def _squared_error(x, y):
    d = _difference("mse_loss", x, y)
    return d * d, lambda g: g * (2 * d), lambda g: -g * (2 * d)


@with_old_places
def l1_loss(input, target, reduction="mean", weight=None):
    """|x − y|: outliers count for less than in the squared error."""
    refuse("l1_loss", weight=weight)
    _warn_of_sizes("l1_loss", input, target)
    shape = broadcast_shapes(input.array.shape, target.array.shape)
    return reduced(abs(input.expand(shape) - target.expand(shape)), reduction)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d²/2 where |d| < δ, δ·(|d| − δ/2) elsewhere (Huber, 1964, https://doi.org/10.1214/aoms/1177703732).

    Raises:
        RuntimeError: If delta is not above 0.
    """
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta, got {delta}")
    refuse("huber_loss", weight=weight)
    _warn_of_sizes("huber_loss", input, target)
    require("huber_loss", "f", input.array, target.array)
    return reduced(_huber(input, target, delta), reduction)


@op(saves=2)
def _huber(x, y, delta):
    d = _difference("smooth_l1_loss", x, y)
    size, slope = np.abs(d), np.clip(d, -delta, delta)
    return np.where(size < delta, 0.5 * d * d, delta * (size - 0.5 * delta)), lambda g: g * slope, lambda g: -g * slope


@with_old_places
def smooth_l1_loss(input, target, reduction="mean", beta=1.0):
    """Huber's loss divided by β.

    Raises:
        RuntimeError: If beta is negative.
    """
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    _warn_of_sizes("smooth_l1_loss", input, target)
    return reduced(_huber(input, target, beta) / beta, reduction)


# Classes


@with_old_places
def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
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
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if not input.array.ndim:
        raise IndexError("cross_entropy: expected logits (B, C, …) or (C), got a tensor without dimensions")
    dim = 0 if input.array.ndim == 1 else 1
    if label_smoothing and not input.array.shape[dim]:
        raise NotImplementedError("cross_entropy: label smoothing without a single class is left out of the engine")
    logp = log_softmax(input, dim)
    if target.array.shape != input.array.shape:
        return _nll(logp, target, weight, ignore_index, reduction, label_smoothing)
    if target.array.dtype.kind != "f" or ignore_index >= 0:
        raise RuntimeError(f"cross_entropy: expected probabilities and no ignore_index, or classes, got {target.dtype}")
    return _soft_cross_entropy(logp, target, weight, reduction, label_smoothing)


def _soft_cross_entropy(logp, target, weight, reduction, smoothing):
    """−Σ over classes of target·log p, with probabilities as targets."""
    dim = 0 if logp.array.ndim == 1 else 1
    if smoothing:
        target = target * (1 - smoothing) + smoothing / logp.array.shape[dim]
    if weight is not None:
        _check_weight(weight, logp.array.shape[dim])
        logp = mul(logp, weight.reshape(-1, *[1] * (logp.array.ndim - dim - 1)))
    loss = -sum(mul(logp, target), dim)
    return (
        reduced(loss, reduction) if reduction != "mean" else sum(loss) / (loss.array.size if logp.array.size else 0.0)
    )


def _check_weight(weight, classes):
    if weight.array.shape != (classes,):
        raise RuntimeError(f"cross_entropy: expected a weight for each of {classes} classes, got {list(weight.shape)}")


@with_old_places
def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    """−log p of the true class: input (B, C, …) holds log-probabilities, target (B, …) classes.

    Raises:
        RuntimeError, ValueError, IndexError: As `cross_entropy`.
    """
    return _nll(input, target, weight, ignore_index, reduction, 0.0)


def _nll(logp, target, weight, ignore_index, reduction, smoothing):
    single = logp.array.ndim == 1
    logp, t = (logp.unsqueeze(0), target.array.reshape(-1)) if single else (logp, target.array)
    _check_classes(logp.array, t, ignore_index)
    require("nll_loss", "f", logp.array, *([] if weight is None else [weight.array]))
    if weight is not None:
        _check_weight(weight, logp.array.shape[1])
        if weight.requires_grad and mode.enabled:
            raise RuntimeError("nll_loss is not differentiable with respect to weight: expected no requires_grad")
    kept = t != ignore_index
    is_all = kept.all()
    t = t if is_all else np.where(kept, t, 0)
    w = kept.astype(logp.array.dtype) if weight is None else weight.array[t] * kept
    loss = _pick_class(logp, target, weight, t, w, None if is_all else kept, smoothing)
    if reduction == "mean":
        with np.errstate(all="ignore"):
            return sum(loss) * float(1 / w.sum())
    return reduced(loss.squeeze(0) if single else loss, reduction)


@op(saves=3, lays="contiguous")
def _pick_class(logp, _, weight, target, w, kept, smoothing):
    """−w·log p of the true class, (B, …) from (B, C, …); smoothing gives every class a share ε/C."""
    first, *others = np.indices(target.shape, sparse=True)
    place, shape, even = (first, target, *others), logp.shape, None
    y = logp[place] * -w
    if smoothing:
        even = np.ones(shape[1], logp.dtype) if weight is None else weight
        even = even.reshape(-1, *[1] * len(others)) * (smoothing / shape[1])
        y = y * (1 - smoothing) - (logp * even).sum(1)
    y = y if kept is None else np.where(kept, y, 0)  # what does not count is 0, even beside nan

    def vjp(g):
        out = np.zeros(shape, logp.dtype)
        g = g if kept is None else np.where(kept, g, 0)
        out[place] = -g * w * (1 - smoothing)
        if smoothing:
            out -= np.expand_dims(g, 1) * even
        return out

    return y, vjp


CLASSES = np.dtype(np.int64), np.dtype(np.uint8)


def _check_classes(x, t, ignore_index):
    if t.dtype not in CLASSES:
        raise RuntimeError(f"cross_entropy: expected target class indices of dtype int64, got {t.dtype}; use .long()")
    if x.ndim < 2 or t.shape != x.shape[:1] + x.shape[2:]:
        error = ValueError if x.shape[:1] != t.shape[:1] else RuntimeError
        raise error(
            f"cross_entropy: Expected target size {[*x.shape[:1], *x.shape[2:]]} for input (B, C, …) {list(x.shape)}, "
            f"got {list(t.shape)}"
        )
    wrong = (t != ignore_index) & ((t < 0) | (t >= x.shape[1]))
    if wrong.any():
        raise IndexError(f"cross_entropy: Target {t[wrong][0]} is out of bounds: expected classes 0 … {x.shape[1] - 1}")


# Yes or no


@with_old_places
def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    """−(y·ln p + (1 − y)·ln(1 − p)) of probabilities p.

    Raises:
        RuntimeError: If a probability is not between 0 and 1.
        ValueError: If the shapes differ.
    """
    _check_shapes(input, target)
    if not ((input.array >= 0) & (input.array <= 1)).all():
        raise RuntimeError("binary_cross_entropy: all elements of input should be between 0 and 1; for logits use "
                           "binary_cross_entropy_with_logits")  # fmt: skip
    weight = _fixed("binary_cross_entropy", weight, input)
    return reduced(_bce(input, target), reduction, weight)


@op(kinds="f")
def _bce(p, y):
    with np.errstate(all="ignore"):
        yes, no = np.log(p), np.log1p(-p)
    return (
        (y - 1) * np.maximum(no, -100) - y * np.maximum(yes, -100),  # −100 is PyTorch's bound
        lambda g: g * (p - y) / np.maximum(p * (1 - p), 1e-12),
        lambda g: g * (no - yes),
    )


@with_old_places
def binary_cross_entropy_with_logits(input, target, weight=None, reduction="mean", pos_weight=None):
    """The same of logits, p = σ(x); `pos_weight` is a factor of the positive part.

    Raises:
        ValueError: If the shapes differ.
    """
    _check_shapes(input, target)
    weight, positive = (_fixed("binary_cross_entropy_with_logits", w, input) for w in (weight, pos_weight))
    return reduced(_bce_with_logits(input, target, positive), reduction, weight)


@op(kinds="f", saves=2)
def _bce_with_logits(x, y, positive):
    p = 1 if positive is None else positive
    log_yes, log_no = (-np.logaddexp(0, side).astype(x.dtype) for side in (-x, x))  # ln σ(x), ln σ(−x)
    return (
        (1 - y) * x - (1 + (p - 1) * y) * log_yes,  # ln σ(−x) = ln σ(x) − x
        lambda g: g * ((p * y + 1 - y) * np.exp(log_yes) - p * y),
        lambda g: g * (-x if positive is None else log_no - p * log_yes),
    )


def _check_shapes(input, target):
    if input.array.shape != target.array.shape:
        raise ValueError(f"Target size ({list(target.shape)}) must be the same as input size ({list(input.shape)})")


def _check_dims(name, *tensors):
    if len({x.array.ndim for x in tensors}) > 1:
        raise RuntimeError(f"{name}: expected one number of dimensions, got {[list(x.shape) for x in tensors]}")


# Margins


@with_old_places
def hinge_embedding_loss(input, target, margin=1.0, reduction="mean"):
    """x where y = 1, max(0, margin − x) where y = −1."""
    near, far = where(target != -1, input, 0), where(target != 1, clamp_min(margin - input, 0), 0)
    return reduced(near + far, reduction)


@with_old_places
def margin_ranking_loss(input1, input2, target, margin=0.0, reduction="mean"):
    """max(0, −y·(a − b) + margin): which of two should be higher; with b = 0 the hinge of support vectors.

    Raises:
        RuntimeError: If the numbers of dimensions differ.
    """
    _check_dims("margin_ranking_loss", input1, input2, target)
    return reduced(clamp_min(mul(-target, input1 - input2) + margin, 0), reduction)


@with_old_places
def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, reduction="mean"):
    """max(0, ‖a − p‖ − ‖a − n‖ + margin) (Schroff et al., 2015, https://arxiv.org/abs/1503.03832).

    Raises:
        ValueError: If the margin is not above 0.
    """
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    _check_dims("triplet_margin_loss", anchor, positive, negative)
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduced(clamp_min(near - far + margin, 0), reduction)


@with_old_places
def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction="mean"):
    """1 − cos where y = 1, max(0, cos − margin) where y = −1; ε is inside the root here.

    Raises:
        RuntimeError: If the shapes are not (B, C), (B, C) and (B), or those without B.
    """
    if target.array.ndim > 1 or {x.array.ndim for x in (input1, input2)} != {target.array.ndim + 1}:
        raise RuntimeError("cosine_embedding_loss: expected inputs (B, C) and target (B), or (C) and one number")
    dot, aa, bb = (sum(mul(x, y), -1) for x, y in ((input1, input2), (input1, input1), (input2, input2)))
    cosine = dot / ((aa + 1e-12) * (bb + 1e-12)).sqrt()
    near, far = where(target == 1, 1 - cosine, 0.0), where(target == -1, clamp_min(cosine - margin, 0), 0.0)
    return reduced(near + far, reduction)


# Distributions


@with_old_places
def kl_div(input, target, reduction="mean", log_target=False):
    """q·(ln q − input), with log-probabilities as input; 'batchmean' divides by the batch size, as the formula does."""
    for x in (input, target):
        require("kl_div", "f", x.array)
    loss = mul(exp(target), target - input) if log_target else xlogy(target, target) - mul(target, input)
    if reduction == "batchmean":
        return sum(loss) / (input.array.shape[0] if input.array.ndim else 1)
    return reduced(loss, reduction)
