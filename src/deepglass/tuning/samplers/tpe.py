"""Tree-structured Parzen estimator, by Optuna: where do the good trials lie more densely than the bad ones?

    pip install 'deepglass[tune]'

Bergstra et al. (2011), Algorithms for Hyper-Parameter Optimization,
https://papers.nips.cc/paper/2011/hash/86e8f7ab32cfd12577bc2619bc635690-Abstract.html
"""

import math

import numpy as np

from deepglass.core.errors import MissingPackageError
from deepglass.tuning.samplers import Sampler, Told


class Search(Sampler):
    """Optuna's sampler with its own settings.

    Raises:
        MissingPackageError: If Optuna is not installed.
    """

    def propose(self, number: int, told: list[Told]) -> np.ndarray:
        """(d,) as Optuna asks for, after what it was told."""
        try:
            import optuna
        except ImportError:
            raise MissingPackageError("--sampler tpe needs Optuna: pip install 'deepglass[tune]'") from None
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        names = [one.name for one in self.space.dimensions]
        bounds = {name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in names}
        seed = int(self.drawn(number).integers(2**31))
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
        worst = max((one.cost for one in told if math.isfinite(one.cost)), default=0.0)
        for one in told:
            params = dict(zip(names, map(float, one.point), strict=True))
            cost = one.cost if math.isfinite(one.cost) else worst + 1.0
            study.add_trial(optuna.trial.create_trial(params=params, distributions=bounds, value=cost))
        asked = study.ask(bounds)
        return np.array([asked.params[name] for name in names])
