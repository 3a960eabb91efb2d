"""Sentences and their translations from files whose lines belong together, as a table with a column per language."""

from pathlib import Path

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout, Table
from deepglass.data.reading import encoding as encodings
from deepglass.data.reading.opening import opened
from deepglass.data.reading.table import split_of

LONGEST_LINE = 100_000  # characters; what is longer is no sentence


def read_pairs(layout: Layout) -> Table:
    """The sentences of a layout: files of two languages, as many lines in each of a pair.

    Raises:
        DataError: If a file is broken or a pair differs in its lines; names the files.
    """
    if len(layout.files) != 2:
        found = listing(layout.files) if layout.files else "none"
        raise DataError(f"{layout.name} has files of {found}: expected two languages, as in train.en and train.de")
    first, second = layout.files
    if len(layout.files[first]) != len(layout.files[second]):
        raise DataError(f"{layout.name}: a file of {first} lacks its counterpart in {second}, or the other way round")
    parts, splits, rows = [], {}, 0
    for one, other in zip(layout.files[first], layout.files[second]):
        sentences = lines_of(one), lines_of(other)
        if len(sentences[0]) != len(sentences[1]):
            raise DataError(
                f"{one.name} has {len(sentences[0]):,} lines and {other.name} {len(sentences[1]):,}: expected as many "
                "in both, for line by line they are translations of each other"
            )
        parts.append(pd.DataFrame({first: sentences[0], second: sentences[1]}))
        if (split := split_of(_stem(one))) is not None:
            splits.setdefault(split, []).append(np.arange(rows, rows + len(sentences[0])))
        rows += len(sentences[0])
    is_whole = sum(len(part) for found in splits.values() for part in found) == rows and "train" in splits
    declared = {name: np.concatenate(found) for name, found in splits.items()} if is_whole else {}
    return Table(pd.concat(parts, ignore_index=True), layout.name, splits=declared if len(declared) > 1 else {})


def lines_of(path: Path) -> list[str]:
    """The lines of a file, unpacked where it is gzipped; they end where a line ends, and nowhere else.

    Raises:
        DataError: If it is empty, no text, or a line is longer than any sentence.
    """
    with opened(path) as file:
        content = file.read()
    encoding, _ = encodings.guess_encoding(content, path, DataConfig())
    lines = encodings.decode(content, encoding, path).removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise DataError(
                f"{path}, line {number}: {len(line):,} characters, expected a sentence of at most {LONGEST_LINE:,}"
            )
    return lines


def _stem(path: Path) -> str:
    """`train` of train.en, train.en.gz and train.en.txt."""
    return path.name.removesuffix(".gz").removesuffix(".txt").rpartition(".")[0]
