"""A search among trainings that are all made already: what would have come next, what been stopped?

    known trainings ── Gaussian process ──> expected improvement of each other one ──> the next one is looked up

So ways to search can be looked at, or compared, without training anything anew. The kernel is given, not fitted, so
that little can be known at first.

Klein & Hutter (2019), Tabular Benchmarks for Joint Architecture and Hyperparameter Optimization,
https://arxiv.org/abs/1905.04970
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from deepglass.tuning.gaussian_process import GaussianProcess, Kernel
from deepglass.tuning.halving import Rungs
from deepglass.tuning.samplers.gaussian import expected_improvement


@dataclass(frozen=True)
class Trainings:
    """What was tried, and what each came to.

    Args:
        points: (n, d) places in the unit cube.
        costs: (n,) lower is better.
        kernel: How costs of places depend on each other.
        usual: The cost that is expected before anything is known.
    """

    points: np.ndarray
    costs: np.ndarray
    kernel: Kernel
    usual: float = 0.0

    def believed(self, known: Iterable[int], points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(m,) mean and (m,) standard deviation of the cost at points (m, d), if only the known trainings were made."""
        known = list(known)
        process = GaussianProcess(self.points[known], self.costs[known] - self.usual, self.kernel)
        mean, deviation = process.predict(points)
        return mean + self.usual, deviation

    def improvement(self, known: Iterable[int]) -> np.ndarray:
        """(n,) by how much each training is expected to be better than the best of the known ones."""
        known = list(known)
        return expected_improvement(*self.believed(known, self.points), float(self.costs[known].min()))

    def gone_on(self, known: Iterable[int], steps: int) -> list[int]:
        """The known ones and so many more, each where most improvement is expected; none is made twice."""
        known = list(known)
        for _ in range(min(steps, len(self.costs) - len(known))):
            gain = self.improvement(known)
            gain[known] = -1.0
            known.append(int(gain.argmax()))
        return known


def epochs_given(curves: np.ndarray) -> np.ndarray:
    """(n,) epochs after which halving stops each of n trainings that all begin at once.

    Args:
        curves: (n, epochs) cost after each epoch of trainings that went to the end.
    """
    lowest, rungs = np.minimum.accumulate(curves, axis=1), Rungs.of(curves.shape[1])
    costs = [{0: float(curve[rungs.epochs[0] - 1])} for curve in lowest]
    while (i := rungs.goes_on(costs)) is not None:
        rung = max(costs[i]) + 1
        costs[i][rung] = float(lowest[i, rungs.epochs[rung] - 1])
    return np.array([rungs.epochs[max(one)] for one in costs])
