"""The times of a series: how they are read, which follow, and how they are written.

A request states times, and two of them can lie ten thousand years apart: how many steps that makes is judged before any
step is built, and what the calendar cannot count to is refused as a time.
"""

from datetime import datetime
from typing import Any

import numpy as np

from .calendar import CLOCK, Calendar, utc_of, wall_of, with_offset
from .cells import number, shown
from .errors import InputError

DAY = 86_400e6  # microseconds
FIRST, LAST = np.datetime64("0001-01-03", "us"), np.datetime64("9999-12-30", "us")  # in every zone within the years
GAP_CELLS = 200_000  # of steps that are absent in what came: 22 years of hours in one column
LIKE = "2020-01-31 12:00:00"


class Axis:
    """The times of a series; arguments as in `Calendar`.

    Args:
        column: Of the times; None where steps are only counted.
        zone: Of the clock on the wall; None where it is not known.
        has_clock: Whether times are written with the time of day; None in bundles of version 0.1.
    """

    def __init__(
        self,
        column: str | None,
        unit: str,
        size: float,
        slots: Any = (),
        absent: Any = (),
        zone: str | None = None,
        has_clock: bool | None = None,
    ):
        self.column, self.zone, self.has_clock = column, zone, has_clock
        self.calendar = Calendar(unit, size, tuple(map(_tuple, slots)), tuple(map(_tuple, absent)))
        self.is_counted = column is None or unit == "steps"
        self.is_number = unit == "number"

    def read(self, cells: list[Any]) -> np.ndarray:
        """Times (n,) in UTC where the zone is known, or numbers.

        Raises:
            InputError: If one cannot be read, or is beyond the years 1 to 9999.
        """
        are_numbers = self.is_number or (self.is_counted and all(_is_number(cell) for cell in cells))
        read = number if are_numbers else _as_time
        found = []
        for cell in cells:
            try:
                found.append(read(cell))
            except (ValueError, TypeError, OverflowError):
                like = "a number" if are_numbers else f"a time such as {LIKE}"
                raise self._refused(f"expected {like}, got {shown(cell)}") from None
        return np.array(found, np.float64) if are_numbers else self._in_utc(found)

    def laid_out(self, times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sorted, and with a row of NaN for every step that is absent.

        Raises:
            InputError: If a time comes twice with different values, or so many steps are absent that laying them out
                would take far more memory than what came.
        """
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        if self.is_counted or times.dtype.kind != "M":
            return times, values
        self._require_one_value_each(times, values)
        self._require_few_gaps(times, values.shape[1])
        grid = np.union1d(self._between(times[0], times[-1]), times)
        rows = np.full((len(grid), values.shape[1]), np.nan)
        rows[np.searchsorted(grid, times)] = values
        return grid, rows

    def after(self, last: Any, count: int) -> np.ndarray:
        """The `count` times that follow.

        Raises:
            InputError: If there are none, or they are beyond the year 9999.
        """
        own = wall_of(np.array([last], CLOCK), str(self.zone))[0] if self._is_on_wall else last
        try:
            found = self.calendar.after(own, count)
        except (ValueError, OverflowError) as error:
            raise self._refused(str(error)) from None
        if found.dtype.kind == "M":
            self._require_years(found)
        return utc_of(found, str(self.zone)) if self._is_on_wall else found

    def days(self, times: np.ndarray) -> np.ndarray:
        """Days since 1970 (n,) by the clock on the wall."""
        wall = wall_of(times, self.zone) if self.zone else times
        return wall.astype(CLOCK).astype(np.int64) / DAY

    def texts(self, times: np.ndarray) -> list[Any]:
        """Numbers, or dates in ISO form, with the offset of the zone where there is one."""
        if times.dtype.kind != "M":
            return times.tolist()
        if self.zone and self.has_clock:
            return [with_offset(time, self.zone) for time in times]
        if self.has_clock is False or (self.has_clock is None and self.calendar.unit in ("months", "month ends")):
            wall = wall_of(times, self.zone) if self.zone else times
            return [str(time) for time in wall.astype("datetime64[D]")]
        unit = "us" if (times.astype(np.int64) % 1_000_000).any() else "s"
        return [str(time) for time in times.astype(f"datetime64[{unit}]")]

    @property
    def _is_on_wall(self) -> bool:
        is_daily = self.calendar.unit == "seconds" and self.calendar.size >= DAY / 1e6
        return bool(self.zone) and (self.calendar.is_on_wall or is_daily)

    def _between(self, first: Any, last: Any) -> np.ndarray:
        if not self._is_on_wall:
            return self.calendar.between(first, last)
        return utc_of(self.calendar.between(*wall_of(np.array([first, last], CLOCK), str(self.zone))), str(self.zone))

    def _in_utc(self, times: list[datetime]) -> np.ndarray:
        """Of a time on the wall that comes twice the second is the later one."""
        zone, has_offset = self.zone, np.array([time.tzinfo is not None for time in times], bool)
        found = np.array([time.replace(tzinfo=None) for time in times], CLOCK)
        self._require_years(found)
        offsets = [time.utcoffset() for time in times if time.tzinfo is not None]
        found[has_offset] -= np.array(offsets, "timedelta64[us]")
        if zone and not has_offset.all():
            wall = found[~has_offset]
            found[~has_offset] = utc_of(wall, zone)
            _, once = np.unique(found, return_index=True)
            is_again = ~np.isin(np.arange(len(found)), once) & ~has_offset
            found[is_again] = utc_of(wall[is_again[~has_offset]], zone, fold=1)
        return found

    def _require_years(self, times: np.ndarray) -> None:
        if len(times) and not (times.min() >= FIRST and times.max() <= LAST):
            odd = times.max() if times.max() > LAST else times.min()
            raise self._refused(f"expected times of the years 1 to 9999, got {odd}")

    def _require_one_value_each(self, times: np.ndarray, values: np.ndarray) -> None:
        same = np.flatnonzero(times[1:] == times[:-1])
        these, those = values[same], values[same + 1]
        differ = same[~((these == those) | np.isnan(these) | np.isnan(those)).all(axis=1)]
        if len(differ):
            time = self.texts(times[differ[:1]])[0]
            raise self._refused(f"{time} comes twice with different values: send each time of a series once")

    def _require_few_gaps(self, times: np.ndarray, columns: int) -> None:
        seconds = (times[-1] - times[0]) / np.timedelta64(1, "s")
        steps = seconds / (self.calendar.seconds or 1.0)
        if (steps - 2 * len(times)) * columns > GAP_CELLS:
            span = " to ".join(map(str, self.texts(times[[0, -1]])))
            gaps = f"{span} are {steps:,.0f} steps, of which {len(times):,} came"
            raise self._refused(f"{gaps}: send the end of the series")

    def _refused(self, message: str) -> InputError:
        return InputError(str(self.column), message)


def _as_time(cell: Any) -> datetime:
    return cell if isinstance(cell, datetime) else datetime.fromisoformat(str(cell))


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value
