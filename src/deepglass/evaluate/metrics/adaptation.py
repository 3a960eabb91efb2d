"""How well groups are answered that were never seen, before adapting to a few of their rows, and after.

error of a group       mean squared error over the rows that were not adapted to
"""

from typing import Any

import numpy as np

from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

MOMENTS = {0: "error_before", 1: "error_after_1"}  # steps: the score


def errors(predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(G,) mean squared errors of groups; NaN in a row (G, n) that is not judged."""
    return np.nanmean((predictions.astype(np.float64) - targets) ** 2, axis=1)


def evaluate(
    predictions: np.ndarray, targets: np.ndarray, by_step: np.ndarray, support: int, *, seed: int = 0
) -> dict[str, Any]:
    """Errors after all steps, after one and before the first, with intervals over groups.

    Args:
        predictions: (G, n) after all steps; NaN where a row was adapted to.
        targets: (G, n)
        by_step: (G, S + 1) errors before the first step and after each; empty (G, 0) where nothing takes steps.
        support: Rows of each group that were adapted to.
        seed: Of the bootstrap.
    """
    found = errors(predictions, targets)
    result: dict[str, Any] = {"kind": "adaptation", "count": len(found), "headline": ["adapted_error", "adapted_rmse"]}
    result["adapted_error"] = score(found.mean(), intervals.mean_interval(found, seed=seed))
    low, high = intervals.mean_interval(found, seed=seed)
    result["adapted_rmse"] = score(found.mean() ** 0.5, (low**0.5, high**0.5))
    for step, name in MOMENTS.items():
        if step < by_step.shape[1]:
            result[name] = score(by_step[:, step].mean(), intervals.mean_interval(by_step[:, step], seed=seed))
    steps = by_step.mean(axis=0).tolist() if len(by_step) else []
    return result | {"details": {"support": support, "by_step": steps}}
