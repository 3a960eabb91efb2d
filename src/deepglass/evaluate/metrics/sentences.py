"""How near written sentences are to the true ones: BLEU, chrF, and how many are the very same.

Intervals come from the bootstrap over sentences: Koehn (2004), Statistical Significance Tests for Machine Translation
Evaluation, https://aclanthology.org/W04-3250/
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import bleu, chrf, intervals
from deepglass.evaluate.scores import score

FEWEST = 5  # sentences whose spread says something of others


def tables(written: Sequence[str], true: Sequence[str]) -> dict[str, np.ndarray]:
    """What each sentence adds to the scores: "bleu" (N, 10), "chrf" (N, 18) and "exact_match" (N,).

    Raises:
        ShapeError: If there are not as many true sentences as written ones.
    """
    if len(written) != len(true):
        raise ShapeError(f"expected as many true sentences as written ones, got {len(true)} and {len(written)}")
    pairs = list(zip(written, true))
    return {
        "bleu": np.array([bleu.statistics(*pair) for pair in pairs], np.float64).reshape(-1, 10),
        "chrf": np.array([chrf.statistics(*pair) for pair in pairs], np.float64).reshape(-1, 18),
        "exact_match": np.array([one.split() == other.split() for one, other in pairs], np.float64),
    }


def evaluate(written: Sequence[str], true: Sequence[str], *, seed: int = 0) -> dict[str, Any]:
    """Every score of written sentences, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        written: By a network.
        true: One for each.
        seed: Of the bootstrap.

    Raises:
        ShapeError: If there are not as many of the one as of the other.
        DataError: If there is none.
    """
    if not len(written):
        raise DataError("expected at least one sentence to judge, got none")
    found = tables(written, true)
    columns = np.concatenate([found["bleu"], found["chrf"], found["exact_match"][:, None]], axis=1)
    values = _from_means(columns.mean(axis=0, keepdims=True), len(written))
    spread = _from_means(intervals.resampled_means(columns, seed=seed), len(written))
    words = columns[:, :2].sum(axis=0)
    return {
        "kind": "sentences",
        "count": len(written),
        "headline": ["bleu", "chrf", "exact_match"],
        **{name: score(values[name][0], _interval(spread[name], len(written))) for name in values},
        "details": {
            "signatures": {"bleu": bleu.SIGNATURE, "chrf": chrf.SIGNATURE},
            "words": int(words[0]),
            "true_words": int(words[1]),
            "empty": sum(not text.strip() for text in written),
            "different": len(set(written)),
            "true_different": len(set(true)),
            "lengths": [float(words[0] / len(written)), float(words[1] / len(written))],
        },
    }


def _from_means(means: np.ndarray, count: int) -> dict[str, np.ndarray]:
    """Scores (R,) from the means a sentence of all counts (R, 29)."""
    sums = np.round(means * count, 6)  # counts again: a match that is none must not be a rounding error
    return {"bleu": bleu.bleu_of(sums[:, :10]), "chrf": chrf.chrf_of(sums[:, 10:28]), "exact_match": means[:, 28]}


def _interval(samples: np.ndarray, sentences: int) -> tuple[float, float] | tuple[None, None]:
    return intervals.percentile_interval(samples) if sentences >= FEWEST else (None, None)
