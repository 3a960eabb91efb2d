"""Series: which column is the time, what step it has, and a series made regular.

A model of a series counts steps, so a step must always mean the same time. Rows out of order are sorted; two rows
of one time that disagree are an error, since nobody can say which is right; absent steps are put in as rows without
values where most steps are equal, and are left out, with a warning, where they are not.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, numbered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.table import keep_rows, require_column

PARTS = ("year", "month", "day", "hour", "minute", "second")
TIME_NAMES = ("time", "date", "datetime", "timestamp", "ts", "day", "month", "week", "period", "ds")
DISTINCT_SHARE = 0.9  # of the rows have a time of their own: clocks set back and repeated lines are no objection
REGULAR_SHARE = 0.5  # of the steps must be equal for a time column to have a step at all
FILL_LIMIT = 0.5  # absent steps may be at most so many in proportion to the rows
ONE_DAY = pd.Timedelta(days=1)


def guess_time_column(table: Table, config: DataConfig) -> tuple[str, Guess] | None:
    """The column that makes the table a series: dates that hardly repeat, mostly in equal steps.

    Dates alone do not make a series: a table of customers may well hold the day of their contract.

    Raises:
        OptionError: If the column that was asked for is absent.
    """
    if config.time_column:
        require_column(table.frame, config.time_column, "--time-column")
        return config.time_column, Guess("time column", config.time_column, "as asked", "--time-column")
    dates = [name for name in table.frame if pd.api.types.is_datetime64_any_dtype(table.frame[name])]
    for name in sorted(dates, key=lambda name: name.lower() not in TIME_NAMES):
        times = table.frame[name]
        if times.notna().all() and _is_series(times):
            return name, Guess("time column", name, f"dates in steps of {words_of(step_of(times))}", "--time-column")
    return None


def assemble_time(table: Table) -> None:
    """Put `year`, `month`, `day`, `hour` … together to one column `time`, where the rows are then a series."""
    names = {str(name).lower(): name for name in table.frame}
    parts = [names[part] for part in PARTS if part in names]
    if len(parts) < 2 or [str(part).lower() for part in parts] != list(PARTS[: len(parts)]) or "time" in names:
        return
    if not all(pd.api.types.is_integer_dtype(table.frame[name]) for name in parts):
        return
    fields = {str(name).lower(): table.frame[name] for name in parts} | ({"day": 1} if len(parts) == 2 else {})
    times = pd.to_datetime(pd.DataFrame(fields, index=table.frame.index), errors="coerce")
    if times.isna().any() or not _is_series(times):
        return
    table.frame = table.frame.drop(columns=parts)
    table.frame.insert(0, "time", times)
    table.guesses.append(Guess("time", "column 'time'", f"{', '.join(parts)} together", "--time-column"))


def step_of(times: pd.Series) -> pd.DateOffset | pd.Timedelta | None:
    """The step that most neighbouring times have: months by the calendar, else a duration; None where there is none."""
    stamps = pd.DatetimeIndex(times.dropna().unique()).sort_values()
    if len(stamps) < 3:
        return None
    is_fixed_day, is_month_end = (stamps.day == stamps[0].day).all(), stamps.is_month_end.all()
    if (stamps.normalize() == stamps).all() and (is_fixed_day or is_month_end):
        months = np.diff(stamps.year * 12 + stamps.month)
        if months.min() > 0 and _share(months) >= REGULAR_SHARE:
            return pd.DateOffset(months=int(_mode(months)), **({"day": 31} if is_month_end else {}))
    durations = np.diff(stamps.to_numpy())
    return pd.Timedelta(_mode(durations)) if _share(durations) >= REGULAR_SHARE else None  # pyright: ignore[reportReturnType]


def words_of(step: pd.DateOffset | pd.Timedelta | None) -> str:
    """A step as people say it: `1 month`, `1 day`, `5 minutes`."""
    if step is None:
        return "no fixed length"
    if not isinstance(step, pd.Timedelta):
        return counted(step.months, "month")
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if step.total_seconds() % seconds == 0:
            return counted(int(step.total_seconds() // seconds), unit)
    return f"{step.total_seconds():g} seconds"


def regular(table: Table, time_column: str) -> Table:
    """The table as a series: in time order, without repetitions, and with every step present.

    Rows that are put in have missing values; filling them is left to the preprocessing, which learns from the
    training split alone.

    Args:
        time_column: A column of dates, or of numbers that count steps.

    Raises:
        DataError: If a time is missing or occurs twice, or the column holds neither dates nor numbers.
    """
    table = replace(table, guesses=list(table.guesses), splits=dict(table.splits))
    _require_times(table.frame[time_column], table.name)
    _join_repetitions(table)
    _require_distinct(table.frame[time_column], table.name)
    if not table.frame[time_column].is_monotonic_increasing:
        _sort(table, time_column)
    _fill_gaps(table, time_column)
    return table


def _is_series(times: pd.Series) -> bool:
    return times.nunique() >= DISTINCT_SHARE * len(times) and step_of(times) is not None


def _require_times(times: pd.Series, name: str) -> None:
    if not (pd.api.types.is_datetime64_any_dtype(times) or pd.api.types.is_numeric_dtype(times)):
        raise DataError(
            f"{name}: time column {times.name!r} holds neither dates nor numbers (such as {str(times.iloc[0])!r}): "
            "write dates like 2020-01-31, or name another --time-column"
        )
    if rows := (np.flatnonzero(times.isna()) + 1).tolist():
        raise DataError(
            f"{name}: time column {times.name!r} is empty in {numbered('row', rows)}: fill them in or remove the rows"
        )


def _join_repetitions(table: Table) -> None:
    """Rows that say the same of the same time are one row."""
    repeated = table.frame.duplicated().to_numpy()
    if repeated.any():
        rows = numbered("row", (np.flatnonzero(repeated) + 1).tolist())
        keep_rows(table, ~repeated)
        table.guesses.append(Guess("repeated rows", f"{repeated.sum():,} left out", rows, "one row a time"))


def _require_distinct(times: pd.Series, name: str) -> None:
    repeated = np.flatnonzero(times.duplicated(keep=False))
    if len(repeated):
        raise DataError(
            f"{name}: time column {times.name!r} repeats times with different values, first {times.iloc[repeated[0]]}, "
            f"in {numbered('row', (repeated + 1).tolist())}: expected one row a time; remove the extra rows or average "
            "them, or put each series in a column of its own"
        )


def _sort(table: Table, time_column: str) -> None:
    times = table.frame[time_column]
    first = int(np.flatnonzero((times < times.shift()).to_numpy())[0]) + 1
    order = np.argsort(times.to_numpy(), kind="stable")
    place = np.argsort(order)
    table.frame = table.frame.iloc[order].reset_index(drop=True)
    table.splits = {split: np.sort(place[rows]) for split, rows in table.splits.items()}
    why = f"row {first} was earlier than the row before it"
    table.guesses.append(Guess("order", f"sorted by {time_column}", why, "a file in the order of time"))


def _fill_gaps(table: Table, time_column: str) -> None:
    times = table.frame[time_column]
    step = step_of(times) if times.dtype.kind == "M" else None
    if step is None or (step == ONE_DAY and times.dt.day_of_week.max() < 5):  # working days only: weekends are no gaps
        return
    grid = pd.date_range(times.iloc[0], times.iloc[-1], freq=step).as_unit(times.dt.unit)
    absent = len(grid) - len(times)
    if absent == 0 and (grid == pd.DatetimeIndex(times)).all():
        return
    if not times.isin(grid).all() or absent > FILL_LIMIT * len(times):
        why = f"not every time is a multiple of {words_of(step)}; steps are counted, not measured"
        table.guesses.append(Guess("irregular times", "rows taken as equal steps", why, "rows at equal distances"))
        return
    place = grid.get_indexer(pd.DatetimeIndex(times))
    first = times.iloc[int(np.argmax(np.diff(place) > 1))]
    table.frame = table.frame.set_index(time_column).reindex(grid).rename_axis(time_column).reset_index()
    table.splits = {split: _with_gaps(rows, place) for split, rows in table.splits.items()}
    why = f"first after {first}; their values are missing and are filled as other missing values"
    put_in = f"{counted(absent, 'row')} put in, one every {words_of(step)}"
    table.guesses.append(Guess("gaps", put_in, why, "rows at equal distances"))


def _with_gaps(rows: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Positions of a split, with the rows that were put in after each of its rows."""
    following = np.append(place[1:], place[-1] + 1)
    return np.concatenate([np.arange(place[row], following[row]) for row in rows.tolist()])


def _mode(values: np.ndarray):
    distinct, counts = np.unique(values, return_counts=True)
    return distinct[np.argmax(counts)]


def _share(values: np.ndarray) -> float:
    return float(np.unique(values, return_counts=True)[1].max() / len(values))
