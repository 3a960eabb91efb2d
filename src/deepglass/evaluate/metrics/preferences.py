"""How well a model of answers agrees with what people preferred.

preferred   how often the answer that was chosen is the likelier one
moved       how often it became likelier beside the other one than the reference has it: the reward of DPO is right
margin      by how many nats, on average, log π(chosen) − log π(rejected) grew

`preferred` can be low although `moved` is high: an answer that was nearly impossible to begin with may have become much
likelier, and still be the less likely one (Chen et al. 2024, Preference Learning Algorithms Do Not Learn Preference
Rankings, https://arxiv.org/abs/2405.19534).
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score


def evaluate(policy: np.ndarray, reference: np.ndarray | None = None, *, seed: int = 0) -> dict[str, Any]:
    """Every score of comparisons, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        policy: Log-probability, or any score, of the chosen and of the rejected answer.
        reference: The same by the model that the training began with; None where it is not known.
        seed: Of the bootstrap.

    Shape:
        - policy, reference: (N, 2)

    Raises:
        ShapeError: If the sizes differ.
        DataError: If there is no comparison, or a score is not finite.

    Example:
        >>> found = evaluate(np.array([[-1.0, -3.0], [-4.0, -2.0]]))
        >>> found["preferred"]["value"]
        0.5
    """
    _check(policy, reference)
    gap = policy[:, 0] - policy[:, 1]
    hits, count = int((gap > 0).sum()), len(gap)
    found: dict[str, Any] = {
        "kind": "preferences",
        "count": count,
        "headline": ["preferred"],
        "preferred": score(hits / count, intervals.wilson(hits, count)),
        "details": {},
    }
    if reference is None:
        return found
    grown = gap - (reference[:, 0] - reference[:, 1])
    moved, fell = int((grown > 0).sum()), int((policy[:, 0] < reference[:, 0]).sum())
    return found | {
        "moved": score(moved / count, intervals.wilson(moved, count)),
        "margin": score(grown.mean(), intervals.mean_interval(grown, seed=seed)),
        "details": {"chosen_fell": fell},
    }


def _check(policy: np.ndarray, reference: np.ndarray | None) -> None:
    if policy.ndim != 2 or policy.shape[1] != 2 or (reference is not None and reference.shape != policy.shape):
        other = "" if reference is None else f" and {reference.shape}"
        raise ShapeError(f"expected scores of two answers (N, 2), got {policy.shape}{other}")
    if len(policy) == 0:
        raise DataError("expected at least one comparison to judge, got none")
    if not np.isfinite(policy).all():
        raise DataError("some scores are not numbers: the model has diverged; train with a lower learning rate")
