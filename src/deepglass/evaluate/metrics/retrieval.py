"""How often the right reply is found among a few wrong ones.

    recall at k     share of exchanges whose own reply is among the k nearest of the candidates
    MRR             mean of 1 / rank of it

A wrong candidate that is exactly as near counts as nearer.

References:
    Lowe et al. (2015), The Ubuntu Dialogue Corpus, https://arxiv.org/abs/1506.08909 (1 in 10 R@1, R@5)
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

AT = (1, 5)


def ranks(scores: np.ndarray) -> np.ndarray:
    """(N,) the rank from 1 of the right candidate, by scores (N, C) of which the first is the right one's."""
    return 1 + (scores[:, 1:] >= scores[:, :1]).sum(axis=1)


def losses(scores: np.ndarray) -> np.ndarray:
    """(N,) 1 − 1 / rank of the right one: 0 where it is found."""
    return 1 - 1 / ranks(scores)


def evaluate(scores: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Recalls with Wilson's 95 % intervals, and the mean reciprocal rank, in the form that `scores.py` describes.

    Args:
        scores: Of the candidates, the right one first.
        seed: Of the bootstrap.

    Shape:
        - scores: (N, C)

    Raises:
        ShapeError: If there are fewer than two candidates.
        DataError: If there is no exchange, or a score is not a number.

    Example:
        >>> evaluate(np.array([[0.9, 0.1], [0.2, 0.8]]))["recall_at_1"]["value"]
        0.5
    """
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ShapeError(f"expected scores (N, C) of two candidates or more, got {scores.shape}")
    if len(scores) == 0:
        raise DataError("expected at least one exchange to judge, got none")
    if np.isnan(scores).any():
        raise DataError("some scores are not numbers: the model has diverged; train with a lower learning rate")
    found, count = ranks(scores), len(scores)
    recalls = {
        f"recall_at_{k}": score(float((found <= k).mean()), intervals.wilson(int((found <= k).sum()), count))
        for k in AT
    }
    return {
        "kind": "retrieval",
        "count": count,
        "headline": ["recall_at_1", "recall_at_5", "reply_mrr"],
        **recalls,
        "reply_mrr": score(float((1 / found).mean()), intervals.mean_interval(1 / found, seed=seed)),
        "details": {"candidates": scores.shape[1]},
    }
