"""Temperatures: six years of days in a town that does not exist, with a year's wave and days that resemble their eves.

Made by the simplest of the weather generators, so it is known how well tomorrow can be known at best: each day keeps a
share of yesterday's deviation from the usual, and the rest is drawn.

References:
    Richardson (1981), Stochastic simulation of daily precipitation, temperature, and solar radiation,
    https://doi.org/10.1029/WR017i001p00182
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
DAYS, YEAR = 2192, 365.25
MEAN, WAVE, COLDEST = 10.0, 9.0, 20  # degrees Celsius, and the day of the year
KEPT, DRAWN = 0.65, 2.4  # of yesterday's deviation, and the standard deviation of what is new


def load() -> Table:
    """The table with columns `date` and `temperature` (degrees Celsius)."""
    days = np.arange(DAYS)
    new, deviation = np.random.default_rng(0).normal(0, DRAWN, DAYS), np.zeros(DAYS)
    for day in range(1, DAYS):
        deviation[day] = KEPT * deviation[day - 1] + new[day]
    values = MEAN - WAVE * np.cos(2 * np.pi * (days - COLDEST) / YEAR) + deviation
    dates = pd.date_range("2018-01-01", periods=DAYS, freq="D")
    frame = pd.DataFrame({"date": dates, "temperature": values.round(1)})
    return Table(frame, "temperatures", target="temperature", task="forecasting", licence=LICENCE)
