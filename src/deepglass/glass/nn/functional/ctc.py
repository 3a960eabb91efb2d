"""Connectionist temporal classification: the loss of a sequence without knowing which step says which letter.

The probability of a text is the sum over all ways to spread its letters, with blanks and repetitions, over the steps.
Forward variables α and backward variables β sum them step by step, all examples and positions at once.
Graves et al. (2006), https://doi.org/10.1145/1143844.1143891; equation numbers are theirs.
"""

import numpy as np

from ...left_out import refuse
from ...op import op, require
from ...ops.reduce import mean, sum

NEVER = -np.inf


def ctc_loss(
    log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False, backend=None
):
    """−ln p(targets | log_probs).

    Args:
        log_probs: (T, B, C), or (T, C) for one example: log-probabilities of every step.
        targets: (B, S), or all texts one behind the other.
        input_lengths: Steps of each example.
        target_lengths: Letters of each text.
        blank: The class that says nothing.
        reduction: 'mean' divides each loss by the length of its text first.
        zero_infinity: Texts too long for their steps give 0 instead of infinity.

    Raises:
        RuntimeError: If the lengths do not fit.
    """
    refuse("ctc_loss", backend=backend)
    single = log_probs.array.ndim == 2
    logp = log_probs.unsqueeze(1) if single else log_probs
    T, B, _ = logp.array.shape
    steps, lengths = (np.atleast_1d(getattr(n, "array", n)).astype(int) for n in (input_lengths, target_lengths))
    if len(steps) != B or len(lengths) != B:
        raise RuntimeError(
            f"ctc_loss: lengths must be of size {B}, got {len(steps)} of inputs, {len(lengths)} of targets"
        )
    if steps.max(initial=0) > T:
        raise RuntimeError(f"ctc_loss: Expected input_lengths to have value at most {T}, but got value {steps.max()}")
    room = targets.array.shape[-1] if targets.array.ndim > 1 else targets.array.size - lengths.sum() + max(lengths)
    if max(lengths, default=0) > room:
        raise RuntimeError(f"ctc_loss: expected texts of at most {room} letters, got target_lengths {lengths.tolist()}")
    require("ctc_loss", "f", logp.array)
    loss = _ctc(logp, targets, _texts(np.atleast_1d(targets.array), lengths, blank), steps, lengths, blank)
    if zero_infinity:
        loss = loss.masked_fill(loss.isinf(), 0.0)
    if reduction == "mean":
        return mean(loss / np.maximum(lengths, 1).astype(logp.array.dtype))
    return sum(loss) if reduction == "sum" else loss.squeeze(0) if single else loss


def _texts(targets, lengths, blank):
    """Letters with blanks around them, one row for each example: (B, 2S + 1)."""
    starts = np.cumsum([0, *lengths])
    out = np.full((len(lengths), 2 * int(max(lengths, default=0)) + 1), blank)
    for b, n in enumerate(lengths):
        out[b, 1 : 2 * n : 2] = targets[starts[b] : starts[b] + n] if targets.ndim == 1 else targets[b, :n]
    return out


@op(saves=2)
def _ctc(logp, _, texts, steps, lengths, blank):
    """−ln p(text) for each example, (B)."""
    T, B, _ = logp.shape
    letters = np.take_along_axis(logp, np.broadcast_to(texts, (T, *texts.shape)), 2)  # (T, B, positions)
    can_skip = np.zeros(texts.shape, bool)
    can_skip[:, 2:] = (texts[:, 2:] != blank) & (texts[:, 2:] != texts[:, :-2])
    ends = np.full(texts.shape, NEVER, logp.dtype)  # 0 at the last letter and the blank behind it, where a text may end
    for offset in (0, 1):
        ends[np.arange(B), np.maximum(2 * lengths - offset, 0)] = 0
    with np.errstate(all="ignore"):
        alphas = _forward(letters, can_skip)
        total = _add(*(alphas[steps - 1, np.arange(B)] + ends).T)
        loss = -np.where(steps > 0, total, np.where(lengths > 0, NEVER, 0)).astype(logp.dtype)

    def vjp(g):  # ∂logp at (t, letter) = p − Σ over its positions of α·β / total (15), as softmax's own gradient has it
        share = np.exp(alphas + _backward(letters, can_skip, steps, ends) + loss[:, None])
        share = np.where(np.isfinite(share), share, 0) * -g[:, None]
        out = np.exp(logp) * g[:, None]
        t, b, _ = np.ogrid[:T, :B, :1]
        np.add.at(out, (t, b, np.broadcast_to(texts, share.shape)), share)
        out[:, np.isinf(loss) & (g != 0)] = np.nan  # a text that does not fit its steps: nothing makes it likelier
        out[np.arange(T)[:, None] >= steps] = 0
        return out

    return loss, vjp


def _forward(letters, can_skip):
    """α of every step and position (6, 7): what ends here after t steps."""
    alphas = np.full_like(letters, NEVER)
    alphas[0, :, :2] = letters[0, :, :2]
    for t in range(1, len(letters)):
        before = alphas[t - 1]
        skip = np.where(can_skip, _shift(before, 2), NEVER)
        alphas[t] = _add(before, _shift(before, 1), skip) + letters[t]
    return alphas


def _backward(letters, can_skip, steps, ends):
    """β of every step and position (10, 11), without the letter of the step itself: what can still follow."""
    betas, beta = np.full_like(letters, NEVER), np.full_like(ends, NEVER)
    for t in range(len(letters) - 1, -1, -1):
        skip = _shift(np.where(can_skip, beta, NEVER), -2)
        onward = _add(beta, _shift(beta, -1), skip)
        betas[t] = np.where((t == steps - 1)[:, None], ends, np.where((t < steps - 1)[:, None], onward, NEVER))
        beta = betas[t] + letters[t]
    return betas


def _shift(x, n):
    """Rows moved n places to the right (left if negative); nothing comes in."""
    out = np.full_like(x, NEVER)
    if n > 0:
        out[:, n:] = x[:, :-n]
    else:
        out[:, :n] = x[:, -n:]
    return out


def _add(*logs):
    """ln Σ exp"""
    top = np.maximum.reduce(logs)
    safe = np.where(np.isfinite(top), top, 0)
    return np.log(np.add.reduce([np.exp(x - safe) for x in logs])) + safe
