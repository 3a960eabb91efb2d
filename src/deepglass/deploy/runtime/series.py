"""Pasts of series → tensors in the unit of the data; scaling is inside the graph.

A past is a dict of equally long lists, oldest first; or rows, a dict each, of one series or, with the columns that name
them, of many. Rows after the last known target are the future: they carry what is known in advance. With times, rows
may come in any order and absent steps are put in. A gap takes the last known value before it, as in training; where
there is none, the graph takes what is usual.
"""

from typing import Any

import numpy as np

from .axis import Axis
from .cells import PLAIN_NUMBER, is_missing, number, put_together, time_of
from .errors import InputError
from .records import Wanted, while_wanted


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
        return self.inspect(records).encode(lambda: True)

    def inspect(self, records: list[Any]) -> "Inspected":
        """What is asked; its cells are read once, by `Inspected.encode`.

        Raises:
            InputError: If a record is not one.
        """
        return Inspected(self, as_pasts(records, self.keys))

    def read(self, record: dict[str, Any], row: int, is_wanted: Wanted) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The tensors of one past, without the axis of the batch; and what its answer says besides the forecast: the
        series, how many steps it has, and their times where the past brought its own.

        Raises:
            InputError: If the past is too short, lacks a column, or holds a cell that does not fit.
            TimeoutError: Once `is_wanted` says no.
        """
        past = self._laid_out(record, row, is_wanted)
        steps = self._steps_given(past, row)
        return self._tensors(record, past, row, is_wanted), self._note(record, past, steps)

    def _note(self, record: dict[str, Any], past: "Past", steps: int) -> dict[str, Any]:
        note: dict[str, Any] = {"steps": steps}
        if self.keys:
            note["series"] = {key: _single(record.get(key)) for key in self.keys}
        if past.times is not None and not self.axis.is_counted:
            note["time"] = self.axis.texts(self.axis.after(past.times[past.end - 1], self.horizon)[:steps])
        return note

    def _tensors(self, record: dict[str, Any], past: "Past", row: int, is_wanted: Wanted) -> dict[str, np.ndarray]:
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
            parts = [self._expanded(described, cell, row, is_wanted)[0] for described, cell in cells]
            tensors["static"] = np.concatenate(parts)
        return tensors

    def _laid_out(self, record: dict[str, Any], row: int, is_wanted: Wanted) -> "Past":
        """Every column as numbers at equal steps, and where the past ends."""
        columns = [self._values(record, name, row, is_wanted)[:, None] for name in self.targets + self.covariates]
        known = ((described, self._cells(record, described["name"], row)) for described in self.known)
        columns += [self._expanded(described, cells, row, is_wanted) for described, cells in known]
        lengths = {len(values) for values in columns}
        if len(lengths) > 1:
            found = ", ".join(map(str, sorted(lengths)))
            raise InputError(self.targets[0], f"expected equally many steps in each series, got {found}", row)
        values, times = np.concatenate(columns, axis=1), self._times(record, len(columns[0]), row, is_wanted)
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

    def _values(self, record: dict[str, Any], name: str, row: int, is_wanted: Wanted) -> np.ndarray:
        cells = while_wanted(self._cells(record, name, row), is_wanted)
        try:
            return np.fromiter((self._number(cell, name) for cell in cells), np.float64)
        except ValueError as error:
            raise InputError(name, str(error), row) from None

    def _times(self, record: dict[str, Any], count: int, row: int, is_wanted: Wanted) -> np.ndarray | None:
        column = self.axis.column
        if column is None or (cells := self._time_cells(record, column, count, row, is_wanted)) is None:
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

    def _expanded(self, described: dict[str, Any], cells: list[Any], row: int, is_wanted: Wanted) -> np.ndarray:
        """Cells (n,) as numbers (n, 1), or words as a column of zeros and ones for each that training had."""
        if words := described.get("categories"):
            spelled = (_word(cell) for cell in while_wanted(cells, is_wanted))
            found = [[float(cell == word) for word in words] for cell in spelled]
            return np.array(found, np.float64).reshape(len(cells), len(words))
        try:
            found = [self._number(cell, described["name"]) for cell in while_wanted(cells, is_wanted)]
            return np.array(found, np.float64)[:, None]
        except ValueError as error:
            raise InputError(described["name"], str(error), row) from None

    def _time_cells(
        self, record: dict[str, Any], column: str, count: int, row: int, is_wanted: Wanted
    ) -> list[Any] | None:
        """The times of the steps as the axis reads them, whatever the training table wrote; None where there are none.

        Raises:
            InputError: If one cannot be read.
        """
        written = self.written.get(column, {}).get("date")
        try:
            if parts := [part for part in self.reading.get("time_parts", ()) if record.get(part)]:
                columns = [self._cells(record, part, row) for part in parts]
                if any(len(cells) != count for cells in columns):
                    raise ValueError(f"expected {count} values in each of {', '.join(parts)}")
                rows = while_wanted(zip(*columns, strict=True), is_wanted)
                found = [put_together(dict(zip(parts, each, strict=True)), self.reading) for each in rows]
                return None if None in found else found
            if not record.get(column):
                return None
            cells = self._cells(record, column, row)
            if written is None or self.axis.is_number:
                return cells
            return [time_of(cell, written) for cell in while_wanted(cells, is_wanted)]
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(column, str(error), row) from None


class Inspected:
    """Pasts that were asked for and not read yet.

    notes: What each answer says besides its forecast, as `Answers.with_notes` takes them; filled by `encode`.
    """

    pixels = nbytes = 0
    is_quick = False  # two times may lie far apart, and cells be long

    def __init__(self, encoder: Pasts, pasts: list[dict[str, Any]]):
        self.encoder, self.pasts = encoder, pasts
        self.notes: list[dict[str, Any]] = []

    def encode(self, is_wanted: Wanted) -> dict[str, np.ndarray]:
        """Read every past once, for its tensors and its note."""
        read = [self.encoder.read(past, row, is_wanted) for row, past in enumerate(self.pasts, 1)]
        self.notes[:] = [note for _, note in read]
        return {name: np.stack([tensors[name] for tensors, _ in read]) for name in read[0][0]}


class Past:
    """Columns (T, n) at equal steps, their times (T,) or None, and the step after the last known target."""

    def __init__(self, values: np.ndarray, times: np.ndarray | None, end: int):
        self.values, self.times, self.end = values, times, end


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
