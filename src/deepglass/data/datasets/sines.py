"""Sines: many small tasks, each some points of a sine of its own height and phase; the first trial of meta-learning.

y = amplitude · sin(x − phase), the amplitude between 0.1 and 5, the phase between 0 and π, x between −5 and 5, without
noise. A net that learns all of them as one learns their mean; a net that learns to learn needs a few points of one.

References:
    Finn, Abbeel & Levine (2017), Model-Agnostic Meta-Learning, https://arxiv.org/abs/1703.03400 (section 5.1)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
TASKS, POINTS = 600, 20
AMPLITUDES, PHASES, PLACES = (0.1, 5.0), (0.0, np.pi), (-5.0, 5.0)


def load() -> Table:
    """The table with columns `sine` (which one), `x` and the target `y`."""
    generator = np.random.default_rng(0)
    amplitude, phase = (generator.uniform(*ends, (TASKS, 1)) for ends in (AMPLITUDES, PHASES))
    x = generator.uniform(*PLACES, (TASKS, POINTS))
    y = amplitude * np.sin(x - phase)  # (TASKS, POINTS)
    names = np.repeat([f"sine {number + 1}" for number in range(TASKS)], POINTS)
    frame = pd.DataFrame({"sine": names, "x": x.ravel(), "y": y.ravel()})
    return Table(frame, "sines", target="y", task="meta-regression", licence=LICENCE)
