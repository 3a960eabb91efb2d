"""Random search: settings are drawn evenly, each trial by itself.

Where only a few of d settings matter, n random trials try n values of each that matters; a grid of n trials tries only
the d-th root of n. Nothing is learnt from what was tried, so trials may run side by side.

Bergstra & Bengio (2012), Random Search for Hyper-Parameter Optimization,
https://www.jmlr.org/papers/v13/bergstra12a.html
"""

import numpy as np

from deepglass.tuning.samplers import Sampler, Told


class Search(Sampler):
    """Evenly in the unit cube."""

    def propose(self, number: int, told: list[Told]) -> np.ndarray:
        """(d,) drawn from number and seed alone."""
        return self.drawn(number).random(len(self.space))
