"""Random walk: four years of a price whose every step is drawn anew, as share prices are taken to move.

Nothing in its past says where it goes next: the best forecast of tomorrow is today. What beats that has seen tomorrow.

References:
    Fama (1965), The Behavior of Stock-Market Prices, https://doi.org/10.1086/294743
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
DAYS, START, STEP = 1500, 100.0, 0.012  # the standard deviation of a day's change, as a share of the price


def load() -> Table:
    """The table with columns `date` and `price`."""
    price = START * np.exp(np.cumsum(np.random.default_rng(1).normal(0, STEP, DAYS)))
    dates = pd.date_range("2020-01-01", periods=DAYS, freq="D")
    frame = pd.DataFrame({"date": dates, "price": price.round(2)})
    return Table(frame, "random-walk", target="price", task="forecasting", licence=LICENCE)
