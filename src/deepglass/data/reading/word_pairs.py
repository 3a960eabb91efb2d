"""Pairs of words that people have rated by how alike they are: three columns, as word similarity sets come.

tiger<TAB>cat<TAB>7.35      or separated by commas, semicolons or blanks; a header and lines with "#" are left out
"""

import re
from pathlib import Path
from typing import Any

import pandas as pd

SEPARATORS = re.compile(r"[\t,;]| +")
FEWEST_PAIRS = 2
MOST_BYTES = 1 << 26  # a file of pairs is small; a text is not read to find out


def read_pairs(inputs: Any) -> list[tuple[str, str, float]] | None:
    """The pairs of a file, a frame or a list of triples; None where it is something else."""
    if isinstance(inputs, pd.DataFrame):
        return _pairs(inputs.iloc[:, :3].astype(str).to_numpy().tolist()) if inputs.shape[1] >= 3 else None
    if isinstance(inputs, (list, tuple)):
        rows = [list(row) for row in inputs if isinstance(row, (list, tuple)) and len(row) == 3]
        return _pairs(rows) if rows and len(rows) == len(inputs) else None
    if not isinstance(inputs, (str, Path)):
        return None
    path = Path(inputs).expanduser()
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        return None
    rows = [SEPARATORS.split(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    return _pairs([[part for part in row if part] for row in rows])


def _pairs(rows: list[list[Any]]) -> list[tuple[str, str, float]] | None:
    """Rows of two words and a number; None where any but the first is not."""
    found = [_pair(row) for row in rows]
    if found and found[0] is None:
        found = found[1:]  # a header
    if len(found) < FEWEST_PAIRS or any(pair is None for pair in found):
        return None
    return [pair for pair in found if pair is not None]


def _pair(row: list[Any]) -> tuple[str, str, float] | None:
    if len(row) != 3:
        return None
    try:
        return str(row[0]), str(row[1]), float(row[2])
    except (TypeError, ValueError):
        return None
