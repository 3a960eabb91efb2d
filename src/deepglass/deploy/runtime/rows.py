"""Rows of a delimited text as the training data were: by the names above them, or by their places.

The description of the model says which delimiter the training file had, which columns in which order, and whether
their names stood above them.
"""

import csv
import io
from typing import Any

from .errors import InputError

DELIMITERS = (",", ";", "\t", "|")


def rows_of(text: str, reading: dict[str, Any] | None) -> list[dict[str, str]]:
    """One dict a row.

    Args:
        reading: `delimiter`, `header`, `names` and `target` of the training file, and the `known` columns; None where
            nothing is known of them: then commas, and names in the first line.

    Raises:
        InputError: If the columns are not those of the training data, or a row has more or fewer cells than others.
    """
    reading = reading or {"delimiter": ",", "header": True, "names": [], "known": []}
    for delimiter in dict.fromkeys((reading["delimiter"], *DELIMITERS)):
        lines = _lines(text, delimiter)
        if lines and (names := _names(lines[0], reading)):
            return _dicts(names, lines[1:])
        if lines and (names := _places(lines[0], reading)):
            return _dicts(names, lines)
    lines = _lines(text, reading["delimiter"])
    if reading["known"] and lines and not reading["header"]:
        raise InputError("records", f"expected {len(reading['names'])} columns as in training, got {len(lines[0])}", 1)
    return _dicts(lines[0], lines[1:]) if lines else []


def _lines(text: str, delimiter: str) -> list[list[str]]:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [[cell.strip() for cell in row] if i == 0 else row for i, row in enumerate(row for row in rows if row)]
    except csv.Error as error:
        raise InputError("records", f"the CSV cannot be read: {error}") from None


def _names(first: list[str], reading: dict[str, Any]) -> list[str] | None:
    """The names in the first line, where some of them are known."""
    known = set(reading["known"]) & set(first)
    return first if known and (reading["header"] or len(known) > 1 or len(first) == 1) else None


def _places(first: list[str], reading: dict[str, Any]) -> list[str] | None:
    """The columns by their places, all of them or all but the target, where the training file had no names."""
    if reading["header"]:
        return None
    names = reading["names"]
    without = [name for name in names if name != reading.get("target")]
    return next((places for places in (names, without) if len(places) == len(first)), None)


def _dicts(names: list[str], rows: list[list[str]]) -> list[dict[str, str]]:
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise InputError("records", "the CSV has more or fewer cells here than in its head", number)
    return [dict(zip(names, row)) for row in rows]
