"""How good codes are that were learnt without labels: what a linear probe reads off them, and whether they collapsed.

probe accuracy   how often a linear map of the codes names the right class, on examples that neither has seen
spread of codes  deviation of each number of what the training compares, scaled to length 1: 1 where they lie in all
                 directions, 0 where they are all alike (a collapse). The features before them may still differ

References:
    Chen & He (2021), Exploring Simple Siamese Representation Learning, https://arxiv.org/abs/2011.10566 (the deviation
    of codes of length 1 as the sign of a collapse, section 4.1)
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import mean_interval, wilson
from deepglass.evaluate.scores import score


def evaluate(
    codes: np.ndarray, compared: np.ndarray, losses: np.ndarray, chances: np.ndarray | None, truth: np.ndarray
) -> dict[str, Any]:
    """All scores.

    Args:
        codes: (N, C) the features.
        compared: (N, P) what the training compares, which may be the features themselves.
        losses: (N,) of the training's own question, asked once more.
        chances: (N, K) what a linear probe says of the classes; None where there is none.
        truth: (N,) the class as a number; -1 where nobody knows.

    Example:
        >>> found = evaluate(np.eye(2), np.eye(2), np.zeros(2), np.eye(2), np.arange(2))
        >>> found["probe_accuracy"]["value"], found["spread_of_codes"]["value"]
        (1.0, 0.7071)
    """
    known = truth >= 0
    right = None if chances is None or not known.any() else chances[known].argmax(axis=1) == truth[known]
    found: dict[str, Any] = {}
    if right is not None:
        found["probe_accuracy"] = score(right.mean(), wilson(int(right.sum()), len(right)))
    found["spread_of_codes"] = score(round(spread(compared), 4))
    found["pretext_loss"] = score(losses.mean(dtype=np.float64), mean_interval(losses))
    return {
        "kind": "representation",
        "count": len(codes),
        "headline": ["probe_accuracy"] if right is not None else ["spread_of_codes", "pretext_loss"],
        **found,
        "details": {"code_dim": codes.shape[1], "labelled": int(known.sum())},
    }


def spread(codes: np.ndarray) -> float:
    """√C times the mean deviation of a number of the codes (N, C), each scaled to length 1."""
    lengths = np.linalg.norm(codes.astype(np.float64), axis=1, keepdims=True)
    unit = codes / np.maximum(lengths, 1e-12)
    return float(unit.std(axis=0).mean() * codes.shape[1] ** 0.5)
