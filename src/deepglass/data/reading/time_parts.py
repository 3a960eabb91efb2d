"""Times in several columns, put together as one: year, month, day, hour …, or a date beside a clock."""

import re

import numpy as np
import pandas as pd

from deepglass.data.reading.table_format import TIME, TableFormat

CLOCK_NAME = re.compile(r"(?i)time|clock|hour|uhrzeit|zeit|hora|heure|ora$")
FEW_DAYS = 0.5  # different dates for each row at most: more, and the clock adds nothing to them
MOSTLY_DISTINCT = 0.9  # different times for each row at least


def with_time(frame: pd.DataFrame, parts: list[str]) -> pd.DataFrame:
    """The frame with one column `time` in front in the place of its parts; NaT where they are not a date.

    Args:
        parts: A date and a clock, or the columns for year, month, day and so on, called so in any case.
    """
    if pd.api.types.is_datetime64_any_dtype(frame[parts[0]]):
        times = _at(frame[parts[0]], frame[parts[1]])
    else:
        fields = {name.lower(): frame[name] for name in parts} | ({"day": 1} if len(parts) == 2 else {})
        times = pd.to_datetime(pd.DataFrame(fields, index=frame.index), errors="coerce")
    frame = frame.drop(columns=parts)
    frame.insert(0, TIME, times)
    return frame


def date_and_clock(frame: pd.DataFrame, format: TableFormat) -> tuple[str, str] | None:
    """The one date and the one clock of a table whose rows have times of their own only by both; else None."""
    dates = [c.name for c in format.columns if c.date and c.name in frame]
    clocks = [c.name for c in format.columns if c.number and c.number.is_clock and CLOCK_NAME.search(c.name)]
    clocks = [name for name in clocks if name in frame]
    if len(dates) != 1 or len(clocks) != 1:
        return None
    date = frame[dates[0]]
    are_days = bool((date.dropna() == date.dropna().dt.normalize()).all())
    if not are_days or date.isna().any() or date.nunique() > FEW_DAYS * len(frame):
        return None
    if TIME in frame.columns and clocks[0] != TIME and dates[0] != TIME:
        return None
    is_distinct = _at(date, frame[clocks[0]]).nunique() >= MOSTLY_DISTINCT * len(frame)
    return (dates[0], clocks[0]) if is_distinct else None


def _at(date: pd.Series, hours: pd.Series) -> pd.Series:
    seconds = np.round(hours.to_numpy(np.float64) * 3600)
    return date + pd.Series(pd.to_timedelta(seconds, unit="s"), index=date.index)
