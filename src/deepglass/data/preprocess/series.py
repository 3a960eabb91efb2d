"""From a table to evenly spaced series, one or many, each below the other.

    in order, at equal steps → gaps filled with the last known value → standardised

Gaps are filled forwards only: a value from the future never enters the past. What was filled feeds the model and is
never scored. Means and deviations come from the training part alone.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.calendar import CLOCK
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing, numbered
from deepglass.data.containers import Table
from deepglass.data.preprocess.time_axis import TimeAxis
from deepglass.data.reading import zones
from deepglass.data.reading.columns import has_id_name

MOST_STEPS = 50_000_000  # of all series together, gaps included: what a machine of usual size holds
COMMON = 2 / 3  # of the steps of a common calendar that half the series must have


@dataclass
class Series:
    """Series on a common calendar, one below the other.

    `times` (T,) are those of every row, `values` (T, columns) hold NaN where nothing is known, and series i has the
    rows from `starts[i]` to `starts[i + 1]`; `names[i]` is its key, () where there is but one.
    """

    axis: TimeAxis
    times: np.ndarray
    values: np.ndarray
    splits: dict[str, np.ndarray]
    guesses: list[Guess]
    starts: np.ndarray
    names: list[tuple[str, ...]]
    static: np.ndarray = field(default_factory=lambda: np.zeros((1, 0)))  # (series, columns)

    def __len__(self) -> int:
        return len(self.times)

    @property
    def lengths(self) -> np.ndarray:
        """Steps of each series (G,)."""
        return np.diff(self.starts)

    @property
    def series_of_row(self) -> np.ndarray:
        """Which series each row (T,) belongs to."""
        return np.repeat(np.arange(len(self.names)), self.lengths)


def series_of(
    table: Table,
    time: str | None,
    values: pd.DataFrame,
    keys: tuple[str, ...] = (),
    axis: TimeAxis | None = None,
    zone: str | None = None,
) -> Series:
    """The columns `values` of a table as series on an even time axis.

    Args:
        table: One row per time and series, in any order.
        time: The column of times; None takes the rows in their order.
        values: Numbers, in the rows of the table.
        keys: The columns that name the series.
        axis: Of the training; None learns it from the times.
        zone: Of the clock on which times without an offset were read.

    Raises:
        DataError: If a time is missing, or occurs twice with different values.
    """
    guesses: list[Guess] = []
    times, zone = _times(table, time, zone, axis)
    group, names = _groups(table.frame, keys)
    keep = _join_repetitions(table, time, times, group, values, zone, guesses)
    times, group, rows = times[keep], group[keep], keep
    order = np.lexsort((times, group))
    _say_order(table, time, times, group, rows, guesses)
    times, group, rows = times[order], group[order], rows[order]
    if axis is None:
        axis = _learn_axis(times, group, time, zone)
        _say_axis(axis, guesses)
    elif time is not None and not axis.fits(np.unique(times)):
        found = TimeAxis.of(np.unique(times), time, zone)
        raise DataError(f"{table.name} has a step of {found}: expected {axis}, as in training; resample it")
    starts, position, all_times = _laid_out(times, group, axis, table.name)
    matrix = np.full((len(all_times), values.shape[1]), np.nan)
    matrix[position] = values.to_numpy(np.float64)[rows]
    splits = _splits(table, rows, position, starts)
    series = Series(axis, all_times, matrix, splits, guesses, starts, names, np.zeros((len(names), 0)))
    _say_gaps(series, len(rows), guesses)
    return series


def value_columns(frame: pd.DataFrame, others: tuple[str, ...]) -> tuple[list[str], list[Guess]]:
    """The columns that could be forecast: numbers that neither count the rows nor stay the same.

    Args:
        others: Columns with another role: times, keys.

    Raises:
        DataError: If there is none.
    """
    kept, words, counters, constants = [], [], [], []
    for name in (str(name) for name in frame.columns if name not in others):
        column: Any = frame[name]
        if not pd.api.types.is_numeric_dtype(column) or column.dtype == bool:
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


def filled(values: np.ndarray, start: np.ndarray, starts: np.ndarray | None = None) -> np.ndarray:
    """Every gap takes the last known value of its series; what is missing at the beginning takes `start`.

    Shape:
        - values: (T, columns), start: (columns,), starts: (series + 1,) the first row of each series
    """
    known = np.isfinite(values)
    row = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(known, row, -1), axis=0)  # (T, columns)
    begins = 0 if starts is None else np.repeat(starts[:-1], np.diff(starts))[:, None]
    carried = np.take_along_axis(values, np.maximum(last, 0), axis=0)
    return np.where(last >= begins, carried, start)


def numbers_of(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns as float64, in the rows of the frame.

    Raises:
        DataError: If one holds words or an infinity; names column and rows.
    """
    return pd.DataFrame({name: _numbers(frame[name]) for name in columns}, index=frame.index)


