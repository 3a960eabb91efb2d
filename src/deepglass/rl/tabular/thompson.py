"""Thompson sampling: draw a world that fits what was seen, and do what is best in it.

    θ_a ~ Beta(1 + wins_a, 1 + losses_a)        a_t = argmax_a θ_a

Each arm is pulled as often as it is believed to be the best one.

References:
    Thompson (1933), On the likelihood that one unknown probability exceeds another in view of the evidence of two
    samples, https://doi.org/10.1093/biomet/25.3-4.285
    Russo and Van Roy (2016), An information-theoretic analysis of Thompson sampling (the bound),
    https://arxiv.org/abs/1403.5341
    Lai and Robbins (1985), Asymptotically efficient adaptive allocation rules,
    https://doi.org/10.1016/0196-8858(85)90002-8
"""

import math

import numpy as np


def thompson(pulls: np.ndarray, wins: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The arm that is best in a world drawn from the posterior."""
    return rng.beta(1 + wins, 1 + pulls - wins).argmax(axis=1)


def bayes_regret_bound(arms: int, steps: int) -> float:
    """What the expected regret stays below if the means were drawn uniformly: √(K T ln K / 2)."""
    return math.sqrt(arms * steps * math.log(arms) / 2)


def lai_robbins(means: np.ndarray, steps: int) -> float:
    """What no consistent way to choose can beat in the long run: ln T Σ Δ_a / KL(μ_a, μ*).

    Shape:
        - means: (arms,), with one best
    """
    best = means.max()
    behind = means[means < best]
    divergence = behind * np.log(behind / best) + (1 - behind) * np.log((1 - behind) / (1 - best))
    return float(math.log(steps) * ((best - behind) / divergence).sum())
