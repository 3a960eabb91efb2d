"""How a table holds series: which column is the time, and which columns name the series where there are many.

    one series      a row per time: date, load, wind
    many, long      a row per time and series: shop, date, town, sales

A table of dates alone is not a series: a list of customers may well hold the day of their contract. The times of a
series hardly repeat and follow a calendar; where they repeat, some columns must tell the rows of one time apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from deepglass.core.calendar import CLOCK
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.asked import listed
from deepglass.data.reading.calendar import learn
from deepglass.data.reading.calendar_words import words_of
from deepglass.data.reading.table import require_column
from deepglass.data.reading.table_format import TIME
from deepglass.data.reading.time_parts import with_time

PARTS = ("year", "month", "day", "hour", "minute", "second")
TIME_NAMES = ("time", "date", "datetime", "timestamp", "ts", "day", "month", "week", "quarter", "period", "ds")
NUMBER_NAMES = ("year", "yr", "step", "t", "time", "period", "week", "ds")  # of whole numbers that may count time
KEY_NAMES = (  # what people call the column that names a series
    "series", "unique_id", "series_id", "timeseries", "item_id", "item", "sku", "product", "shop", "store", "symbol",
    "ticker", "station", "sensor", "device", "meter", "region", "country", "city", "agency", "id", "key", "name",
)  # fmt: skip
DISTINCT_SHARE = 0.9  # of the rows have a time of their own: clocks put back and repeated lines are no objection
UNIQUE_SHARE = 0.999  # of the rows that a key and a time tell apart
FEW_MOMENTS, MOSTLY = 20, 0.9  # a quick look: of so many moments most rows must be told apart
FEWEST_ROWS = 5  # of half the series: fewer are groups of rows, not series
MOST_KEYS = 12  # columns that are tried as keys, alone and in pairs


@dataclass(frozen=True)
class TimeLayout:
    """The roles of time and key columns, with what was guessed about them."""

    time: str | None
    keys: tuple[str, ...] = ()
    guesses: list[Guess] = field(default_factory=list)


def layout_of(table: Table, config: DataConfig) -> TimeLayout | None:
    """The layout of a table of series; None where the table is none.

    Raises:
        OptionError: If a column that was asked for is absent.
    """
    keys = asked_keys(table, config)
    if config.time_column == "none" and "none" not in table.frame.columns:
        return None
    is_asked = config.time_column is not None
    if is_asked:
        require_column(table.frame, config.time_column, "--time-column")
    for name in [config.time_column] if is_asked else _possible_times(table.frame):
        if found := _layout_with(table, name, keys, is_asked):
            return found
    return None


def assemble_time(table: Table) -> tuple[str, ...]:
    """Put `year`, `month`, `day`, `hour` … together to one column `time`, where the rows are then series.

    Returns:
        The columns that were put together; none where the table stays as it is.
    """
    names = {str(name).lower(): name for name in table.frame}
    parts = [names[part] for part in PARTS if part in names]
    if len(parts) < 2 or [str(part).lower() for part in parts] != list(PARTS[: len(parts)]) or TIME in names:
        return ()
    if not all(pd.api.types.is_integer_dtype(table.frame[name]) for name in parts):
        return ()
    frame = with_time(table.frame, parts)
    if frame[TIME].isna().any() or not (is_one_series(frame[TIME]) or keys_of(frame, TIME)):
        return ()
    table.frame = frame
    table.guesses.append(Guess("time", f"column {TIME!r}", f"{', '.join(parts)} together", "--time-column"))
    return tuple(parts)


def asked_keys(table: Table, config: DataConfig) -> tuple[str, ...]:
    """The columns of `--series-column`.

    Raises:
        OptionError: If one is absent.
    """
    return tuple(require_column(table.frame, name, "--series-column") for name in listed(config.series_column))


def _possible_times(frame: pd.DataFrame) -> list[str]:
    """Columns of dates, then of whole numbers that are called year or step; without gaps, usual names first."""
    whole = [str(name) for name in frame if frame[name].notna().all()]
    dates = [name for name in whole if pd.api.types.is_datetime64_any_dtype(frame[name])]
    numbers = [name for name in whole if name.lower() in NUMBER_NAMES and pd.api.types.is_integer_dtype(frame[name])]
    return sorted(dates, key=lambda name: name.lower() not in TIME_NAMES) + numbers


def is_one_series(times: pd.Series) -> bool:
    """Whether times hardly repeat and follow a calendar."""
    return times.nunique() >= DISTINCT_SHARE * len(times) and has_calendar(times)


def has_calendar(times: pd.Series) -> bool:
    """Whether the different times of a column are those of a calendar, or numbers at equal distances."""
    if pd.api.types.is_datetime64_any_dtype(times):
        return learn(sorted_times(times)).unit != "steps"
    steps = np.diff(np.unique(times.dropna().to_numpy(np.float64)))
    return len(steps) > 1 and bool((steps == steps[0]).all())


def sorted_times(times: pd.Series) -> np.ndarray:
    """Different times, in order."""
    return np.unique(times.dropna().to_numpy().astype(CLOCK))


def _layout_with(table: Table, time: str, keys: tuple[str, ...], is_asked: bool) -> TimeLayout | None:
    times = table.frame[time]
    guesses = [] if is_asked else [_guess_of_time(times)]
    if keys or is_one_series(times):
        return TimeLayout(time, keys, guesses)
    found = keys_of(table.frame, time)
    if found is None:
        return TimeLayout(time, (), guesses) if is_asked else None
    count = table.frame.groupby(list(found), observed=True).ngroups
    why = f"times repeat, once for each of {counted(count, 'value')}" + (" together" if len(found) > 1 else "")
    return TimeLayout(time, found, [*guesses, Guess("series", ",".join(found), why, "--series-column")])


def _guess_of_time(times: pd.Series) -> Guess:
    is_date = pd.api.types.is_datetime64_any_dtype(times)
    why = f"dates in steps of {words_of(learn(sorted_times(times)))}" if is_date else "whole numbers at equal distances"
    return Guess("time column", times.name, why, "--time-column")


def keys_of(frame: pd.DataFrame, time: str) -> tuple[str, ...] | None:
    """The fewest columns that tell the rows of one time apart and leave series of a common calendar; None if none do.

    Words come before whole numbers, usual names before others.
    """
    moments = pd.factorize(frame[time])[0]
    if not has_calendar(frame[time]):
        return None
    codes = {name: pd.factorize(frame[name])[0].astype(np.int64) for name in _possible_keys(frame, time)}
    some = np.flatnonzero(moments % max(1, (moments.max() + 1) // FEW_MOMENTS) == 0)
    repeated = None
    for names in _choices(list(codes)):
        series = _joined([codes[name] for name in names])
        if _distinct(series[some], moments[some]) < MOSTLY * len(some):  # a quick look at some moments
            continue
        repeated = int(frame.duplicated().sum()) if repeated is None else repeated
        if _distinct(series, moments) + repeated < UNIQUE_SHARE * len(frame):
            continue
        sizes = np.bincount(series)
        if len(sizes) > 1 and np.median(sizes) >= FEWEST_ROWS:
            return names
    return None


def _distinct(series: np.ndarray, moments: np.ndarray) -> int:
    """Different pairs of series and moment."""
    return len(pd.unique(series * (moments.max() + 1) + moments))


def _possible_keys(frame: pd.DataFrame, time: str) -> list[str]:
    """Columns of words or whole numbers without gaps, of which each value has several rows; the likeliest first."""
    chosen = []
    for name in (str(name) for name in frame.columns if name != time):
        column = frame[name]
        is_number = pd.api.types.is_numeric_dtype(column) and column.dtype != bool
        if column.isna().any() or column.dtype.kind in "fM" or column.dtype == bool:
            continue
        if 2 <= column.nunique() <= len(frame) / FEWEST_ROWS:
            chosen.append((is_number, name.lower() not in KEY_NAMES, len(chosen), name))
    return [name for *_, name in sorted(chosen)][:MOST_KEYS]


def _choices(names: list[str]) -> Iterator[tuple[str, ...]]:
    """Single columns, then pairs, then three of the likeliest."""
    yield from combinations(names, 1)
    yield from combinations(names, 2)
    yield from combinations(names[:6], 3)


def _joined(codes: list[np.ndarray]) -> np.ndarray:
    """One code for each combination that occurs."""
    joined = codes[0]
    for other in codes[1:]:
        joined = pd.factorize(joined * (other.max() + 1) + other)[0].astype(np.int64)
    return joined
