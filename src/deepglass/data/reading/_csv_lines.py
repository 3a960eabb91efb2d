"""A delimited file line by line: the careful way, which names what is broken and reads what is merely unusual.

Rows are gathered in blocks and packed at once, so that a large file costs memory for its cells and not for Python's
objects. What follows the table (a source, a remark) is left out; a last line that was cut off is an error.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from deepglass.core.errors import DataError
from deepglass.core.wording import numbered
from deepglass.data.reading import encoding as encodings
from deepglass.data.reading.delimiters import rows_of
from deepglass.data.reading.dialect import Dialect
from deepglass.data.reading.opening import opened

BLOCK_ROWS = 20_000
BROKEN_LINES = 5  # how many are named in a message
MOST_LINES_BELOW = 10  # of a footer
SENTENCE_WORDS = 3  # a single cell of so many words at the end is a remark


@dataclass(frozen=True)
class Broken:
    """A row with another number of cells than the table: where it ends, how many lines it spans, and its cells."""

    line: int
    height: int
    cells: list[str]
    is_after_gap: bool  # a blank line stands above it


def read_lines(path: Path, dialect: Dialect, max_rows: int | None = None) -> tuple[pa.Table, list[Broken]]:
    """All cells as words, and the lines below the table that were left out.

    Raises:
        DataError: If a row has more or fewer cells than the others, a quotation mark is never closed, or the bytes are
            not text in the encoding; names the lines.
    """
    blocks: list[list[pa.Array]] = []
    block: list[list[str]] = []
    broken: list[Broken] = []
    is_inside = False  # whether rows follow the first broken line
    for row in islice(_rows(path, dialect), max_rows):
        if isinstance(row, Broken):
            broken.append(row)
            if len(broken) > MOST_LINES_BELOW:
                raise _ragged(path, dialect, broken)
            continue
        is_inside = is_inside or bool(broken)
        block.append(row)
        if len(block) == BLOCK_ROWS:
            blocks.append(_packed(block, dialect))
            block = []
    if broken and (is_inside or not _is_footer(broken, dialect)):
        raise _ragged(path, dialect, broken)
    if block:
        blocks.append(_packed(block, dialect))
    columns = [pa.chunked_array([b[i] for b in blocks], pa.large_string()) for i in range(len(dialect.names))]
    return pa.table(columns, names=list(dialect.names)), broken


def is_regular(path: Path, dialect: Dialect) -> bool:
    """Whether every row has as many cells."""
    try:
        return not any(isinstance(row, Broken) for row in _rows(path, dialect))
    except DataError:
        return False


def place(path: Path, dialect: Dialect, rows: np.ndarray) -> str:
    """Where rows are in their file: `lines 3, 9 of people.csv`."""
    wanted = {int(row) for row in rows[:BROKEN_LINES]}
    with text_of(path, dialect) as file:
        cells = islice(rows_of(file, dialect.delimiter, dialect.quote, dialect.comment), max(wanted) + 1)
        lines = [line + dialect.skip for position, (line, _) in enumerate(cells) if position in wanted]
    more = f" … ({len(rows):,} in all)" if len(rows) > BROKEN_LINES else ""
    return f"{numbered('line', lines)}{more} of {path}"


@contextmanager
def text_of(path: Path, dialect: Dialect) -> Iterator[io.TextIOWrapper]:
    """The text of a file from its first row on."""
    encoding = "utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding
    with opened(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        for _ in range(dialect.skip):
            _line(text)
        yield text


def _line(text: io.TextIOWrapper) -> None:
    text.readline()


def _rows(path: Path, dialect: Dialect) -> Iterator[list[str] | Broken]:
    """The cells of each row, without those behind a trailing delimiter; rows of another width as `Broken`."""
    width, last, height = len(dialect.names), dialect.skip, 1
    try:
        with text_of(path, dialect) as file:
            for line, row in rows_of(file, dialect.delimiter, dialect.quote, dialect.comment):
                line += dialect.skip
                if len(row) == width or (dialect.trailing and len(row) == width + 1 and not row[-1].strip()):
                    yield row
                else:
                    height = 1 + sum(cell.count("\n") for cell in row)
                    yield Broken(line, height, row, line - height > last)
                last = line
    except csv.Error:
        raise DataError(
            f"{path}, line {last + 1}: a quotation mark is opened and not closed properly; close it, or pass "
            "--no-quoting if quotation marks are ordinary characters in this file"
        ) from None
    except UnicodeError:
        raise _undecodable(path, dialect.encoding) from None


def _packed(block: list[list[str]], dialect: Dialect) -> list[pa.Array]:
    columns = list(zip(*block)) if block else [()] * len(dialect.names)
    return [pa.array(column, pa.large_string()) for column in columns[: len(dialect.names)]]


def _is_footer(broken: list[Broken], dialect: Dialect) -> bool:
    """Whether the end is a remark below the table, and not a row that was cut off."""
    first = [cell for cell in broken[0].cells if cell.strip()]
    if len(dialect.names) < 2 or not first or any(len(row.cells) > len(dialect.names) for row in broken):
        return False
    text = first[0].strip()
    if broken[0].is_after_gap and not re.match("[-+0-9.,]+$", text) and len(text.split()) > 1:
        return True
    if any(len([cell for cell in row.cells if cell.strip()]) > 1 for row in broken):
        return False
    is_remark = len(text.split()) >= SENTENCE_WORDS or text.endswith(":") or bool(re.match(r"[^\w\s\"'.,+-]", text))
    return broken[0].is_after_gap or is_remark


def _ragged(path: Path, dialect: Dialect, broken: list[Broken]) -> DataError:
    first, others = broken[0], [row.line for row in broken[1:BROKEN_LINES]]
    more = f" (also {numbered('line', others)})" if others else ""
    model = "as in the header" if dialect.header else "as in line 1"
    advice = "correct these lines, or name another --delimiter"
    if first.height > 1:
        advice = f"its quotation marks span {first.height} lines; close them, or pass --no-quoting"
    found = f"{len(first.cells)} cell{'s' * (len(first.cells) != 1)}"
    line = first.line - first.height + 1
    return DataError(f"{path}, line {line}: {found}, expected {len(dialect.names)} {model}{more}: {advice}")


def _undecodable(path: Path, encoding: str) -> DataError:
    with opened(path) as file:
        try:
            encodings.decode(file.read(), encoding, path)
        except DataError as error:
            return error
    return DataError(f"{path} is not {encoding} text: name the right encoding with --encoding")
