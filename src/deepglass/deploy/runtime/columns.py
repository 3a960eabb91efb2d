"""Rows of a table → one tensor per column, (B, 1): numbers as they are, dates as days since 1970, categories as words.

Filling, scaling and the codes of categories are inside the graph. An empty cell (None, NaN, "", or what the training
data wrote for one) is NaN or "".
"""

import math
from typing import Any

import numpy as np

from .cells import PLAIN_NUMBER, TIME, days, is_missing, number, put_together, shown
from .errors import InputError


class Columns:
    """Encodes rows by the columns that the schema describes; other cells are ignored.

    Args:
        columns: The inputs of the schema.
        reading: How the training table was written, by column, its marks of missing cells and its sentinels; None in
            bundles of version 0.1.
    """

    def __init__(self, columns: list[dict[str, Any]], reading: dict[str, Any] | None = None):
        self.columns, self.reading, reading = columns, reading, reading or {}
        self.known = {column["name"]: set(column.get("categories", ())) for column in columns}
        self.written: dict[str, dict[str, Any]] = reading.get("columns", {})
        self.parts = reading.get("time_parts", [])
        self.marks, self.sentinels = tuple(reading.get("missing", ("",))), set(reading.get("sentinels", ()))

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        """The arrays of the graph's inputs, one per column.

        Raises:
            InputError: If a record is not an object, lacks a column, or holds a cell that does not fit.
        """
        rows = [self._row(record, number) for number, record in enumerate(records, 1)]
        return {column["tensor"]: self._column(column, rows) for column in self.columns}

    def _row(self, record: Any, number: int) -> dict[str, Any]:
        names = [column["name"] for column in self.columns]
        if not isinstance(record, dict):
            raise InputError("records", f"expected an object with {', '.join(names)}, got {shown(record)}", number)
        try:
            if self.parts and all(part in record for part in self.parts):
                record = record | {TIME: put_together(record, self.reading)}
        except ValueError as error:
            raise InputError(TIME, str(error), number) from None
        for name in names:
            if name not in record:
                raise InputError(name, "is missing: add it, or null where the value is not known", number)
        return record

    def _column(self, column: dict[str, Any], rows: list[dict[str, Any]]) -> np.ndarray:
        cells = []
        for place, row in enumerate(rows, 1):
            try:
                cells.append([self._cell(column, row[column["name"]])])
            except ValueError as error:
                raise InputError(column["name"], str(error), place) from None
        return np.array(cells, np.float64 if column["kind"] != "category" else object)  # (B, 1)

    def _cell(self, column: dict[str, Any], cell: Any) -> float | str:
        name, written = column["name"], self.written.get(column["name"], {})
        marks = (*self.marks, *written.get("missing", ()))
        if is_missing(cell, tuple(mark for mark in marks if mark not in written.get("kept", ()))):
            return "" if column["kind"] == "category" else math.nan
        if column["kind"] == "category":
            return category(cell, column["is_boolean"], self.known[name], written.get("width"))
        if column["kind"] == "date":
            return days(cell, written.get("date"))
        value = number(cell, written.get("number", PLAIN_NUMBER))
        return math.nan if value in self.sentinels else value


def category(cell: Any, is_boolean: bool, known: set[str], width: int | None = None) -> str:
    """A category in the spelling of the training data: 1, 1.0 and "1" are one, True and "true" one truth value.

    An unknown one is not an error: the graph has a code for it.

    Args:
        width: Digits of a code: a shorter one has lost its zeros on the way.

    Raises:
        ValueError: If the cell is neither a word nor a number.
    """
    if not isinstance(cell, str | int | float | np.generic):
        raise ValueError(f"expected a word or a number, got {shown(cell)}")
    label = str(cell).strip()
    label = label.lower() if is_boolean else label
    if label not in known and label.endswith(".0"):  # a whole number, as some programs write it
        label = label.removesuffix(".0")
    return label.zfill(width) if width and label.isdecimal() and len(label) < width else label
