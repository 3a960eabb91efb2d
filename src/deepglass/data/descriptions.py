"""What classes are like, as a table says it, and as numbers: the language in which a new class can be told.

    class,colour,legs,text            colour = red, colour = blue, legs between 0 and 1, word "striped", …
    zebra,grey,4,"a striped horse"    ──> one row of numbers for each class

A column of words becomes a number for every word that a cell may be, one of numbers is brought between 0 and 1, one of
texts becomes a number for every word that some of them hold. What the numbers are is learnt from the classes that a
network learns from: what none of these shows, nothing could have learnt.

References:
    Lampert, Nickisch & Harmeling (2014), Attribute-Based Classification for Zero-Shot Visual Object Categorization,
    https://doi.org/10.1109/TPAMI.2013.140
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.effects import options_used
from deepglass.core.errors import DataError
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading import source

Cell = str | float
Described = dict[str, dict[str, Cell]]  # class → column → cell
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
FEWEST_WORDS = 2  # of a cell on average, from which on a column is one of texts
EQUAL = 1e-6  # descriptions up to this far apart tell nothing apart
AN_EXAMPLE = "a table with a row for each class, its name first, such as class,colour,legs and zebra,grey,4"


def read_descriptions(given: Any) -> Described:
    """The cells of a table with a row for each class, its name in the first column.

    Args:
        given: A file, a frame, or a dictionary class → column → cell.

    Raises:
        DataError: If it is missing or no such table; if a class comes twice or a cell is empty; says which.
    """
    if isinstance(given, Mapping):
        given = pd.DataFrame([{"class": name, **cells} for name, cells in given.items()])
    called = str(given) if isinstance(given, (str, Path)) else "the descriptions"
    with options_used():  # read by itself: options of reading are for the pictures
        table = source.read(given, DataConfig(header=True if isinstance(given, (str, Path)) else None))
    if not isinstance(table, Table) or table.frame.shape[1] < 2:
        raise DataError(f"{called}: expected {AN_EXAMPLE}")
    frame = table.frame
    names = [" ".join(str(name).split()) for name in frame.iloc[:, 0]]
    if several := [name for name, count in Counter(names).items() if count > 1]:
        raise DataError(f"{called}: more than one row for {listing(several)}; leave one of them")
    if empty := _empty_cells(frame, names):
        raise DataError(f"{called}: empty cells ({listing(empty)}): fill them, or remove the row or the column")
    columns = [str(name) for name in frame.columns[1:]]
    return {
        name: {column: _cell(value) for column, value in zip(columns, row)}
        for name, row in zip(names, frame.iloc[:, 1:].itertuples(index=False))
    }


def _empty_cells(frame: pd.DataFrame, names: list[str]) -> list[str]:
    rows, columns = np.nonzero(frame.isna().to_numpy() | (frame.astype(str) == "").to_numpy())
    return [f"{frame.columns[column]} of {names[row]}" for row, column in zip(rows, columns)]


def _cell(value: Any) -> Cell:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return float(value) if isinstance(value, (int, float, np.integer, np.floating)) else str(value).strip()


@dataclass(frozen=True)
class Column:
    """How a column becomes numbers.

    Attributes:
        name: Of the column.
        kind: "words", "number" or "text".
        values: The words that a cell may be, or hold.
        low: Of a number, what becomes 0.
        high: What becomes 1.
    """

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    low: float = 0.0
    high: float = 1.0

    @property
    def names(self) -> list[str]:
        """Of its numbers."""
        return [self.name] if self.kind == "number" else [f"{self.name} {value}" for value in self.values]

    def numbers(self, cell: Cell) -> list[float]:
        """Of a cell; none of its words may be known."""
        if self.kind == "number":
            return [(float(cell) - self.low) / (self.high - self.low)]
        there = set(words_of(cell)) if self.kind == "text" else {_word(cell)}
        return [float(value in there) for value in self.values]


@dataclass(frozen=True)
class Coding:
    """How descriptions become numbers, learnt from those of some classes.

    Attributes:
        columns: In the order of the numbers; those in which all of the classes agree are left out.
        left_out: Their names.
    """

    columns: list[Column]
    left_out: list[str] = field(default_factory=list)

    @classmethod
    def fit(cls, described: Described, classes: Sequence[str]) -> "Coding":
        """Learn from the classes that a network learns from.

        Raises:
            DataError: If they agree in every column.
        """
        rows = [described[name] for name in classes]
        columns = [_column(name, [row[name] for row in rows]) for name in rows[0]]
        kept = [column for column in columns if column is not None]
        if not kept:
            raise DataError(
                f"the descriptions of the {counted(len(classes), 'class')} that are learnt are all the same: expected "
                "a column in which they differ"
            )
        return cls(kept, [name for name, column in zip(rows[0], columns) if column is None])

    @property
    def names(self) -> list[str]:
        """(A) what each number says, such as "colour red"."""
        return [name for column in self.columns for name in column.names]

    def encode(self, described: Described, classes: Sequence[str]) -> np.ndarray:
        """(C, A) float32, a row for each class.

        Raises:
            DataError: If a column is missing, holds another kind of cell, or a word that no learnt class has.
        """
        rows = [[number for column in self.columns for number in _checked(column, described, name)] for name in classes]
        return np.array(rows, np.float32)

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"columns": [vars(column) for column in self.columns], "left_out": self.left_out}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Coding":
        """From what `state` gave."""
        found = [
            Column(
                read(one, "name", str), read(one, "kind", str), read(one, "values", list[str]), read(one, "low", float),
                read(one, "high", float),
            )
            for one in read(state, "columns", list[dict[str, Any]])
        ]  # fmt: skip
        numbers = [column for column in found if column.kind == "number"]
        require(bool(found) and all(column.high > column.low for column in numbers), "columns of descriptions")
        return cls(found, read(state, "left_out", list[str]))


def require_apart(codes: np.ndarray, classes: Sequence[str]) -> None:
    """Refuse classes that nothing could tell apart.

    Args:
        codes: (K, A) the numbers of each description.
        classes: (K,) names.

    Raises:
        DataError: If two of them are described alike; names all of these.
    """
    for place, row in enumerate(codes):
        same = [classes[other] for other in range(place) if np.abs(codes[other] - row).max() <= EQUAL]
        if same:
            raise DataError(
                f"{listing([*same, classes[place]])} are described alike: nothing could tell them apart; add a column "
                "in which they differ, or join them"
            )


def words_of(text: Cell) -> list[str]:
    """The words of a text, in small letters, each as often as it comes."""
    return WORD.findall(str(text).casefold())


def _word(cell: Cell) -> str:
    return str(cell).strip().casefold()


def _column(name: str, cells: list[Cell]) -> Column | None:
    """How these cells become numbers; None where all are the same."""
    numbers = [cell for cell in cells if isinstance(cell, float)]
    if len(numbers) == len(cells):
        low, high = min(numbers), max(numbers)
        return Column(name, "number", low=low, high=high) if high > low else None
    if np.mean([len(words_of(cell)) for cell in cells]) >= FEWEST_WORDS:
        counts = Counter(word for cell in cells for word in set(words_of(cell)))
        values = sorted(word for word, count in counts.items() if count < len(cells))
        return Column(name, "text", values) if values else None
    values = sorted({_word(cell) for cell in cells})
    return Column(name, "words", values) if len(values) > 1 else None


def _checked(column: Column, described: Described, name: str) -> list[float]:
    """The numbers of a cell of a class."""
    cells = described[name]
    if column.name not in cells:
        raise DataError(f"the description of {name} has no column {column.name!r}: expected one as for the others")
    cell = cells[column.name]
    if column.kind == "number" and not isinstance(cell, float):
        raise DataError(f"{column.name} of {name} is {cell!r}: expected a number, as for the others")
    if column.kind == "words" and _word(cell) not in column.values:
        raise DataError(
            f"{column.name} of {name} is {cell!r}, which no class of the training is ({listing(column.values, 10)}): "
            "nothing could have learnt what that looks like; describe it by these, or learn from a class that has it"
        )
    return column.numbers(cell)
