"""How well examples are made again from their codes.

error   mean |made − given|² per number, in deviations of the inputs
kept    1 − error / spread of the training examples: what a code keeps of how examples differ
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import percentile_interval, resampled_means
from deepglass.evaluate.scores import score


def evaluate(errors: np.ndarray, spread: float, *, seed: int = 0) -> dict[str, Any]:
    """Both scores with bootstrap intervals over the examples.

    Args:
        errors: (N,) mean squared error per number of each example.
        spread: Mean squared deviation of a number of the training examples from its mean.
        seed: Of the bootstrap.

    Example:
        >>> evaluate(np.array([0.1, 0.3]), spread=1.0)["kept"]["value"]
        0.8
    """
    error = float(np.mean(errors, dtype=np.float64))
    low, high = percentile_interval(resampled_means(errors[:, None], seed=seed)[:, 0])
    return {
        "kind": "reconstruction",
        "count": len(errors),
        "headline": ["reconstruction_error", "kept"],
        "reconstruction_error": score(error, (low, high)),
        "kept": score(1 - error / spread, (1 - high / spread, 1 - low / spread)),
        "details": {},
    }
