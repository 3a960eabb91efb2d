"""Which columns of a delimited file may be given to a fast reader of numbers, and which must be looked at as words.

A fast reader turns 00501 into 501 and 15.000 into 15 without a word. So a column of the sample that holds anything but
plain numbers is read as words; and what the sample does not show is checked afterwards on the numbers themselves, and,
for zeros in front, on the bytes of the file.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from deepglass.data.reading.delimiters import Rows
from deepglass.data.reading.opening import opened

CHUNK = 1 << 18  # small enough to stay in the cache of a processor
ZERO = ord("0")
LONGEST_EXACT = 2.0**63  # beyond, a float does not tell two whole numbers apart


@dataclass(frozen=True)
class ColumnFacts:
    """What the sample shows of a column.

    Attributes:
        are_numbers: Every cell with a value is a plain number without zeros in front.
        shows_decimal: A cell has decimals that cannot be thousands.
        gaps: Marks of missing cells that stand beside numbers.
    """

    are_numbers: bool
    shows_decimal: bool
    gaps: frozenset[str] = frozenset()


def facts_of(rows: Rows, width: int, decimal: str, marks: tuple[str, ...]) -> list[ColumnFacts]:
    """The facts of each column of sampled rows."""
    columns = zip(*(row[:width] for _, row in rows if len(row) >= width))
    plain = _forms(decimal)
    found = [_facts(column, plain, frozenset(marks)) for column in columns]
    return found or [ColumnFacts(False, False)] * width


def _forms(decimal: str) -> re.Pattern[str]:
    mark = re.escape(decimal)
    return re.compile(
        rf"[-+]?(?:(?P<padded>0[0-9]+)|(?P<grouped>[1-9][0-9]{{0,2}}{mark}[0-9]{{3}})|(?P<whole>[0-9]{{1,18}})"
        rf"|(?P<decimal>(?:[0-9]+{mark}?[0-9]*|{mark}[0-9]+)(?:[eE][-+]?[0-9]+)?))$"
    )


def _facts(column: tuple[str, ...], plain: re.Pattern[str], marks: frozenset[str]) -> ColumnFacts:
    cells = [cell.strip() for cell in column]
    kinds = {found.lastgroup if (found := plain.match(cell)) else "word" for cell in cells if cell not in marks}
    shows_decimal = "decimal" in kinds
    are_numbers = not kinds & {"word", "padded"} and (shows_decimal or "grouped" not in kinds)
    has_numbers = bool(kinds) and "word" not in kinds
    gaps = frozenset(cell for cell in cells if cell in marks and cell) if has_numbers else frozenset()
    return ColumnFacts(are_numbers, shows_decimal, gaps)


def is_doubtful(column: pa.ChunkedArray, facts: ColumnFacts) -> bool:
    """Whether what a fast reader made of a column could have been written as something else."""
    if pa.types.is_int64(column.type) or pa.types.is_null(column.type) or pa.types.is_large_string(column.type):
        return False
    if not pa.types.is_floating(column.type):
        return not pa.types.is_string(column.type)
    values = column.combine_chunks().to_numpy(zero_copy_only=False)
    values = np.abs(values[np.isfinite(values)])
    if len(values) and values.max() >= LONGEST_EXACT and not np.mod(values, 1).any():
        return True
    return not facts.shows_decimal and _could_be_thousands(values)


def _could_be_thousands(values: np.ndarray) -> bool:
    """Whether numbers may have been written like 15.000: below 1000, with three decimals at most, none below 1."""
    if not len(values) or values.max() >= 1000 or (values[values > 0] < 1).any():
        return False
    return bool(np.isclose(values * 1000, np.round(values * 1000), rtol=0, atol=1e-6).all())


def has_padded_integers(path: Path, delimiter: str, encoding: str) -> bool:
    """Whether a cell somewhere in the file is a whole number with a zero in front, such as 00501."""
    if "16" in encoding:
        return True
    cell = re.compile(rb'0[0-9]+[" ]*(?:[\r\n]|$|' + re.escape(delimiter.encode()) + rb")")
    rest = b"\n"
    with opened(path) as file:
        while chunk := file.read(CHUNK):
            content = rest + chunk
            if any(cell.match(content, place) for place in _padded_places(content, ord(delimiter))):
                return True
            rest = content[max(content.rfind(b"\n"), len(content) - 64) :]
    return False


def _padded_places(content: bytes, delimiter: int) -> list[int]:
    """Where a cell begins with a zero and another digit."""
    codes = np.frombuffer(content, np.uint8)
    before, zero, after = codes[:-2], codes[1:-1] == ZERO, codes[2:] - ZERO
    at_edge = (before == delimiter) | (before == ord("\n")) | (before == ord('"')) | (before == ord(" "))
    return (np.flatnonzero(zero & at_edge & (after < 10)) + 1).tolist()
