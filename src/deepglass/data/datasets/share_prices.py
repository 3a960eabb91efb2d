"""Share prices: four years of 20 companies that do not exist; six of them are gone before the end.

Every price is a random walk with a small drift and a part that all share, so its past does not say where it goes next.
A company that goes loses nine tenths of its worth on its last day, which nobody has foreseen. What earns more than
holding all of them has seen tomorrow, or knows who will still be there.

References:
    Fama (1965), The Behavior of Stock-Market Prices, https://doi.org/10.1086/294743
    Brown, Goetzmann, Ibbotson & Ross (1992), Survivorship Bias in Performance Studies,
    https://doi.org/10.1093/rfs/5.4.553
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
SHARES, GONE, DAYS = 20, 6, 1000
DRIFT, MARKET, OWN = 0.0006, 0.008, 0.014  # of a day: mean, and deviations of what all share and of each alone
LEFT = 0.1  # of its worth, of a company that goes


def load() -> Table:
    """The table with columns `company`, `date` and `price`."""
    return Table(prices(), "share-prices", target="price", task="forecasting", licence=LICENCE)


def prices(seed: int = 0) -> pd.DataFrame:
    """Every company on every day that it was traded.

    Args:
        seed: Of everything.
    """
    rng = np.random.default_rng(seed)
    steps = DRIFT + MARKET * rng.normal(size=(DAYS, 1)) + OWN * rng.normal(size=(DAYS, SHARES))
    ends = np.full(SHARES, DAYS)
    ends[:GONE] = rng.integers(DAYS // 3, DAYS, GONE)
    for company, end in enumerate(ends[:GONE]):
        steps[end - 1, company] += np.log(LEFT)
    values = 100 * np.exp(np.cumsum(steps, axis=0))
    days = pd.bdate_range("2020-01-01", periods=DAYS)
    names = [f"company {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
    parts = [
        pd.DataFrame({"company": names[i], "date": days[:end], "price": values[:end, i].round(3)})
        for i, end in enumerate(ends)
    ]
    return pd.concat(parts, ignore_index=True)
