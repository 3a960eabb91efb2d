"""Rows of a table → one tensor a column, (B, 1): numbers as they are, dates as days since 1970, categories as words.

Filling, scaling and the codes of categories are inside the graph. An empty cell (None, NaN, "") is NaN or "".
"""

import math
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from .errors import InputError

EPOCH = datetime(1970, 1, 1)
SECONDS_A_DAY = 86_400
SHOWN = 60  # characters of a wrong cell that a message repeats


class Columns:
    """Encodes rows by the columns that the schema describes; other cells are ignored."""

    def __init__(self, columns: list[dict[str, Any]]):
        self.columns = columns
        self.known = {column["name"]: set(column.get("categories", ())) for column in columns}

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        rows = [self._row(record, number) for number, record in enumerate(records, 1)]
        return {column["tensor"]: self._column(column, rows) for column in self.columns}

    def annotate(self, records: list[Any], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return answers

    def _row(self, record: Any, number: int) -> dict[str, Any]:
        names = [column["name"] for column in self.columns]
        if not isinstance(record, dict):
            raise InputError("records", f"expected an object with {', '.join(names)}, got {_shown(record)}", number)
        for name in names:
            if name not in record:
                raise InputError(name, "is missing: add it, or null where the value is not known", number)
        return record

    def _column(self, column: dict[str, Any], rows: list[dict[str, Any]]) -> np.ndarray:
        cells = []
        for number, row in enumerate(rows, 1):
            try:
                cells.append([self._cell(column, row[column["name"]])])
            except ValueError as error:
                raise InputError(column["name"], str(error), number) from None
        return np.array(cells, np.float64 if column["kind"] != "category" else object)  # (B, 1)

    def _cell(self, column: dict[str, Any], cell: Any) -> float | str:
        is_empty = cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))
        if column["kind"] == "category":
            return "" if is_empty else category(cell, column["is_boolean"], self.known[column["name"]])
        if is_empty:
            return math.nan
        return number(cell) if column["kind"] == "number" else days(cell)


def number(cell: Any) -> float:
    """A finite number, from JSON or as CSV spells it."""
    try:
        value = float(cell) if isinstance(cell, int | float | str | np.number) else math.nan
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {_shown(cell)}; leave it empty where it is not known")
    return value


def days(cell: Any) -> float:
    """Days since 1970, the time of day as a fraction; a time with a zone is counted in UTC."""
    try:
        time = datetime.fromisoformat(cell) if isinstance(cell, str) else cell
    except ValueError:
        time = None
    if isinstance(time, date) and not isinstance(time, datetime):
        time = datetime(time.year, time.month, time.day)
    if not isinstance(time, datetime):
        raise ValueError(f"expected a date such as 2020-01-31, got {_shown(cell)}; leave it empty if it is not known")
    if time.tzinfo is not None:
        time = time.astimezone(UTC).replace(tzinfo=None)
    return (time - EPOCH).total_seconds() / SECONDS_A_DAY


def category(cell: Any, is_boolean: bool, known: set[str]) -> str:
    """A category in the spelling of the training data: 1, 1.0 and "1" are one, True and "true" one truth value.

    An unknown one is no error: the graph has a code for it.
    """
    if not isinstance(cell, str | int | float | np.generic):
        raise ValueError(f"expected a word or a number, got {_shown(cell)}")
    label = str(cell).strip()
    label = label.lower() if is_boolean else label
    if label not in known and label.endswith(".0"):  # a whole number, as some programs write it
        label = label.removesuffix(".0")
    return label


def _shown(cell: Any) -> str:
    text = repr(cell)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
