"""Whole series as examples: a row for each of them, with what never changes in it, and beside it what does.

shop, date │ town, is_open │ sales, visitors            one row per time and series
key, time  │ one cell of each in the rows of the table  │ channels of the series
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError, OptionError
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.preprocess.series import Series, key_words, numbers_of, series_of, value_columns
from deepglass.data.preprocess.time_axis import TimeAxis
from deepglass.data.reading.series import TimeLayout, layout_of


@dataclass
class SeriesTable(Table):
    """A row of `frame` per series: its keys, and the columns that never change in it.

    Attributes:
        keys: The columns that name a series.
        channels: Names of the columns of `series.values`.
        series: What changes, of all series that were read, also of those whose row was left out since.
    """

    keys: tuple[str, ...] = ()
    channels: list[str] = field(default_factory=list)
    series: Series | None = None

    @property
    def places(self) -> np.ndarray:
        """(rows,) which series of `series` each row is of."""
        assert self.series is not None
        place = {name: i for i, name in enumerate(self.series.names)}
        words = zip(*(key_words(self.frame[key]) for key in self.keys), strict=True)
        return np.array([place[name] for name in words], np.int64)


def series_layout(data: object, config: DataConfig) -> TimeLayout | None:
    """The time and the keys of a table of many series; None of other data."""
    layout = layout_of(data, config) if isinstance(data, Table) else None
    return layout if layout is not None and layout.time is not None and layout.keys else None


def whole_series(
    table: Table,
    layout: TimeLayout,
    config: DataConfig,
    channels: list[str] | None = None,
    axis: TimeAxis | None = None,
) -> SeriesTable:
    """Series by series what a table holds in long form.

    Args:
        table: A row per time and series, in any order.
        layout: Which columns are its time and its keys.
        channels: What changes; None takes all columns of numbers that do.
        axis: Of the training; None learns it.

    Raises:
        DataError: If the table has nothing that changes, or lacks a column.
        OptionError: If the target changes within a series.
    """
    frame, keys = table.frame, list(layout.keys)
    groups = frame.groupby(keys, observed=True, sort=False)
    others = [str(name) for name in frame.columns if name not in (layout.time, *keys)]
    constant = [name for name in others if (groups[name].nunique() <= 1).all()]
    guesses = list(layout.guesses)
    if channels is None:
        channels, left_out = value_columns(frame, (str(layout.time), *keys, *constant))
        guesses += left_out
    if absent := [name for name in channels if name not in frame]:
        raise DataError(f"{table.name} lacks {counted(len(absent), 'column')}: {listing(absent)}; add what is missing")
    if (target := config.target or table.target) in frame and target not in constant:
        raise OptionError(
            f"--target: column {target!r} changes within a series: expected one value in each; to forecast it, pass "
            "--task forecasting"
        )
    series = series_of(table, layout.time, numbers_of(frame, channels), layout.keys, axis, config.time_zone)
    rows = groups[[name for name in constant if name not in channels]].first().reset_index()
    found = {"keys": layout.keys, "channels": channels, "series": series, "splits": _splits(table, series, rows, keys)}
    about = {"target": table.target, "licence": table.licence, "format": table.format}
    return SeriesTable(rows, table.name, guesses=[*table.guesses, *guesses, *series.guesses], **found, **about)


def _splits(table: Table, series: Series, rows: pd.DataFrame, keys: list[str]) -> dict[str, np.ndarray]:
    """Rows of each part that the table declares.

    Raises:
        DataError: If rows of one series are in several parts.
    """
    if not table.splits:
        return {}
    place = {name: i for i, name in enumerate(zip(*(key_words(rows[key]) for key in keys), strict=True))}
    row_of = np.array([place[name] for name in series.names])
    found = {part: np.unique(row_of[series.series_of_row[at]]) for part, at in series.splits.items()}
    counts = np.bincount(np.concatenate([*found.values()]), minlength=len(rows))
    if (counts > 1).any():
        both = listing([" ".join(map(str, rows.loc[i, keys])) for i in np.flatnonzero(counts > 1)], 3)
        raise DataError(f"{table.name}: rows of one series are in several parts ({both}): expected each as a whole")
    return found