def _numbers(column: Any) -> np.ndarray:
    if not pd.api.types.is_numeric_dtype(column) and column.notna().any():
        found = column.dropna().iloc[0]
        raise DataError(f"column {column.name!r} holds {str(found)!r}: expected numbers; leave it out with --ignore")
    numbers = column.to_numpy(np.float64, na_value=np.nan)
    if np.any(odd := np.isinf(numbers)):
        rows = numbered("row", (np.flatnonzero(odd) + 1).tolist())
        raise DataError(f"column {column.name!r} is infinite in {rows}: expected finite numbers; correct or empty them")
    return numbers


# -- times and series of each row -----------------------------------------------------------------------------------


def _times(table: Table, column: str | None, zone: str | None, axis: TimeAxis | None) -> tuple[np.ndarray, str | None]:
    """Times of all rows (N,) in UTC where the zone is known, and the zone."""
    if column is None:
        return np.arange(1, len(table.frame) + 1), None
    times, written = table.frame[column], table.zones.get(column)
    _require_times(times, table.name)
    if not pd.api.types.is_datetime64_any_dtype(times):
        return times.to_numpy(), None
    zone = axis.zone if axis is not None else zone or written
    if axis is not None and written and not zone:
        raise DataError(
            f"{table.name}: the times of {column!r} have an offset ({written}), those of the training had none: leave "
            "it away, or train again with --time-zone"
        )
    if zone and not written:
        times = zones.to_utc(times, zone, table.name)
    return times.to_numpy().astype(CLOCK), zone


def _require_times(times: Any, name: str) -> None:
    if not (pd.api.types.is_datetime64_any_dtype(times) or pd.api.types.is_numeric_dtype(times)):
        raise DataError(
            f"{name}: time column {times.name!r} holds neither dates nor numbers (such as {str(times.iloc[0])!r}): "
            "write dates like 2020-01-31, or name another --time-column"
        )
    if rows := (np.flatnonzero(times.isna()) + 1).tolist():
        raise DataError(
            f"{name}: time column {times.name!r} is empty in {numbered('row', rows)}: fill them in or remove the rows"
        )


