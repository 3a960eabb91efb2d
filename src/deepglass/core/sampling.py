"""Which token comes next: from what a language model says of all of them to the shares by which one is drawn.

    logits ── repetition ── temperature ── top-k ── top-p ── min-p ── shares that sum to 1

Each step takes away from the unlikely: top-k keeps so many tokens, top-p as many as hold a share of all probability,
min-p those that are at least so likely as a part of the likeliest. NumPy alone: this very file is a part of
`deploy/runtime` too, so that a bundle draws as its run does.

References:
    Fan, Lewis & Dauphin (2018), Hierarchical Neural Story Generation, https://arxiv.org/abs/1805.04833 (top-k)
    Holtzman et al. (2020), The Curious Case of Neural Text Degeneration, https://arxiv.org/abs/1904.09751 (top-p)
    Nguyen et al. (2024), Turning Up the Heat: Min-p Sampling, https://arxiv.org/abs/2407.01082
    Keskar et al. (2019), CTRL, https://arxiv.org/abs/1909.05858 (the penalty for what was said)
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float = 0.8  # divides the logits: below 1 bolder, above 1 wilder; 0 takes the likeliest
    top_k: int | None = None  # draw among so many of the likeliest only; 40 is usual
    top_p: float | None = None  # draw among the likeliest that together have this share; 0.9 is usual
    min_p: float | None = None  # draw among those at least so likely, as a share of the likeliest; 0.05 is usual
    repetition_penalty: float = 1.0  # weakens what was said already; 1 leaves it, 1.2 is usual

    def fault(self) -> tuple[str, str] | None:
        """The field that is out of its range, and what was expected; None where all are well."""
        if not 0 <= self.temperature < float("inf"):
            return "temperature", f"expected 0 or more, got {self.temperature:g}; 0.8 is usual"
        if self.top_k is not None and self.top_k < 1:
            return "top_k", f"expected 1 or more, got {self.top_k}; 40 is usual"
        if self.top_p is not None and not 0 < self.top_p <= 1:
            return "top_p", f"expected a share in (0, 1], got {self.top_p:g}; 0.9 is usual"
        if self.min_p is not None and not 0 <= self.min_p <= 1:
            return "min_p", f"expected a share in [0, 1], got {self.min_p:g}; 0.05 is usual"
        if not 0 < self.repetition_penalty < float("inf"):
            return "repetition_penalty", f"expected above 0, got {self.repetition_penalty:g}; 1.2 is usual"
        return None


def shares(logits: np.ndarray, how: Sampling, said: Iterable[int] = ()) -> np.ndarray:
    """Probabilities (V,) by which the next token is drawn.

    Args:
        logits: (V,) of what the model says; minus infinity is never drawn.
        how: Within its ranges.
        said: Tokens that were written before, for the penalty.

    Example:
        >>> shares(np.array([2.0, 1.0, 0.0]), Sampling(temperature=1.0, top_k=2)).round(3).tolist()
        [0.731, 0.269, 0.0]
    """
    logits = logits.astype(np.float64)
    if how.repetition_penalty != 1 and (before := list({*said})):
        seen = logits[before]
        logits[before] = np.where(seen > 0, seen / how.repetition_penalty, seen * how.repetition_penalty)
    if how.temperature == 0:
        return (np.arange(len(logits)) == logits.argmax()).astype(np.float64)
    logits = (logits - logits.max()) / how.temperature
    if how.top_k is not None and how.top_k < len(logits):
        logits[logits < np.partition(logits, -how.top_k)[-how.top_k]] = -np.inf
    p = np.exp(logits)
    p /= p.sum()
    if how.top_p is not None:
        order = np.argsort(-p, kind="stable")
        before = np.cumsum(p[order]) - p[order]  # share of all that are likelier: 0 for the first, which stays
        p[order[before >= how.top_p]] = 0.0
    if how.min_p is not None:
        p[p < how.min_p * p.max()] = 0.0
    return p / p.sum()


def draw(p: np.ndarray, generator: np.random.Generator) -> int:
    """A token by its share."""
    return int(min(np.searchsorted(np.cumsum(p), generator.random() * p.sum(), side="right"), np.flatnonzero(p)[-1]))
