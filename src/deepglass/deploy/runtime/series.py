"""Pasts of series → tensors in the unit of the data; scaling is inside the graph.

A past is a dict of equally long lists, oldest first; or rows, a dict each, of one series or, with the columns that name
them, of many. Rows after the last known target are the future: they carry what is known in advance. With times, rows
may come in any order and absent steps are put in. A gap takes the last known value before it, as in training; where
there is none, the graph takes what is usual.
"""

from datetime import datetime
from typing import Any

import numpy as np

from .calendar import CLOCK, Calendar, utc_of, wall_of, with_offset
from .cells import PLAIN_NUMBER, is_missing, number, put_together, time_of
from .errors import InputError

DAY = 86_400e6  # microseconds


class Pasts:
    """Encodes pasts by the series that the schema describes."""

    def __init__(self, schema: dict[str, Any]):
        self.inputs, self.plan = schema["inputs"], schema["series"]
        self.targets, self.covariates, self.known, self.static, self.keys = (
            [described for described in self.inputs if described["role"] == role]
            for role in ("target", "covariate", "known", "static", "key")
        )
        self.targets, self.covariates, self.keys = (
            [described["name"] for described in part] for part in (self.targets, self.covariates, self.keys)
        )
        self.context, self.horizon = self.plan["context"], self.plan["horizon"]
        self.reading = schema.get("reading") or {}  # how the training table was written
        self.written, self.marks = self.reading.get("columns", {}), tuple(self.reading.get("missing", ("",)))
        self.least = self.plan.get("least_past", self.context)
        self.axis = Axis(**self.plan["axis"])

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        """The arrays of the graph's inputs, one row per past.

        Raises:
            InputError: If a past is too short, lacks a column, or holds a cell that does not fit.
        """
        pasts = [self._tensors(record, row) for row, record in enumerate(as_pasts(records, self.keys), 1)]
        return {name: np.stack([past[name] for past in pasts]) for name in pasts[0]}

    def notes(self, records: list[Any]) -> list[dict[str, Any]]:
        """The series that a forecast is of, how many steps it has, and their times where the past brought its own.

        Raises:
            InputError: As `encode`.
        """
        return [self._note(record, row) for row, record in enumerate(as_pasts(records, self.keys), 1)]

    def _note(self, record: dict[str, Any], row: int) -> dict[str, Any]:
        past = self._laid_out(record, row)
        steps = self._steps_given(past, row)
        note: dict[str, Any] = {"steps": steps}
        if self.keys:
            note["series"] = {key: _single(record.get(key)) for key in self.keys}
        if past.times is not None and not self.axis.is_counted:
            note["time"] = self.axis.texts(self.axis.after(past.times[past.end - 1], self.horizon)[:steps])
        return note

    def _tensors(self, record: dict[str, Any], row: int) -> dict[str, np.ndarray]:
        """The tensors of one past, without the axis of the batch."""
        past = self._laid_out(record, row)
        self._steps_given(past, row)
        values = filled(past.values)[max(0, past.end - self.context) : past.end]
        values = np.pad(values, ((self.context - len(values), 0), (0, 0)), constant_values=np.nan)
        width = len(self.targets)
        tensors = {"past": values[:, :width]}
        if self.covariates:
            tensors["covariates"] = values[:, width : width + len(self.covariates)]
        if self.known:
            known = filled(past.values)[:, width + len(self.covariates) :]
            tensors["known"] = self._around(known, past.end)
        if self.plan.get("needs_time"):
            tensors["time"] = self._days(past, row)
        if "spreads" in self.plan:
            name = "\t".join(_word(_single(record.get(key))) for key in self.keys)
            tensors["spread"] = np.array(self.plan["spreads"].get(name) or spread(past.values[: past.end, :width]))
        if self.static:
            cells = ((described, [_single(record.get(described["name"]))]) for described in self.static)
            parts = [self._expanded(described, cell, row)[0] for described, cell in cells]
            tensors["static"] = np.concatenate(parts)
        return tensors

    def _laid_out(self, record: dict[str, Any], row: int) -> "Past":
        """Every column as numbers at equal steps, and where the past ends."""
        columns = [self._values(record, name, row)[:, None] for name in self.targets + self.covariates]
        known = ((described, self._cells(record, described["name"], row)) for described in self.known)
        columns += [self._expanded(described, cells, row) for described, cells in known]
        lengths = {len(values) for values in columns}
        if len(lengths) > 1:
            found = ", ".join(map(str, sorted(lengths)))
            raise InputError(self.targets[0], f"expected equally many steps in each series, got {found}", row)
        values, times = np.concatenate(columns, axis=1), self._times(record, len(columns[0]), row)
        if times is not None:
            times, values = self.axis.laid_out(times, values)
        is_known = np.isfinite(values[:, : len(self.targets)]).any(axis=1)
        end = int(np.flatnonzero(is_known)[-1]) + 1 if is_known.any() else len(values)
        if end < self.least:
            raise InputError(self.targets[0], f"expected at least {self.least} steps of the past, got {end}", row)
        return Past(values, times, end)

    def _steps_given(self, past: "Past", row: int) -> int:
        """How many steps ahead there is an answer: as many as have what is known in advance."""
        if not self.known:
            return self.horizon
        if past.end == len(past.values):
            steps = f"add up to {self.horizon} steps after the past, with {self.targets[0]} left empty"
            raise InputError(self.known[0]["name"], f"is known in advance: {steps}", row)
        return min(self.horizon, len(past.values) - past.end)

    def _around(self, values: np.ndarray, end: int) -> np.ndarray:
        """(context + horizon, columns) around the end: before the first nothing is known, after the last it stays."""
        steps = np.arange(end - self.context, end + self.horizon)
        around = values[steps.clip(0, len(values) - 1)]
        return np.where((steps >= 0)[:, None], around, np.nan)

    def _days(self, past: "Past", row: int) -> np.ndarray:
        """(context + horizon,) days since 1970 by the clock on the wall."""
        if past.times is None:
            raise InputError(str(self.axis.column), "is missing: the model looks at hours, weekdays or seasons", row)
        own = past.times[max(0, past.end - self.context) : past.end]
        own = np.concatenate([np.repeat(own[:1], self.context - len(own)), own])
        return self.axis.days(np.concatenate([own, self.axis.after(own[-1], self.horizon)]))

    def _cells(self, record: dict[str, Any], name: str, row: int) -> list[Any]:
        if not isinstance(record.get(name), list | tuple | np.ndarray):
            raise InputError(name, "is missing or no list: expected its past values, oldest first", row)
        return list(record[name])

    def _values(self, record: dict[str, Any], name: str, row: int) -> np.ndarray:
        try:
            return np.fromiter((self._number(cell, name) for cell in self._cells(record, name, row)), np.float64)
        except ValueError as error:
            raise InputError(name, str(error), row) from None

    def _times(self, record: dict[str, Any], count: int, row: int) -> np.ndarray | None:
        column = self.axis.column
        if column is None or (cells := self._time_cells(record, column, count, row)) is None:
            return None
        times = self.axis.read(cells)
        if len(times) != count:
            raise InputError(column, f"expected a time for each of {count} steps, got {len(times)}", row)
        return times

    def _number(self, cell: Any, name: str) -> float:
        """A cell as the training table wrote it."""
        written = self.written.get(name, {})
        is_empty = _is_empty(cell) or is_missing(cell, (*self.marks, *written.get("missing", ())))
        return np.nan if is_empty else number(cell, written.get("number", PLAIN_NUMBER))

    def _expanded(self, described: dict[str, Any], cells: list[Any], row: int) -> np.ndarray:
        """Cells (n,) as numbers (n, 1), or words as a column of zeros and ones for each that training had."""
        if words := described.get("categories"):
            spelled = [_word(cell) for cell in cells]
            return np.array([[float(cell == word) for word in words] for cell in spelled])
        try:
            return np.array([[self._number(cell, described["name"])] for cell in cells])
        except ValueError as error:
            raise InputError(described["name"], str(error), row) from None

    def _time_cells(self, record: dict[str, Any], column: str, count: int, row: int) -> list[Any] | None:
        """The times of the steps as the axis reads them, whatever the training table wrote; None where there are none.

        Raises:
            InputError: If one cannot be read.
        """
        written = self.written.get(column, {}).get("date")
        try:
            if parts := [part for part in self.reading.get("time_parts", ()) if record.get(part)]:
                rows = [{part: record[part][step] for part in parts} for step in range(count)]
                found = [put_together(each, self.reading) for each in rows]
                return None if None in found else found
            if not record.get(column):
                return None
            cells = self._cells(record, column, row)
            return cells if written is None or self.axis.is_number else [time_of(cell, written) for cell in cells]
        except (ValueError, IndexError, TypeError) as error:
            raise InputError(column, str(error), row) from None


