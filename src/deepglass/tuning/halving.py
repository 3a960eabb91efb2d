"""Successive halving: many trials begin, few go on. All learn a little; the best third three times as much, and so on.

    rungs of 27 epochs:  3 → 9 → 27        a trial that reaches a rung among its best third is worth the next one

Nobody waits for a rung to be full: a paused trial goes on as soon as it is among the best of those that got as far.

Jamieson & Talwalkar (2016), Non-stochastic Best Arm Identification, https://arxiv.org/abs/1502.07943; without waiting:
Li et al. (2020), A System for Massively Parallel Hyperparameter Tuning, https://arxiv.org/abs/1810.05934
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FACTOR = 3
FEWEST = 3  # trials on a rung before one of them goes on
MOST = 3  # rungs: after less than a ninth of a training hardly anything can be told


@dataclass(frozen=True)
class Rungs:
    """After how many epochs a trial is looked at, the last time when it is done."""

    epochs: tuple[int, ...]

    @classmethod
    def of(cls, total: float) -> "Rungs":
        """For a training of so many epochs."""
        whole = max(1, math.ceil(total))
        count = min(MOST, 1 + int(math.log(whole, FACTOR) + 1e-9))
        return cls(tuple(sorted({max(1, round(whole / FACTOR**k)) for k in range(count)})))

    def goes_on(self, costs: Sequence[Mapping[int, float]]) -> int | None:
        """Which paused trial goes on: the best one, on the highest rung, that belongs to the best third there.

        Args:
            costs: Of each trial, by the rungs that it reached (their places in `epochs`), what it cost there.
        """
        for rung in reversed(range(len(self.epochs) - 1)):
            here = sorted((cost[rung], i) for i, cost in enumerate(costs) if rung in cost)
            if len(here) < FEWEST:
                continue
            for cost, i in here[: len(here) // FACTOR]:
                if rung + 1 not in costs[i] and math.isfinite(cost):
                    return i
        return None
