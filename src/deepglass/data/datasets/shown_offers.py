"""Shown offers: a log of decisions that nobody made. Who came, which of three offers was shown, whether it was taken.

The offer was drawn with known chances, its **propensity**: mostly the one that somebody thought best for the hour.
Who takes which offer depends on age and hour; `chance` says how, so the true value of every other rule is known.

References:
    Li et al. (2010), A contextual-bandit approach to personalized news article recommendation,
    https://arxiv.org/abs/1003.0146 (logs of drawn decisions, and what can be learnt from them)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
DECISIONS = 6000
OFFERS = ("concert", "museum", "walk")
MOSTLY = 0.7  # of the time the usual offer of the hour is shown, else one of the other two


def load() -> Table:
    """The log."""
    return Table(decisions(), "shown-offers", target="reward", task="tabular-regression", licence=LICENCE)


def decisions(count: int = DECISIONS, seed: int = 0) -> pd.DataFrame:
    """Decisions with columns age, hour, action, propensity, reward.

    Args:
        count: How many.
        seed: Of everything.
    """
    rng = np.random.default_rng(seed)
    age, hour = rng.integers(18, 80, count), rng.integers(8, 22, count)
    propensities = np.full((count, len(OFFERS)), (1 - MOSTLY) / (len(OFFERS) - 1))
    propensities[np.arange(count), np.where(hour >= 17, 0, 1)] = MOSTLY  # a concert in the evening, else the museum
    action = (rng.random(count)[:, None] > propensities.cumsum(axis=1)[:, :-1]).sum(axis=1)
    rows = np.arange(count)
    taken = rng.random(count) < chance(age, hour)[rows, action]
    columns = {"age": age, "hour": hour, "action": np.array(OFFERS)[action]}
    return pd.DataFrame(columns | {"propensity": propensities[rows, action], "reward": taken.astype(int)})


def chance(age: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """(n, 3) the chance that somebody takes each offer."""
    young = 1 / (1 + np.exp((np.asarray(age) - 45) / 6))
    late = (np.asarray(hour) >= 17).astype(float)
    return np.stack([0.1 + 0.5 * young * late, 0.15 + 0.25 * (1 - young), 0.2 + 0.2 * (1 - late)], axis=1)
