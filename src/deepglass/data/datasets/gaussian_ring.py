"""Gaussian ring: points around eight places on a circle, the usual first trial of a generator.

A generator that has found a few of the eight has nothing that leads it to the others: collapse can be counted.

References:
    Metz et al. (2017), Unrolled Generative Adversarial Networks, https://arxiv.org/abs/1611.02163 (a ring of eight)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
ROWS, MODES = 4000, 8
RADIUS, DEVIATION = 1.0, 0.05  # neighbours are fifteen deviations apart


def load() -> Table:
    """The table with columns `x` and `y`; there is nothing to predict."""
    generator = np.random.default_rng(0)
    angles = 2 * np.pi * generator.integers(MODES, size=ROWS) / MODES
    places = RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (N, 2)
    points = places + generator.normal(0, DEVIATION, places.shape)
    return Table(pd.DataFrame(points, columns=["x", "y"]), "gaussian-ring", task="generation", licence=LICENCE)
