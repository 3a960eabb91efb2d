"""A column of dates: (B, 1) float64 days since 1970, NaN where empty."""

from typing import Any

from .. import strict_json
from ..cells import days
from . import Json
from ._cell import Cell


class Field(Cell):
    """A date, written as in the training table or as 2020-01-31."""

    IS_NULLABLE = True

    def read(self, cell: Any) -> float:
        return days(cell, self.written.get("date"))

    def check(self, cell: Any) -> None:
        """Hold a value of JSON to its type.

        Raises:
            ValueError: If it is not text, or nothing.
        """
        if not (cell is None or type(cell) is str):
            raise ValueError(f"expected a date as text, got {strict_json.kind(cell)}")

    def typical(self) -> str:
        return "2020-01-31"

    def cell_schema(self, is_open: bool) -> Json:
        return {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}

    def widget(self) -> str:
        return "date"
