"""The time axis of a series: its calendar, its zone, and how its times are written.

Times are kept in UTC where the zone is known, and as the clock shows them where it is not. Rules of days and hours
(working days, the end of a month) go by the clock on the wall; steps of a fixed length go by UTC.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.calendar import CLOCK, Calendar, with_offset, zone_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.state import build, read
from deepglass.data.reading import zones
from deepglass.data.reading.calendar import grid_of, learn
from deepglass.data.reading.calendar_words import words_of

DAY = 86_400.0  # seconds
TYPICAL = 200  # times that new data are compared with the calendar by
KNOWN_SHARE = 0.5  # of new times that must lie on the calendar


@dataclass(frozen=True)
class TimeAxis:
    """A column of times and the rule that it follows; `unit`, `size`, `slots` and `absent` are those of `Calendar`.

    Args:
        column: None where rows are merely numbered.
        zone: Such as Europe/Berlin or +01:00; None where the clock is all that is known.
        has_clock: Whether times are written with hours; None goes by the times themselves.
    """

    column: str | None
    unit: str
    size: float
    slots: tuple[Any, ...] = ()
    absent: tuple[Any, ...] = ()
    zone: str | None = None
    has_clock: bool | None = None

    @classmethod
    def of(cls, times: np.ndarray, column: str | None, zone: str | None = None) -> "TimeAxis":
        """Learn the rule from times.

        Args:
            times: (n,) sorted, each once: datetime64, or numbers.

        Raises:
            DataError: If there are fewer than three.
        """
        if len(times) < 3:
            raise DataError(f"expected at least 3 times to see a step between them, got {len(times)}: add rows")
        if times.dtype.kind != "M":
            steps, counts = np.unique(np.diff(times.astype(np.float64)), return_counts=True)
            is_even = counts.max() > len(times) / 2 and np.allclose(steps % steps[counts.argmax()], 0)
            return cls(column, "number" if is_even else "steps", float(steps[counts.argmax()]))
        wall = _on_wall(times, zone)
        calendar = learn(np.unique(wall))
        if zone and (even := learn(times)).unit == "seconds" and even.size < DAY:
            calendar = even  # hours go on through both changes of the clock
        has_clock = bool((wall.astype("datetime64[D]") != wall).any())
        return cls(column, calendar.unit, calendar.size, calendar.slots, calendar.absent, zone, has_clock)

    @classmethod
    def asked(cls, step: str, column: str | None, zone: str | None) -> "TimeAxis":
        """The axis of `--step`: rows, a duration such as 15min or 2h, or months such as 1month or 3months.

        Raises:
            OptionError: If it is none of these.
        """
        if step.strip().lower() in ("row", "rows"):
            return cls(column, "steps", 1.0, zone=zone)
        if match := re.fullmatch(r"(?i)\s*(\d*)\s*(months?|quarters?|years?)\s*", step):
            months = {"m": 1, "q": 3, "y": 12}[match[2][0].lower()]
            return cls(column, "months", float(months * int(match[1] or 1)), zone=zone)
        try:
            seconds = pd.Timedelta(re.sub(r"(?i)(\d)\s*d(ays?)?$", r"\1D", step.strip())).total_seconds()
        except ValueError:
            seconds = 0.0
        if seconds <= 0:
            raise OptionError(f"--step: expected rows, or a step such as 15min, 1h, 1d or 1month, got {step!r}")
        return cls(column, "seconds", seconds, zone=zone)

    @property
    def calendar(self) -> Calendar:
        """The rule alone."""
        return Calendar(self.unit, self.size, self.slots, self.absent)

    @property
    def seconds(self) -> float | None:
        """Length of a step, on average where the calendar varies; None where it has none."""
        return self.calendar.seconds

    @property
    def is_counted(self) -> bool:
        """Whether steps have no times: rows without a column of times, or at distances that no rule explains."""
        return self.column is None or self.unit == "steps"

    @property
    def name(self) -> str:
        """What the times of a forecast are called."""
        return "step" if self.is_counted else str(self.column)

    def after(self, last: Any, count: int) -> np.ndarray:
        """The `count` times that follow `last`; 1, 2, 3 … where steps are only counted."""
        if self.column is None:
            return np.arange(1, count + 1)
        calendar = self.calendar
        if not self._goes_by_wall:
            return _tidy(calendar.after(last, count))
        return self._in_utc(calendar.after(self.on_wall(np.array([last], CLOCK))[0], count))

    def grid(self, times: np.ndarray) -> np.ndarray:
        """Every step from the first to the last of sorted times (n,), those that are absent among them."""
        calendar = self.calendar
        if times.dtype.kind != "M":
            return _number_grid(times, self.size) if self.unit == "number" else times
        if not self._goes_by_wall:
            return grid_of(calendar, times)
        return np.union1d(self._in_utc(grid_of(calendar, self.on_wall(times))), times)

    @property
    def _goes_by_wall(self) -> bool:
        """Whether the clock of a zone decides: for days and longer, and for rules of days and hours."""
        return self.zone is not None and (self.calendar.is_on_wall or (self.unit == "seconds" and self.size >= DAY))

    def fits(self, times: np.ndarray) -> bool:
        """Whether new times (n,), sorted and each once, follow the calendar, whatever the day or hour it begins on."""
        times = times[-TYPICAL:]
        if self.is_counted or len(times) < 3 or times.dtype.kind != "M":
            return True
        if self.unit in ("seconds", "months", "month ends"):
            found = TimeAxis.of(times, self.column, self.zone)
            return found.seconds is None or abs(found.seconds / (self.seconds or 1) - 1) < 0.05 or len(times) < 10
        grid = self.calendar.between(*self.on_wall(times)[[0, -1]])
        common = np.isin(self.on_wall(times), grid).sum()
        return common >= KNOWN_SHARE * max(len(times), len(grid))

    def days(self, times: np.ndarray) -> np.ndarray:
        """Days since 1970 (n,) by the clock on the wall, the time of day as a fraction."""
        return self.on_wall(times).astype(CLOCK).astype(np.int64) / 86_400e6

    def texts(self, times: np.ndarray) -> list[Any]:
        """Times as they are written in answers: numbers, days, days with hours, with the offset of the zone."""
        if times.dtype.kind != "M":
            return times.tolist()
        if self.zone and self.has_clock:
            return [with_offset(time, self.zone) for time in times]
        return as_texts(pd.DatetimeIndex(self.on_wall(times)), self.has_clock)

    def __str__(self) -> str:
        """The step in words: `1 hour`, `1 month`."""
        return words_of(self.calendar)

    def state(self) -> dict[str, Any]:
        """As JSON can hold it: the arguments of the class."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "TimeAxis":
        """The axis that gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        lists = {name: _tuples(read(state, name, list[Any], [])) for name in ("slots", "absent")}
        axis = build(cls, state, **lists)
        axis.calendar.require_fit()
        if axis.zone is not None:
            zone_of(axis.zone)
        return axis

    def on_wall(self, times: np.ndarray) -> np.ndarray:
        return _on_wall(times, self.zone)

    def _in_utc(self, times: np.ndarray) -> np.ndarray:
        if self.zone is None:
            return times
        wall = pd.Series(pd.DatetimeIndex(times)).dt.tz_localize(
            zones.require_zone(self.zone), ambiguous=np.ones(len(times), bool), nonexistent="shift_forward"
        )  # fmt: skip
        return wall.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype(CLOCK)


def as_texts(times: Any, has_clock: bool | None = None) -> list[Any]:
    """Times as people write them; hours are left out where every time is midnight, or `has_clock` says so."""
    if not isinstance(times, pd.DatetimeIndex):
        return times.tolist()
    if has_clock is None:
        has_clock = bool((times.normalize() != times).any())
    form = "%Y-%m-%d %H:%M:%S" + (".%f" if has_clock and (times.microsecond != 0).any() else "")
    return times.strftime(form if has_clock else "%Y-%m-%d").tolist()


def _on_wall(times: np.ndarray, zone: str | None) -> np.ndarray:
    if zone is None or times.dtype.kind != "M":
        return times
    return zones.to_wall(pd.DatetimeIndex(times), zone).to_numpy().astype(CLOCK)


def _number_grid(times: np.ndarray, size: float) -> np.ndarray:
    """Equal steps from the first number to the last, and every other number as well."""
    count = round(float(times[-1] - times[0]) / size)
    grid = times[0] + size * np.arange(count + 1)
    return np.unique(np.concatenate([_tidy(grid[~np.isin(np.round(grid, 9), np.round(times, 9))]), times]))


def _tidy(values: np.ndarray) -> np.ndarray:
    """Whole numbers as such."""
    if values.dtype.kind != "f":
        return values
    rounded = np.round(values)
    return rounded.astype(np.int64) if np.allclose(values, rounded) else values


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