def _groups(frame: pd.DataFrame, keys: tuple[str, ...]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """The series of each row (N,), numbered in the order of their names, and the names."""
    if not keys:
        return np.zeros(len(frame), np.int64), [()]
    words = pd.DataFrame({key: key_words(frame[key]) for key in keys})
    code, levels = pd.factorize(pd.MultiIndex.from_frame(words), sort=True)
    return code.astype(np.int64), [tuple(level) for level in levels]


def key_words(column: Any) -> np.ndarray:
    """The cells of a key as words, in one spelling: 1, 1.0 and "1" are the same series."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("str").fillna("").str.strip().to_numpy()


# -- one row per time -------------------------------------------------------------------------------------------------


def _join_repetitions(
    table: Table,
    time: str | None,
    times: np.ndarray,
    group: np.ndarray,
    values: pd.DataFrame,
    zone: str | None,
    guesses: list[Guess],
) -> np.ndarray:
    """Positions (n,) of the rows to keep: of rows that say the same of the same time the first."""
    if time is None:
        return np.arange(len(times))
    place = pd.DataFrame({"group": group, "time": times})
    repeated = place.duplicated().to_numpy()
    if not repeated.any():
        return np.arange(len(times))
    whole = pd.concat([place, values.reset_index(drop=True)], axis=1)
    if not whole.duplicated()[repeated].all():
        _reject_repetitions(table, time, place, zone)
    rows = numbered("row", (np.flatnonzero(repeated) + 1).tolist())
    guesses.append(Guess("repeated rows", f"{repeated.sum():,} left out", rows, "one row a time"))
    return np.flatnonzero(~repeated)


def _reject_repetitions(table: Table, time: str, place: pd.DataFrame, zone: str | None) -> None:
    repeated = np.flatnonzero(place.duplicated(keep=False).to_numpy())
    if zone is None and place["time"].dtype.kind == "M" and (found := zones.zone_of_doubled(place["time"])):
        raise DataError(
            f"{table.name}: {found[1]} comes twice in {time!r}, as where clocks are put back ({found[0]} does so in "
            f"this hour): say which zone the clock is in, with --time-zone {found[0]}"
        )
    first = table.frame[time].iloc[repeated[0]]
    raise DataError(
        f"{table.name}: time column {time!r} repeats times with different values, first {first}, in "
        f"{numbered('row', (repeated + 1).tolist())}: expected one row a time and series; remove the extra rows or "
        "average them, or name the column that tells the series apart with --series-column"
    )


def _say_order(
    table: Table, time: str | None, times: np.ndarray, group: np.ndarray, rows: np.ndarray, guesses: list[Guess]
) -> None:
    by_series = np.argsort(group, kind="stable")
    is_back = np.diff(times[by_series]) < 0 if times.dtype.kind != "M" else np.diff(times[by_series]).astype(int) < 0
    is_back &= np.diff(group[by_series]) == 0
    if is_back.any():
        first = int(rows[by_series[1:][is_back]].min()) + 1
        why = f"row {first} was earlier than the row before it"
        guesses.append(Guess("order", f"sorted by {time}", why, "a file in the order of time"))


# -- equal steps ----------------------------------------------------------------------------------------------------


def _learn_axis(times: np.ndarray, group: np.ndarray, time: str | None, zone: str | None) -> TimeAxis:
    """The calendar of all times together; where single series have but few of its steps, that of the longest one."""
    axis = TimeAxis.of(np.unique(times), time, zone)
    sizes = np.bincount(group)
    if len(sizes) == 1 or axis.unit in ("steps", "number"):
        return axis
    place = np.searchsorted(axis.grid(np.unique(times)), times)
    spans = np.maximum.reduceat(place, (ends := np.concatenate([[0], np.cumsum(sizes)[:-1]]))) - place[ends] + 1
    if np.median(sizes / spans) >= COMMON:
        return axis
    longest = times[group == sizes.argmax()]
    return TimeAxis.of(longest, time, zone) if len(longest) >= 3 else axis


def _phases(times: np.ndarray, first: np.ndarray, lengths: np.ndarray, axis: TimeAxis) -> np.ndarray:
    """How much later than the earliest each series begins within a step (series,): weeks from Tuesday, hours at :30."""
    if axis.unit != "seconds" or times.dtype.kind != "M" or len(first) == 1:
        return np.zeros(len(first), "timedelta64[us]" if times.dtype.kind == "M" else times.dtype)
    return (times[first] - times[first].min()) % np.timedelta64(round(axis.size * 1e6), "us")


def _laid_out(
    times: np.ndarray, group: np.ndarray, axis: TimeAxis, name: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First row of each series, the new row of every old one (N,), and the times of all rows, gaps included (T,).

    Args:
        times: (N,) of the rows, sorted within each series.
        group: (N,) sorted.
    """
    first = np.flatnonzero(np.concatenate([[True], np.diff(group) > 0]))
    counts = np.diff(np.append(first, len(group)))
    phases = _phases(times, first, counts, axis)
    even = times - np.repeat(phases, counts)
    grid = axis.grid(np.unique(even)) if not axis.is_counted else None
    place = np.arange(len(times)) if grid is None else np.searchsorted(grid, even)
    begin, end = place[first], place[first + counts - 1]
    starts = np.concatenate([[0], np.cumsum(end - begin + 1)])
    if starts[-1] > MOST_STEPS:
        raise DataError(
            f"{name}: {starts[-1]:,} steps of {axis} lie between the first and the last times, and only {len(times):,} "
            "rows: count rows with --step rows, or give a longer --step"
        )
    position = np.repeat(starts[:-1] - begin, counts) + place
    if grid is None:
        return starts, position, times
    steps = np.arange(starts[-1]) + np.repeat(begin - starts[:-1], np.diff(starts))
    return starts, position, grid[steps] + np.repeat(phases, np.diff(starts))


def _say_axis(axis: TimeAxis, guesses: list[Guess]) -> None:
    if axis.column is not None and axis.unit == "steps":
        why = "no step and no calendar explains the times; steps are counted, and a forecast has no times"
        guesses.append(Guess("irregular times", "rows taken as equal steps", why, "--step"))
    elif "slots" in axis.unit and "," in str(axis):  # months and quarters go without saying
        guesses.append(Guess("calendar", str(axis), f"learnt from {axis.column}", "--step"))
    if axis.zone and axis.zone[:1] not in "+-":
        guesses.append(Guess("time zone", axis.zone, "its clocks fit the offsets of the times", "--time-zone"))


def _say_gaps(series: "Series", rows: int, guesses: list[Guess]) -> None:
    """How many steps had no row, and where the first of them is."""
    absent = len(series.times) - rows
    if not absent:
        return
    missing = np.isnan(series.values).all(axis=1) if series.values.shape[1] else np.zeros(len(series.times), bool)
    first = series.axis.texts(series.times[[max(0, int(missing.argmax()) - 1)]])[0] if missing.any() else ""
    where = f"first after {first}; " if first else ""
    count = len(np.unique(series.series_of_row[missing]))
    among = (
        f" in {count:,} of {counted(len(series.names), 'series').replace('serieses', 'series')}"
        if series.names[0]
        else ""
    )
    step = "" if "slots" in series.axis.unit else f", one every {series.axis}"
    put_in = f"{counted(absent, 'row')} put in{among}{step}"
    why = f"{where}their values are missing: the past takes the last known value, and they are never scored"
    guesses.append(Guess("gaps", put_in, why, "--step rows"))


def _splits(table: Table, rows: np.ndarray, position: np.ndarray, starts: np.ndarray) -> dict[str, np.ndarray]:
    """Positions of the splits that the table declares; rows that were put in belong to the row before them."""
    if not table.splits:
        return {}
    code = np.full(len(table.frame), -1)
    for i, positions in enumerate(table.splits.values()):
        code[positions] = i
    of_row = np.full(starts[-1], np.nan)
    of_row[position] = code[rows]
    of_row = filled(of_row[:, None], np.array([-1.0]), starts)[:, 0]
    return {split: np.flatnonzero(of_row == i) for i, split in enumerate(table.splits)}
