"""CO2: weekly carbon dioxide in the air over Mauna Loa, 1958 to 2001, with a trend and a season.

statsmodels brings the measurements along; where it is not installed, a series of the same length, trend and season is
generated, and says so.

References:
    Keeling and Whorf (2004), Atmospheric CO2 concentrations, https://doi.org/10.3334/CDIAC/atg.035
"""

import numpy as np
import pandas as pd

from deepglass.core.guesses import Guess
from deepglass.data.containers import Table

LICENCE = "public domain (US Department of Energy); comes with statsmodels"
WEEKS = 2284  # of the measured series


def load() -> Table:
    """The table with columns `date` and `co2` (parts per million); a few weeks were not measured."""
    try:
        from statsmodels.datasets import co2
    except ImportError:
        return _generated()
    frame = co2.load_pandas().data.rename_axis("date").reset_index()
    return Table(frame, "co2", target="co2", task="forecasting", licence=LICENCE)


def _generated() -> Table:
    """A rising trend, a yearly wave and noise of the measured size."""
    weeks = np.arange(WEEKS)
    trend = 315 + 0.018 * weeks + 4.5e-6 * weeks**2
    season = 2.8 * np.sin(2 * np.pi * weeks / 52.18)
    noise = np.random.default_rng(0).normal(0, 0.3, WEEKS)
    dates = pd.date_range("1958-03-29", periods=WEEKS, freq="7D")
    frame = pd.DataFrame({"date": dates, "co2": trend + season + noise})
    why = "statsmodels is not installed, which brings the measured one: pip install 'deepglass[co2]'"
    guess = Guess("co2", "a generated series", why, "statsmodels")
    return Table(frame, "co2", guesses=[guess], target="co2", task="forecasting", licence="generated")