class Past:
    """Columns (T, n) at equal steps, their times (T,) or None, and the step after the last known target."""

    def __init__(self, values: np.ndarray, times: np.ndarray | None, end: int):
        self.values, self.times, self.end = values, times, end


class Axis:
    """The times of a series: how they are read, which follow, and how they are written; arguments as in `Calendar`."""

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
            InputError: If one cannot be read.
        """
        try:
            if self.is_number or all(isinstance(cell, int | float) for cell in cells):
                return np.array([float(cell) for cell in cells])
            return self._in_order([_as_time(cell) for cell in cells])
        except (ValueError, TypeError):
            odd = next((cell for cell in cells if not _is_time(cell)), cells[0])
            raise InputError(str(self.column), f"expected a time such as 2020-01-31 12:00:00, got {odd!r}") from None

    def laid_out(self, times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sorted, and with a row of NaN for every step that is absent."""
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        if self.is_counted or times.dtype.kind != "M":
            return times, values
        grid = np.union1d(self._between(times[0], times[-1]), times)
        rows = np.full((len(grid), values.shape[1]), np.nan)
        rows[np.searchsorted(grid, times)] = values
        return grid, rows

    def after(self, last: Any, count: int) -> np.ndarray:
        """The `count` times that follow."""
        if not self._is_on_wall:
            return self.calendar.after(last, count)
        return utc_of(self.calendar.after(wall_of(np.array([last], CLOCK), str(self.zone))[0], count), str(self.zone))

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

    def _in_order(self, times: list[datetime]) -> np.ndarray:
        """In UTC; of a time on the wall that comes twice the second is the later one."""
        found: list[np.datetime64] = []
        for time in times:
            if time.tzinfo is not None:
                offset = time.utcoffset()
                found.append(np.datetime64(time.replace(tzinfo=None) - offset, "us"))  # type: ignore[operator]
                continue
            wall = np.array([time], CLOCK)
            here = utc_of(wall, self.zone)[0] if self.zone else wall[0]
            if self.zone and here in found[-4_000:]:
                here = utc_of(wall, self.zone, fold=1)[0]
            found.append(here)
        return np.array(found, CLOCK)


