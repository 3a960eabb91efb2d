"""Rows of a table → one tensor per column, (B, 1): numbers as they are, dates as days since 1970, categories as words.

Filling, scaling and the codes of categories are inside the graph. An empty cell (None, NaN, "", or what the training
data wrote for one) is NaN or "". What a cell of each kind may be, its file in `fields/` says.
"""

from typing import Any

import numpy as np

from . import fields
from .cells import TIME, is_missing, put_together, shown
from .errors import InputError


class Columns:
    """Encodes rows by the columns that the schema describes; other cells are ignored.

    Args:
        columns: The inputs of the schema.
        reading: How the training table was written, by column, its marks of missing cells and its sentinels; None in
            bundles of version 0.1.
    """

    def __init__(self, columns: list[dict[str, Any]], reading: dict[str, Any] | None = None):
        self.fields: list[Any] = fields.fields_of({"inputs": columns, "reading": reading})
        self.names, self.reading = [column["name"] for column in columns], reading
        self.parts = (reading or {}).get("time_parts", [])

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        """The arrays of the graph's inputs, one per column.

        Raises:
            InputError: If a record is not an object, lacks a column, or holds a cell that does not fit.
        """
        rows = [self._row(record, number) for number, record in enumerate(records, 1)]
        return {field.described["tensor"]: _column(field, rows) for field in self.fields}

    def _row(self, record: Any, number: int) -> dict[str, Any]:
        if not isinstance(record, dict):
            raise InputError("records", f"expected an object with {', '.join(self.names)}, got {shown(record)}", number)
        try:
            if self.parts and all(part in record for part in self.parts):
                record = record | {TIME: put_together(record, self.reading)}
        except ValueError as error:
            raise InputError(TIME, str(error), number) from None
        for name in self.names:
            if name not in record:
                raise InputError(name, "is missing: add it, or null where the value is not known", number)
        return record


def _column(field: Any, rows: list[dict[str, Any]]) -> np.ndarray:
    """(B, 1)."""
    cells = []
    for place, row in enumerate(rows, 1):
        cell = row[field.name]
        try:
            cells.append([field.EMPTY if is_missing(cell, field.marks) else field.read(cell)])
        except ValueError as error:
            raise InputError(field.name, str(error), place) from None
    return np.array(cells, field.DTYPE)
