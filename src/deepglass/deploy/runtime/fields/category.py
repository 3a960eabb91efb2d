"""A column of categories: (B, 1) words, "" where empty; for what training has not seen the graph has a code."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..cells import shown
from ..state import require
from . import Input, Json
from ._cell import Cell


@dataclass(frozen=True)
class Description(Input):
    """Its words, and whether they are the two of a truth value."""

    categories: list[str] | None = None
    is_boolean: bool = False


class Field(Cell):
    """A word, in the spelling of the training table: 1, 1.0 and "1" are one, True and "true" one truth value."""

    Description = Description
    DTYPE = object
    EMPTY = ""

    def __init__(self, described: Json, schema: Json):
        super().__init__(described, schema)
        self.known = set(described.get("categories") or ())

    def require(self) -> Description:
        one = super().require()
        require(one.categories is not None, f"categories of {self.name!r}")
        return one

    def read(self, cell: Any) -> str:
        return spelled(cell, self.described["is_boolean"], self.known, self.written.get("width"))

    def check(self, cell: Any) -> None:
        """Hold a value of JSON to its type.

        Raises:
            ValueError: If it is not a word or a number, or nothing.
        """
        if type(cell) is bool and not self.described["is_boolean"]:
            raise ValueError("expected a word or a number, got a boolean")

    def typical(self) -> Any:
        return (self.described.get("statistics") or {}).get("most_frequent") or self.described["categories"][0]

    def cell_schema(self, is_open: bool) -> Json:
        if not is_open:
            return {"enum": [*self.described["categories"], None]}
        return {"type": ["string", "number", "null", *(["boolean"] if self.described["is_boolean"] else [])]}

    def known_words(self) -> set[str]:
        return {"", *self.described["categories"]}  # "" where the cell is empty

    def widget(self) -> str:
        return "select"


def spelled(cell: Any, is_boolean: bool, known: set[str], width: int | None = None) -> str:
    """A category in the spelling of the training data.

    Args:
        cell: As it came.
        is_boolean: Whether the words are those of a truth value.
        known: The words of training.
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