def as_pasts(records: list[Any], keys: list[str] | tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Rows, with a single cell in every column, become one dict of lists for each series.

    Raises:
        InputError: If a record is not an object, or does not name its series.
    """
    for row, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise InputError("records", f"expected an object with a list per series, got {type(record).__name__}", row)
    if any(isinstance(cell, list | tuple | np.ndarray) for record in records for cell in record.values()):
        return records
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, record in enumerate(records, 1):
        for key in keys:
            if key not in record:
                raise InputError(key, "is missing: it names the series", row)
        groups.setdefault(tuple(str(record[key]) for key in keys), []).append(record)
    return [{name: [record.get(name) for record in rows] for name in rows[0]} for rows in groups.values()]


def filled(values: np.ndarray) -> np.ndarray:
    """Every gap of (T, columns) takes the last known value."""
    steps = np.where(np.isfinite(values), np.arange(len(values))[:, None], 0)
    return np.take_along_axis(values, np.maximum.accumulate(steps, axis=0), axis=0)


def spread(values: np.ndarray) -> list[float]:
    """Of a series that training did not have: its deviation (T, S) → (S,), or a tenth of its mean size if larger."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    there = np.where(known, values, 0.0)
    mean = there.sum(axis=0) / count
    deviation = np.sqrt(np.maximum((there**2).sum(axis=0) / count - mean**2, 0.0))
    return np.maximum(deviation, 0.1 * np.abs(there).sum(axis=0) / count).tolist()


def _word(cell: Any) -> str:
    """In one spelling: 1, 1.0 and "1" are the same."""
    text = "" if _is_empty(cell) else str(cell).strip()
    return text.removesuffix(".0")


def _single(cell: Any) -> Any:
    """What never changes may come once, or in every row: then the first that is there counts."""
    if isinstance(cell, list | tuple | np.ndarray):
        return next((part for part in cell if not _is_empty(part)), None)
    return cell


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and cell == "") or cell != cell


def _as_time(cell: Any) -> datetime:
    return cell if isinstance(cell, datetime) else datetime.fromisoformat(str(cell))


def _is_time(cell: Any) -> bool:
    try:
        _as_time(cell)
    except ValueError:
        return False
    return True


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value
