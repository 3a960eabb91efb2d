"""From a table to evenly spaced, standardised series.

    in order, at equal steps → gaps filled with the last known value → standardised

Gaps are filled forwards only: a value from the future never enters the past. What was filled feeds the model and is
never scored. Means and deviations come from the training part alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing, numbered
from deepglass.data.containers import Table
from deepglass.data.preprocess.time_axis import Times
from deepglass.data.reading.columns import has_id_name
from deepglass.data.reading.series import regular


@dataclass
class Series:
    """Evenly spaced series: `values` (T, columns) holds NaN where nothing is known."""

    times: Times
    values: np.ndarray
    splits: dict[str, np.ndarray]
    guesses: list[Guess]

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True)
class Standardizer:
    """z = (x − mean) / std, with the numbers of the training part.

    Shape:
        - mean, std: (columns,)
    """

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def fit(cls, values: np.ndarray) -> "Standardizer":
        """Means and deviations of the known values (T, columns); a constant column keeps its scale."""
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, values, 0.0).sum(axis=0) / count
        std = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count)
        return cls(mean, np.where(std > 1e-12 * np.abs(mean), std, 1.0))

    def forward(self, values: np.ndarray) -> np.ndarray:
        return (values - self.mean) / self.std

    def backward(self, values: np.ndarray) -> np.ndarray:
        """Back to the unit of the data; takes the first columns alone where there are fewer."""
        columns = values.shape[-1]
        return values * self.std[:columns] + self.mean[:columns]

    def state(self) -> dict[str, Any]:
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Standardizer":
        return cls(np.asarray(state["mean"], dtype=np.float64), np.asarray(state["std"], dtype=np.float64))


def series_of(table: Table, time_column: str | None, columns: list[str]) -> Series:
    """The columns of a table on an even time axis.

    Args:
        table: One row a time, in any order.
        time_column: None takes the rows as they stand.
        columns: What to take, in this order; others are passed over.

    Raises:
        DataError: If a column is missing or holds words or infinities, or a time is missing or occurs twice.
    """
    wanted = columns + ([time_column] if time_column else [])
    if absent := [name for name in wanted if name not in table.frame.columns]:
        raise DataError(
            f"{table.name} lacks {counted(len(absent), 'column')}: {listing(absent)}; expected {listing(wanted, 20)}, "
            f"got {listing(table.frame.columns, 20)}: add what is missing (order and further columns do not matter)"
        )
    numbers_of(table.frame, columns)  # checked before rows move, so that messages name the rows of the file
    known = len(table.guesses)
    if time_column:
        table = regular(table, time_column)
    index = pd.Index(table.frame[time_column]) if time_column else pd.RangeIndex(1, len(table.frame) + 1)
    return Series(index, numbers_of(table.frame, columns), dict(table.splits), table.guesses[known:])


def value_columns(frame: pd.DataFrame, time_column: str | None) -> tuple[list[str], list[Guess]]:
    """The columns that could be forecast: numbers that neither count the rows nor stay the same.

    Raises:
        DataError: If there is none.
    """
    kept, words, counters, constants = [], [], [], []
    for name in (str(name) for name in frame.columns if name != time_column):
        column: Any = frame[name]
        if not pd.api.types.is_numeric_dtype(column):
            words.append(name)
        elif column.nunique() < 2:
            constants.append(name)
        elif has_id_name(name) and bool((column.diff().iloc[1:] == 1).all()):
            counters.append(name)
        else:
            kept.append(name)
    if not kept:
        raise DataError(
            f"no column can be forecast: expected one with numbers that change, got {listing(frame.columns)}; name the "
            "time with --time-column if it was mistaken"
        )
    reasons = ((words, "hold no numbers"), (counters, "count the rows"), (constants, "never change"))
    return kept, [Guess("left out", listing(names), why, "--targets") for names, why in reasons if names]


def filled(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Every gap takes the last known value; what is missing at the beginning takes `start`.

    Shape:
        - values: (T, columns), start: (columns,)
    """
    known = np.isfinite(values)
    last = np.maximum.accumulate(np.where(known, np.arange(len(values))[:, None], -1), axis=0)  # (T, columns)
    carried = np.take_along_axis(values, np.maximum(last, 0), axis=0)
    return np.where(last >= 0, carried, start)


def numbers_of(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """The columns as float64 (T, columns).

    Raises:
        DataError: If one holds words or an infinity; names column and rows.
    """
    return np.stack([_numbers(frame[name]) for name in columns], axis=1)  # type: ignore[arg-type]


def _numbers(column: pd.Series) -> np.ndarray:
    if not pd.api.types.is_numeric_dtype(column) and column.notna().any():
        found = column.dropna().iloc[0]
        raise DataError(f"column {column.name!r} holds {str(found)!r}: expected numbers; leave it out with --ignore")
    numbers = column.to_numpy(np.float64, na_value=np.nan)
    if np.any(odd := np.isinf(numbers)):
        rows = numbered("row", (np.flatnonzero(odd) + 1).tolist())
        raise DataError(f"column {column.name!r} is infinite in {rows}: expected finite numbers; correct or empty them")
    return numbers
