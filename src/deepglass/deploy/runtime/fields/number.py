"""A column of numbers: (B, 1) float64, NaN where empty."""

import math
from typing import Any

from .. import strict_json
from ..cells import PLAIN_NUMBER, number
from . import Json
from ._cell import Cell


class Field(Cell):
    """A number; text only where the training table wrote numbers as JSON cannot, such as $1,200."""

    IS_NULLABLE = True

    def read(self, cell: Any) -> float:
        value = number(cell, self.written.get("number", PLAIN_NUMBER))
        return math.nan if value in self.sentinels else value

    def check(self, cell: Any) -> None:
        """Hold a value of JSON to its type.

        Raises:
            ValueError: If it is not a number, or nothing.
        """
        is_number = cell is None or type(cell) in (int, float)
        if not is_number and not (isinstance(cell, str) and is_written(self.written)):
            raise ValueError(f"expected a number, got {strict_json.kind(cell)}")

    def cell_schema(self, is_open: bool) -> Json:
        return {"type": ["number", "null"]}

    def widget(self) -> str:
        return "number"


def is_written(written: Json) -> bool:
    """Whether the training table wrote the numbers of a column in a way that JSON has no numbers for."""
    form = written.get("number")
    return bool(form) and not form["is_plain"]
