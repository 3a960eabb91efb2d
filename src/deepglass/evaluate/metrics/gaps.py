"""How well covered words are told: how often the word is the first that is named, or among the first five; perplexity.

    perplexity = exp(nats per gap)      as unsure as a choice among so many equally likely words

A text may have several gaps, which depend on each other; so whole texts are resampled.
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import intervals
from deepglass.evaluate.metrics.language import perplexity
from deepglass.evaluate.scores import score


def evaluate(
    losses: np.ndarray, asked: np.ndarray, right: np.ndarray, among: np.ndarray, *, seed: int = 0
) -> dict[str, Any]:
    """Every score of filled gaps, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        losses: Mean loss per gap of each text, in nats.
        asked: Gaps of each text whose word is known.
        right: How many of them were filled with that word.
        among: In how many of them it was among the first five words.
        seed: Of the bootstrap.

    Shape:
        - losses, asked, right, among: (N,)

    Raises:
        ShapeError: If the sizes differ.
        DataError: If no word is known that was covered, or a loss is not finite.

    Example:
        >>> found = evaluate(np.log([4.0, 4.0]), np.array([1, 3]), np.array([1, 1]), np.array([1, 2]))
        >>> [round(found[name]["value"], 6) for name in found["headline"]]
        [0.5, 0.75, 4.0]
    """
    _check(losses, asked, right, among)
    columns = np.stack([losses * asked, right, among, asked], axis=1).astype(np.float64)
    values, spread = (
        _from_means(part)
        for part in (columns.mean(axis=0, keepdims=True), intervals.resampled_means(columns, seed=seed))
    )
    return {
        "kind": "gaps",
        "count": len(losses),
        "headline": ["gap_accuracy", "gap_among_five", "gap_perplexity"],
        **{name: score(values[name][0], intervals.percentile_interval(spread[name])) for name in values},
        "details": {"gaps": int(asked.sum())},
    }


def _from_means(means: np.ndarray) -> dict[str, np.ndarray]:
    """Scores (R,) from the means per text of nats, right ones, right ones among five, gaps (R, 4)."""
    nats, right, among, asked = means.T
    asked = np.maximum(asked, 1e-12)  # of a resample in which no text has a gap
    return {
        "gap_accuracy": right / asked,
        "gap_among_five": among / asked,
        "gap_perplexity": perplexity(nats / asked),
        "gap_loss": nats / asked,
    }


def _check(losses: np.ndarray, *counts: np.ndarray) -> None:
    if losses.ndim != 1 or any(part.shape != losses.shape for part in counts):
        shapes = ", ".join(str(part.shape) for part in (losses, *counts))
        raise ShapeError(f"expected losses and counts of one shape (N,), got {shapes}")
    if not len(losses) or not counts[0].sum():
        raise DataError(
            "no word was covered that training knows, so there is nothing to judge: give texts of the language that it "
            "was trained on, of two words or more"
        )
    if not np.isfinite(losses).all():
        raise DataError("some losses are not numbers: the model has diverged; train with a lower learning rate")
