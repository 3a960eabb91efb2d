"""UCB1: the arm that could be best, for all that is known of it.

    a_t = argmax_a  mean_a + √(2 ln t / n_a)

An arm that was seldom pulled has a wide interval, and its upper end is believed: optimism sends it to be tried, and
trying makes the interval narrow.

References:
    Auer, Cesa-Bianchi and Fischer (2002), Finite-time analysis of the multiarmed bandit problem, theorem 1,
    https://doi.org/10.1023/A:1013689704352
"""

import math

import numpy as np


def ucb(pulls: np.ndarray, wins: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The arm with the largest upper end; each once in the beginning."""
    t = pulls.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = wins / pulls + np.sqrt(2 * np.log(np.maximum(t, 1)) / pulls)
    return np.where(pulls > 0, upper, np.inf).argmax(axis=1)


def regret_bound(means: np.ndarray, steps: int) -> float:
    """What the expected regret of UCB1 after T choices stays below: 8 Σ ln T / Δ_a + (1 + π²/3) Σ Δ_a.

    Shape:
        - means: (arms,)
    """
    gaps = means.max() - means
    behind = gaps[gaps > 0]
    return float(8 * np.log(steps) * (1 / behind).sum() + (1 + math.pi**2 / 3) * gaps.sum())
