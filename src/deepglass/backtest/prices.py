"""Prices from a table: one share, or several with a column that says which."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError, OptionError
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import require_table
from deepglass.data.reading import source
from deepglass.data.reading.columns import describe
from deepglass.data.reading.learnable import labels_of
from deepglass.data.reading.table import require_column

FEWEST = 60  # steps: below, an interval says nothing
DAYS_OF_A_YEAR = 365.25
NAMES = ("adjclose", "adj close", "adj_close", "close", "price", "value")  # of a column of prices, the best first
EXPECTED = "a table of prices: a date, a price, and perhaps a column that names the share"


@dataclass(frozen=True)
class Prices:
    """Prices of some shares at the same times.

    Attributes:
        names: Of the shares, S of them.
        values: (T, S) above 0; NaN where a share was not traded.
        per_year: Steps of a year.
    """

    names: tuple[str, ...]
    values: np.ndarray
    per_year: float

    @property
    def steps(self) -> np.ndarray:
        """(T - 1, S) log of each price over the one before; NaN where one of them is missing."""
        return np.diff(np.log(self.values), axis=0)

    @property
    def survivors(self) -> np.ndarray:
        """(S,) which shares are still traded at the end."""
        return np.isfinite(self.values[-1])


def read_prices(data: Any, target: str | None = None, time: str | None = None, series: str | None = None) -> Prices:
    """The prices of a table.

    Args:
        data: A file, a bundled name or a frame.
        target: Column of the prices; None guesses it.
        time: Column of dates; None takes the first.
        series: Column that names the share; None takes the first of words, if there is one.

    Raises:
        DataError: If there are no dates or prices, too few of them, or prices of 0 and less.
        OptionError: If a column that was asked for is absent.
    """
    table = require_table(source.read(data, DataConfig(time_column=time)), EXPECTED)
    frame = table.frame
    for column, option in ((target, "--target"), (time, "--time-column"), (series, "--series-column")):
        if column is not None:
            require_column(frame, column, option)
    columns = describe(frame)
    dates = [time] if time else [c.name for c in columns if c.kind == "date"]
    if not dates or not pd.api.types.is_datetime64_any_dtype(frame[dates[0]]):
        raise DataError(f"{table.name} has no column of dates ({listing(frame, 8)}): expected {EXPECTED}")
    numbers = [c.name for c in columns if c.kind in ("number", "id") and pd.api.types.is_numeric_dtype(frame[c.name])]
    price = target or next((name for usual in NAMES for name in numbers if name.lower() == usual), None)
    price = price or (numbers[-1] if numbers else None)
    if price is None or not pd.api.types.is_numeric_dtype(frame[price]):
        raise DataError(f"{table.name} has no column of prices ({listing(frame, 8)}): name it with --target COLUMN")
    words = [series] if series else [c.name for c in columns if c.kind == "category"]
    share = labels_of(frame[words[0]]) if words else pd.Series(["price"] * len(frame))
    if pd.DataFrame({"time": frame[dates[0]], "share": share}).duplicated().any():
        raise OptionError(
            f"{table.name}: several prices of one time in {price!r}: name the column that tells the shares apart with "
            "--series-column"
        )
    wide = pd.DataFrame({"time": frame[dates[0]], "share": share, "price": frame[price]}).dropna()
    wide = wide.pivot_table(index="time", columns="share", values="price").sort_index()
    return _checked(table.name, price, wide)


def _checked(name: str, price: str, wide: pd.DataFrame) -> Prices:
    if len(wide) < FEWEST:
        raise DataError(f"{name} has {len(wide)} times with a price: expected at least {FEWEST}; give more of them")
    values = wide.to_numpy(np.float64)
    if (values <= 0).any():
        raise DataError(f"{name}: {price!r} has prices of 0 or less: expected prices above 0, as of a share")
    days = (wide.index[-1] - wide.index[0]) / pd.Timedelta(days=1) / (len(wide) - 1)
    return Prices(tuple(map(str, wide.columns)), values, float(DAYS_OF_A_YEAR / days))
