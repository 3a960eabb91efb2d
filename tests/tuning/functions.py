"""Functions of the unit cube whose lowest place is known."""

import numpy as np

from deepglass.tuning.samplers import Told
from deepglass.tuning.space import Dimension, Space

BRANIN = 0.397887  # its least value


def cube(dims):
    """So many numbers from 0 to 1."""
    return Space(tuple(Dimension(f"x{j}") for j in range(dims)))


def branin(point):
    """Three valleys in a plane (Dixon & Szegö 1978)."""
    x, y = 15 * point[0] - 5, 15 * point[1]
    bowl = (y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6) ** 2
    return bowl + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10


def few_matter(point):
    """Of all settings only the first two count: lowest, 0, at 0.3 and 0.7."""
    return float((point[0] - 0.3) ** 2 + (point[1] - 0.7) ** 2)


def searched(sampler, function, count):
    """(count,) what each of the trials cost."""
    told = []
    for number in range(count):
        point = sampler.propose(number, told)
        if point is None:
            break
        told.append(Told(point, float(function(point))))
    return np.array([one.cost for one in told])
