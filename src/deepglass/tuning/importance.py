"""Which settings mattered: the share of what costs vary by that each setting explains by itself.

    share_j = Var_{x_j}( E[f(x) | x_j] ) / Var( f(x) )         f is the mean of a Gaussian process through all trials

The rest belongs to settings that act together, and to noise.

Hutter, Hoos & Leyton-Brown (2014), An Efficient Approach for Assessing Hyperparameter Importance,
https://proceedings.mlr.press/v32/hutter14.html; Sobol (1993), Sensitivity Estimates for Nonlinear Mathematical Models
"""

import numpy as np

from deepglass.tuning.gaussian_process import GaussianProcess
from deepglass.tuning.samplers import Told
from deepglass.tuning.samplers.gaussian import even
from deepglass.tuning.space import Space

FEWEST = 8  # trials: below, a share would be invented
DRAWN, LEVELS = 256, 16  # points over which is averaged, and values of a setting that are compared


def importance(space: Space, told: list[Told], seed: int = 0) -> dict[str, float]:
    """Setting → share from 0 to 1, the largest first; empty where too few trials tell."""
    if len(told) < FEWEST:
        return {}
    process = GaussianProcess.fitted(np.array([t.point for t in told]), even(np.array([t.cost for t in told])))
    others = np.random.default_rng(seed).random((DRAWN, len(space)))
    total = float(process.predict(others)[0].var())
    shares = {}
    for j, one in enumerate(space.dimensions):
        levels = (np.arange(LEVELS) + 0.5) / LEVELS
        means = []
        for level in levels:
            points = others.copy()
            points[:, j] = level
            means.append(process.predict(points)[0].mean())
        shares[one.name] = min(1.0, float(np.var(means)) / total) if total > 1e-12 else 0.0
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))
