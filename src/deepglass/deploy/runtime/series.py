"""Pasts of series → (B, context, series) in the unit of the data; scaling is inside the graph.

A past is a dict of equally long lists, oldest first, at equal steps; or the rows of one past, a dict each. A gap takes
the last known value before it, as in training; where there is none, the graph takes the mean of training.
"""

from datetime import datetime
from typing import Any

import numpy as np

from .cells import PLAIN_NUMBER, is_missing, moment, number, put_together
from .errors import InputError


class Pasts:
    """Encodes pasts by the series that the schema describes."""

    def __init__(self, schema: dict[str, Any]):
        self.inputs, self.plan = schema["inputs"], schema["series"]
        self.reading = reading = schema.get("reading") or {}
        self.written, self.marks = reading.get("columns", {}), tuple(reading.get("missing", ("",)))
        self.targets = [described["name"] for described in self.inputs if described["role"] == "target"]
        self.covariates = [described["name"] for described in self.inputs if described["role"] == "covariate"]

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        pasts = [self._past(record, i) for i, record in enumerate(as_pasts(records), 1)]
        stacked = np.stack(pasts)  # (B, context, targets + covariates)
        tensors = {"past": stacked[:, :, : len(self.targets)]}
        return tensors | ({"covariates": stacked[:, :, len(self.targets) :]} if self.covariates else {})

    def annotate(self, records: list[Any], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Adds the times that a forecast is for, where the past brought its own."""
        column = self.plan["axis"]["column"]
        for past, answer in zip(as_pasts(records), answers, strict=True):
            if column is not None and (times := self._times(column, past)):
                answer["time"] = times_after(times, self.plan["horizon"], **self.plan["axis"])
        return answers

    def _times(self, column: str, past: dict[str, Any]) -> Any:
        """The last time in ISO form, where the training data wrote it otherwise; None where the past has none."""
        written, times = self.written.get(column, {}).get("date"), past.get(column)
        try:
            last = {name: values[-1] for name, values in past.items() if isinstance(values, list | tuple) and values}
            if (time := put_together(last, self.reading)) is not None:
                return [time.isoformat()]
            if not times or written is None or self.plan["axis"]["unit"] == "number":
                return times
            return [moment(times[-1], written).isoformat()]
        except ValueError as error:
            raise InputError(column, str(error)) from None

    def _past(self, record: dict[str, Any], row: int) -> np.ndarray:
        """(context, targets + covariates) float64, NaN where nothing is known yet."""
        columns = [self._values(record, name, row) for name in self.targets + self.covariates]
        lengths = {len(values) for values in columns}
        context = self.plan["context"]
        if len(lengths) > 1 or min(lengths) < context:
            found = ", ".join(map(str, sorted(lengths)))
            raise InputError(
                self.targets[0], f"expected at least {context} steps, equally many in each series, got {found}", row
            )
        return filled(np.stack(columns, axis=1))[-context:]

    def _values(self, record: dict[str, Any], name: str, row: int) -> np.ndarray:
        if not isinstance(record.get(name), list | tuple | np.ndarray):
            raise InputError(name, "is missing or no list: expected its past values, oldest first", row)
        try:
            written = self.written.get(name, {})
            form, marks = written.get("number", PLAIN_NUMBER), (*self.marks, *written.get("missing", ()))
            cells = (np.nan if is_missing(cell, marks) else number(cell, form) for cell in record[name])
            return np.fromiter(cells, np.float64)
        except ValueError as error:
            raise InputError(name, str(error), row) from None


def as_pasts(records: list[Any]) -> list[dict[str, Any]]:
    """Rows of one past, with a single cell in every column, become one dict of lists."""
    for row, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise InputError("records", f"expected an object with a list a series, got {type(record).__name__}", row)
    if any(isinstance(cell, list | tuple | np.ndarray) for record in records for cell in record.values()):
        return records
    return [{name: [record.get(name) for record in records] for name in records[0]}]


def filled(values: np.ndarray) -> np.ndarray:
    """Every gap of (T, columns) takes the last known value."""
    steps = np.where(np.isfinite(values), np.arange(len(values))[:, None], 0)
    return np.take_along_axis(values, np.maximum.accumulate(steps, axis=0), axis=0)


def times_after(times: Any, count: int, unit: str, size: float, column: str) -> list[Any]:
    """The `count` times that follow the last of a column: numbers, or dates in ISO form.

    Raises:
        InputError: If the last time cannot be read.
    """
    try:
        if unit == "number":
            return [float(times[-1]) + size * step for step in range(1, count + 1)]
        last = np.datetime64(datetime.fromisoformat(str(times[-1])).replace(tzinfo=None), "s")
    except ValueError:
        raise InputError(column, f"expected a time such as 2020-01-31 12:00:00, got {times[-1]!r}") from None
    return [str(_later(last, step, unit, size)) for step in range(1, count + 1)]


def _later(last: np.datetime64, step: int, unit: str, size: float) -> np.datetime64:
    if unit == "seconds":
        return last + np.timedelta64(round(size * step), "s")
    month = last.astype("datetime64[M]") + np.timedelta64(int(size * step), "M")
    month_end = (month + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    if unit == "month ends":
        return month_end
    day = last.astype("datetime64[D]") - last.astype("datetime64[M]").astype("datetime64[D]")
    return min(month.astype("datetime64[D]") + day, month_end)  # the 31st of a short month is its last day
