"""Rows of a CSV with a head: every row has a cell for every name, or the file is refused."""

import csv
from collections.abc import Iterator
from itertools import islice

from .errors import BodyError

MOST_LINE_CHARACTERS = 4_194_304


def rows_of(text: str, most_cells: int | None = None, most_rows: int | None = None) -> list[dict[str, str]]:
    """The rows, each by the names of the head.

    Args:
        text: The whole CSV.
        most_cells: More are refused; None reads all.
        most_rows: So many and one are read, which is enough to see that there are too many; None reads all.

    Raises:
        BodyError: 400 if it is not a CSV with a head, 413 if there is too much in it.
    """
    reader = csv.reader(_lines(text), strict=True)
    try:
        head = next(reader, [])
        if not head or len(set(head)) < len(head):
            raise BodyError("expected a CSV whose first line names every column once")
        most = None if most_cells is None else max(1, most_cells // len(head))
        enough = min((number for number in (most, most_rows) if number is not None), default=None)
        rows = list(islice((row for row in reader if row), None if enough is None else enough + 1))
    except csv.Error as error:
        raise BodyError(f"the CSV cannot be read: {error}") from None
    if most is not None and len(rows) > most:
        raise BodyError(f"the CSV holds more than {most_cells:,} cells: send fewer rows at once", 413)
    for number, row in enumerate(rows, 1):
        if len(row) != len(head):
            raise BodyError(f"row {number} of the CSV has {len(row)} cells, the head has {len(head)}")
    return [dict(zip(head, row, strict=True)) for row in rows]


def _lines(text: str) -> Iterator[str]:
    """Line by line, as the CSV reader wants them; a file in memory would take four bytes a character."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        if end - start > MOST_LINE_CHARACTERS:
            raise BodyError(f"a line of the CSV has more than {MOST_LINE_CHARACTERS:,} characters", 413)
        yield text[start:end]
        start = end
