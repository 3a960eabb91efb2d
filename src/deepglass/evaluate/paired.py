"""Paired tests of two models on the same examples: McNemar's for right and wrong, the bootstrap for losses.

What both models get right, or both wrong, says nothing about which is better. Examples that depend on each other, such
as overlapping windows, are resampled in whole blocks.

References:
    McNemar (1947), Note on the sampling error of the difference between correlated proportions
    Dietterich (1998), Approximate Statistical Tests for Comparing Supervised Classification Learning Algorithms,
    https://doi.org/10.1162/089976698300017197
"""

import math
from typing import Any

import numpy as np

from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

EXACT_UP_TO = 1000  # disagreements; beyond, the approximation is right to more digits than are shown
RESAMPLES = 2000  # a p-value needs finer tails than an interval


def mcnemar(a_is_right: np.ndarray, b_is_right: np.ndarray) -> dict[str, Any]:
    """McNemar's test: among the examples on which exactly one is right, is it a fair coin which one?

    Exact (binomial) up to 1,000 disagreements, then χ² = (|n_a − n_b| − 1)² / (n_a + n_b) with the continuity
    correction of Edwards.

    Shape:
        - a_is_right, b_is_right: (N,) booleans

    Returns:
        "only_a" and "only_b", how often exactly that one is right, "p_value" and the name of the "test".

    Example:
        >>> mcnemar(np.array([True] * 9 + [False]), np.array([False] * 9 + [True]))["p_value"]
        0.021484375
    """
    only_a, only_b = int((a_is_right & ~b_is_right).sum()), int((b_is_right & ~a_is_right).sum())
    disagreements = only_a + only_b
    if disagreements <= EXACT_UP_TO:
        tail = sum(math.comb(disagreements, k) for k in range(min(only_a, only_b) + 1))
        test, p_value = "McNemar, exact", min(1.0, 2 * tail / 2**disagreements)
    else:
        chi_square = max(0, abs(only_a - only_b) - 1) ** 2 / disagreements
        test, p_value = "McNemar, continuity corrected", math.erfc(math.sqrt(chi_square / 2))
    return {"test": test, "only_a": only_a, "only_b": only_b, "p_value": p_value}


def paired_bootstrap(a: np.ndarray, b: np.ndarray, *, block: int = 1, seed: int = 0) -> dict[str, Any]:
    """Bootstrap the mean difference of two scores of the same examples, losses for instance.

    Args:
        a: Score of each example (N,).
        b: The other model's.
        block: How many neighbouring examples depend on each other; 1 for independent ones.
        seed: Of the resamples.

    Returns:
        "difference" (mean of a − b, with an interval), "p_value" (twice the share of resamples in which the
        difference has the other sign) and the name of the "test".
    """
    difference = (a - b).astype(np.float64)
    if block > 1:
        samples = intervals.block_means(difference, block, resamples=RESAMPLES, seed=seed)
    else:
        samples = intervals.resampled_means(difference[:, None], resamples=RESAMPLES, seed=seed)[:, 0]
    opposite = min((samples <= 0).sum(), (samples >= 0).sum())
    return {
        "test": "paired block bootstrap" if block > 1 else "paired bootstrap",
        "difference": score(difference.mean(), intervals.percentile_interval(samples)),
        "p_value": min(1.0, 2 * (int(opposite) + 1) / (len(samples) + 1)),
    }


def bootstrapped(measure: str, a: np.ndarray, b: np.ndarray, *, seed: int, block: int = 1) -> dict[str, Any]:
    """A record of one measure: both means, and the paired bootstrap of their difference."""
    result = paired_bootstrap(a, b, block=block, seed=seed)
    return {"measure": measure, "a": float(a.mean()), "b": float(b.mean()), **result}
