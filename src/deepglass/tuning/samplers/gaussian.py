"""Bayesian optimisation: a Gaussian process tells what the untried may cost, and the most promising is tried next.

    improvement(x) = E[max(0, best − f(x))] = (best − μ) Φ(z) + σ φ(z),   z = (best − μ) / σ

It is large where the mean is low (what is known to be good) and where the deviation is large (what is not known yet).

Jones, Schonlau & Welch (1998), Efficient Global Optimization of Expensive Black-Box Functions,
https://doi.org/10.1023/A:1008306431147; Snoek, Larochelle & Adams (2012), Practical Bayesian Optimization of Machine
Learning Algorithms, https://arxiv.org/abs/1206.2944
"""

import numpy as np
from scipy.stats import norm, rankdata

from deepglass.tuning.gaussian_process import GaussianProcess
from deepglass.tuning.samplers import Sampler, Told

FIRST = 5  # trials are drawn at random before the process is asked
ANYWHERE, NEAR_BY, STEP = 1024, 256, 0.05  # candidates in the whole cube, and around the best one so far


class Search(Sampler):
    """The candidate with the largest expected improvement."""

    def propose(self, number: int, told: list[Told]) -> np.ndarray:
        """(d,) at random at first, later where improvement is expected."""
        draw = self.drawn(number)
        if len(told) < FIRST:
            return draw.random(len(self.space))
        points, values = np.array([one.point for one in told]), even(np.array([one.cost for one in told]))
        process = GaussianProcess.fitted(points, values)
        best = points[values.argmin()]
        around = best + STEP * draw.standard_normal((NEAR_BY, len(best)))
        candidates = np.concatenate([draw.random((ANYWHERE, len(best))), around.clip(0, 1)])
        gain = expected_improvement(*process.predict(candidates), process.predict(points)[0].min())
        return candidates[gain.argmax()]


def expected_improvement(mean: np.ndarray, deviation: np.ndarray, best: float) -> np.ndarray:
    """(m,) of values N(mean, deviation²), by how much they are below the best on average."""
    z = (best - mean) / deviation
    return (best - mean) * norm.cdf(z) + deviation * norm.pdf(z)


def even(costs: np.ndarray) -> np.ndarray:
    """(n,) costs as a normal distribution would have them, in the same order: a loss of 10⁹ is a loss, and no more."""
    return norm.ppf((rankdata(costs) - 0.5) / len(costs))
