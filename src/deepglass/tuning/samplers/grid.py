"""Grid search: every combination of a few values per setting, in order.

With k values for each of d settings there are k^d trials: three values of six settings are 729. A grid is easily told
and easily repeated, and it wastes nearly all of its trials where few settings matter.
"""

import itertools
from functools import cached_property

import numpy as np

from deepglass.tuning.samplers import Sampler, Told

LEVELS = 3  # of a number; choices and small whole numbers are all tried


class Search(Sampler):
    """Levels of each dimension, the last one running fastest."""

    @cached_property
    def points(self) -> list[np.ndarray]:
        """All points, in order."""
        levels = [min(one.size, LEVELS) if one.size and not one.choices else one.size for one in self.space.dimensions]
        axes = [(np.arange(count or LEVELS) + 0.5) / (count or LEVELS) for count in levels]
        return [np.array(point) for point in itertools.product(*axes)]

    def propose(self, number: int, told: list[Told]) -> np.ndarray | None:
        """(d,) the point of that number; None behind the last one."""
        return self.points[number] if number < len(self.points) else None
