"""Connectionist temporal classification: the loss of a sequence without knowing which step says which letter.

The probability of a text is the sum over all ways to spread its letters, with blanks and repetitions, over the steps.
Forward variables α and backward variables β sum them step by step, all examples and positions at once.
Graves et al. (2006), https://doi.org/10.1145/1143844.1143891; equation numbers are theirs.
"""

import numpy as np

from ...autograd import refuse
from ...op import op
from ...ops.reduce import mean, sum

NEVER = -np.inf


def _texts(targets, target_lengths, blank):
    """Letters with blanks around them, one row for each example: (B, 2S + 1)."""
    flat, rows, start = targets.ndim == 1, [], 0
    for b, n in enumerate(target_lengths):
        rows.append(targets[start : start + n] if flat else targets[b, :n])
        start += n
    width = 2 * int(max(target_lengths, default=0)) + 1
    out = np.full((len(rows), width), blank)
    for row, text in zip(out, rows):
        row[1 : 2 * len(text) : 2] = text
    return out


def _add(*logs):
    """ln Σ exp"""
    top = np.maximum.reduce(logs)
    safe = np.where(np.isfinite(top), top, 0)
    return np.log(np.add.reduce([np.exp(x - safe) for x in logs])) + safe


def _shift(x, n):
    out = np.full_like(x, NEVER)
    if x.shape[1] > n:
        out[:, n:] = x[:, :-n]
    return out


def _forward(logp, can_skip):
    """α of every step and position (6, 7): logp (T, B, positions)."""
    alphas = np.full_like(logp, NEVER)
    alphas[0, :, :2] = logp[0, :, :2]
    for t in range(1, len(logp)):
        before = alphas[t - 1]
        skip = np.where(can_skip, _shift(before, 2), NEVER)
        alphas[t] = _add(before, _shift(before, 1), skip) + logp[t]
    return alphas


@op
def _ctc(logp, texts, steps, lengths, blank):
    """−ln p(text) for each example, (B)."""
    T, B, _ = logp.shape
    rows, ends = np.arange(B), 2 * lengths
    letters = np.take_along_axis(logp, np.broadcast_to(texts, (T, *texts.shape)), 2)  # (T, B, positions)
    can_skip = np.zeros(texts.shape, bool)
    can_skip[:, 2:] = (texts[:, 2:] != blank) & (texts[:, 2:] != texts[:, :-2])
    with np.errstate(all="ignore"):
        alphas = _forward(letters, can_skip)
        last = alphas[steps - 1, rows]
        before_end = np.where(lengths > 0, last[rows, np.maximum(ends - 1, 0)], NEVER)
        total = _add(last[rows, ends], before_end)
        total = np.where(steps > 0, total, np.where(lengths > 0, NEVER, 0))

    def vjp(g):  # ∂logp at (t, letter) = −Σ over its positions of α·β / (p·total) (15)
        betas = np.full_like(letters, NEVER)
        beta = np.full(texts.shape, NEVER)
        for t in range(T - 1, -1, -1):
            start = np.full(texts.shape, NEVER)
            start[rows, ends] = 0
            start[rows, np.maximum(ends - 1, 0)] = 0
            skip = np.where(_ahead(can_skip, 2, False), _ahead(beta, 2, NEVER), NEVER)
            onward = _add(beta, _ahead(beta, 1, NEVER), skip)
            onward = np.where((t == steps - 1)[:, None], start, np.where((t < steps - 1)[:, None], onward, NEVER))
            betas[t] = onward
            beta = onward + letters[t]
        share = np.exp(alphas + betas - total[:, None])
        share = np.where(np.isfinite(share), share, 0) * -g[:, None]
        out = np.zeros_like(logp)
        t, b, _ = np.ogrid[:T, :B, :1]
        np.add.at(out, (t, b, np.broadcast_to(texts, share.shape)), share)
        out += (
            np.exp(logp) * (np.arange(T)[:, None] < steps)[..., None] * g[:, None]
        )  # as softmax's own gradient has it
        return out

    return -total, vjp


def _ahead(x, n, fill):
    out = np.full_like(x, fill)
    if x.shape[1] > n:
        out[:, :-n] = x[:, n:]
    return out


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
    steps, lengths = (
        np.atleast_1d(np.asarray(getattr(n, "array", n))).astype(int) for n in (input_lengths, target_lengths)
    )
    if len(steps) != B or len(lengths) != B:
        raise RuntimeError(
            f"ctc_loss: input_lengths and target_lengths must be of size {B}, got {len(steps)}, {len(lengths)}"
        )
    if steps.max(initial=0) > T:
        raise RuntimeError(f"ctc_loss: Expected input_lengths to have value at most {T}, but got value {steps.max()}")
    loss = _ctc(logp, _texts(np.atleast_1d(targets.array), lengths, blank), steps, lengths, blank)
    if zero_infinity:
        loss = loss.masked_fill(loss.isinf(), 0.0)
    if reduction == "mean":
        return mean(loss / np.maximum(lengths, 1).astype(logp.array.dtype))
    return sum(loss) if reduction == "sum" else loss.squeeze(0) if single else loss
