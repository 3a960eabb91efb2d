"""What episodes earned, summed up: measures that a few lucky seeds do not move.

    interquartile mean   the mean of the middle half of all scores
    interval             the bootstrap, runs drawn with replacement within each environment

References:
    Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice,
    https://arxiv.org/abs/2108.13264 (their measures; scores are (runs, environments))
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from deepglass.evaluate.intervals import RESAMPLES, Interval, percentile_interval, wilson
from deepglass.evaluate.scores import score


def interquartile_mean(scores: np.ndarray) -> float:
    """The mean of the middle half, a quarter cut at each end.

    Example:
        >>> interquartile_mean(np.array([0.0, 1.0, 2.0, 100.0]))
        1.5
    """
    ordered = np.sort(scores, axis=None)
    cut = ordered.size // 4
    return float(ordered[cut : ordered.size - cut].mean())


def median(scores: np.ndarray) -> float:
    """The median over environments of their mean scores (runs, environments)."""
    return float(np.median(scores.mean(axis=0)))


def optimality_gap(scores: np.ndarray, best: float = 1.0) -> float:
    """How far scores are below `best` on average; what is above counts as `best`."""
    return float(best - np.minimum(scores, best).mean())


def probability_of_improvement(a: np.ndarray, b: np.ndarray) -> float:
    """How often a run of the one beats a run of the other, ties as half, averaged over environments.

    Shape:
        - a: (runs, environments)
        - b: (other runs, environments)
    """
    above = (a[:, None] > b[None]) + 0.5 * (a[:, None] == b[None])  # (runs, other runs, environments)
    return float(above.mean())


def stratified_interval(
    measure: Callable[[np.ndarray], float], scores: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """95 % bootstrap interval of a measure: in each environment as many runs are drawn as there are.

    Shape:
        - scores: (runs, environments)
    """
    runs, environments = scores.shape
    if runs < 2:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, runs, (resamples, runs, environments))
    drawn = np.take_along_axis(scores[None], rows, axis=1)  # (resamples, runs, environments)
    return percentile_interval(np.array([measure(sample) for sample in drawn]))


def evaluate(returns: np.ndarray, lengths: np.ndarray, reached: np.ndarray | None = None) -> dict[str, Any]:
    """The scores of a policy over episodes; how many reached their goal comes first where a world has one.

    Shape:
        - returns, lengths, reached: (episodes,)
    """
    shares = {}
    if reached is not None:
        hits = int(reached.sum())
        shares["goals_reached"] = score(hits / len(reached), wilson(hits, len(reached)))
    column = returns[:, None]
    mean, middle = float(returns.mean()), interquartile_mean(returns)
    return {
        "kind": "returns",
        "count": len(returns),
        "headline": [*shares, "mean_return", "iqm_return"],
        **shares,
        "mean_return": score(mean, stratified_interval(lambda x: float(x.mean()), column)),
        "iqm_return": score(middle, stratified_interval(interquartile_mean, column)),
        "worst_return": score(returns.min()),
        "episode_length": score(lengths.mean(), stratified_interval(lambda x: float(x.mean()), lengths[:, None])),
        "details": {},
    }
