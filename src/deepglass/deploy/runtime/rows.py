"""Rows of a delimited text as the training data were: by the names above them, or by their places.

The description of the model says which delimiter the training file had, which columns in which order, and whether
their names were above them. Every row has a cell for every column, or the text is refused.
"""

import csv
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from .errors import BodyError

DELIMITERS = (",", ";", "\t", "|")
MOST_LINE_CHARACTERS = 4_194_304
MOST_EMPTY_LINES = 10_000
LONE_RETURN = re.compile(r"\r(?!\n)")  # ends a line where old programs wrote it
UNKNOWN: dict[str, Any] = {"delimiter": ",", "header": True, "names": [], "known": []}


def rows_of(
    text: str, reading: dict[str, Any] | None = None, most_cells: int | None = None, most_rows: int | None = None
) -> list[dict[str, str]]:
    """One dict per row.

    Args:
        text: The whole of it.
        reading: `delimiter`, `header`, `names` and `target` of the training file, and the `known` columns; None where
            nothing is known of them: then commas, and names in the first line.
        most_cells: More are refused; None reads all.
        most_rows: So many and one are read, which is enough to see that there are too many; None reads all.

    Raises:
        BodyError: 400 if the columns are not those of the training data, or a row has more or fewer cells than others;
            413 if there is too much in it.
    """
    reading = reading or UNKNOWN
    text = LONE_RETURN.sub("\n", text) if "\r" in text else text
    for delimiter in dict.fromkeys((reading["delimiter"], *DELIMITERS)):
        lines = _lines(text, delimiter)
        first = [cell.strip() for cell in next(lines, [])]
        if first and (names := _names(first, reading)):
            return _dicts(names, lines, most_cells, most_rows)
        if first and (names := _places(first, reading)):
            return _dicts(names, chain([first], lines), most_cells, most_rows)
    lines = _lines(text, reading["delimiter"])
    first = [cell.strip() for cell in next(lines, [])]
    if not first:
        raise BodyError("the CSV is empty: expected names of columns, and rows below them")
    if reading["known"] and not reading["header"]:
        raise BodyError(f"the CSV has {len(first)} columns, expected {len(reading['names'])} as in training")
    return _dicts(first, lines, most_cells, most_rows)


def _lines(text: str, delimiter: str) -> Iterator[list[str]]:
    """Line by line, those without cells left out."""
    empty = 0
    try:
        for row in csv.reader(_pieces(text), delimiter=delimiter, strict=True):
            if row:
                yield row
                continue
            empty += 1
            if empty > MOST_EMPTY_LINES:
                raise BodyError(f"the CSV has more than {MOST_EMPTY_LINES:,} empty lines: leave them out", 413)
    except csv.Error as error:
        raise BodyError(f"the CSV cannot be read: {error}") from None


def _pieces(text: str) -> Iterator[str]:
    """Line by line, as the CSV reader wants them; a file in memory would take four bytes per character."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        if end - start > MOST_LINE_CHARACTERS:
            raise BodyError(f"a line of the CSV has more than {MOST_LINE_CHARACTERS:,} characters", 413)
        yield text[start:end]
        start = end


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


def _dicts(
    names: list[str], lines: Iterator[list[str]], most_cells: int | None, most_rows: int | None
) -> list[dict[str, str]]:
    if len(set(names)) < len(names):
        raise BodyError("expected a CSV whose first line names every column once")
    most = None if most_cells is None else max(1, most_cells // len(names))
    enough = min((number for number in (most, most_rows) if number is not None), default=None)
    rows = list(islice(lines, None if enough is None else enough + 1))
    if most is not None and len(rows) > most:
        raise BodyError(f"the CSV holds more than {most_cells:,} cells: send fewer rows at once", 413)
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise BodyError(f"row {number} of the CSV has {len(row)} cells, the head has {len(names)}")
    return [dict(zip(names, row, strict=True)) for row in rows]
