"""From the columns of a table to what a network eats: numbers around zero, and codes of categories.

    numbers     empty cells → the median and a column that says so; then scaled, and clipped to the training range
    dates       → days, year, month, day, day of the week, hour, as far as they vary; each a number
    categories  → codes: 0 unknown, 1 missing, 2 … the levels seen in training; truth values likewise

Ids, constants and running text teach nothing that holds for a new row; they are left out, and a guess says so.
Everything is fitted on the training rows alone and lives in `state()` as plain JSON data.
Types, marks of missing cells and kinds of columns are the affair of data/reading/.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.data.preprocess.category import Category
from deepglass.data.preprocess.number import Number, parts_that_vary
from deepglass.data.reading.columns import Column, describe

LEFT_OUT = {
    "constant": "the same in every training row",
    "id": "an id: hardly a value occurs twice",
    "text": "running text; learn from it with --task text-classification --text-column {name}",
}


@dataclass
class TabularPreprocessor:
    """What the training rows have taught about the columns.

    Example:
        >>> frame = pd.DataFrame({"size": [1.0, 2.0, None, 4.0], "colour": ["red", "red", "blue", "blue"]})
        >>> preprocessor = TabularPreprocessor.fit(frame)
        >>> numeric, categories = preprocessor.transform(frame)
        >>> numeric.shape, categories.tolist()
        ((4, 2), [[3], [3], [2], [2]])
    """

    numbers: list[Number]
    categories: list[Category]

    @classmethod
    def fit(
        cls,
        frame: pd.DataFrame,
        *,
        scaling: Literal["quantile", "standard"] = "quantile",
        keep: tuple[str, ...] = (),
        guesses: list[Guess] | None = None,
    ) -> "TabularPreprocessor":
        """Learn from training rows.

        Args:
            frame: The training rows, without the target, typed as `data.source.read` types them.
            scaling: "quantile" gives every number a normal distribution, "standard" mean 0 and deviation 1.
            keep: Columns to use even where they look like ids or running text.
            guesses: Takes what was decided.

        Raises:
            DataError: If no column is left, or one holds infinities.
        """
        numbers: list[Number] = []
        categories: list[Category] = []
        for column in describe(frame):
            kind = _kind(frame[column.name], column, keep)
            if kind in LEFT_OUT:
                if guesses is not None:
                    guesses.append(_left_out(column, kind))
            elif kind == "number":
                numbers.append(Number.fit(frame[column.name], column.name, scaling))
            elif kind == "date":
                parts = parts_that_vary(frame[column.name])
                numbers += [Number.fit(frame[column.name], column.name, scaling, part) for part in parts]
            else:
                categories.append(Category.fit(frame[column.name], column.name, is_boolean=kind == "boolean"))
        if not numbers and not categories:
            raise DataError(
                f"no column is left to learn from: {listing(map(repr, frame.columns))} are ids, constant or running "
                "text; add columns, or name some with --keep"
            )
        return cls(numbers, categories)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "TabularPreprocessor":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        numbers, categories = read(state, "numbers", list[Number]), read(state, "categories", list[Category])
        for number in numbers:
            number.require_fit()
        for category in categories:
            require(len(set(category.levels)) == len(category.levels), f"different levels of {category.name!r}")
        names = [(number.name, number.part) for number in numbers] + [(c.name, None) for c in categories]
        require(0 < len(names) == len(set(names)), "columns, each of them once")
        return cls(numbers, categories)

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"numbers": [asdict(n) for n in self.numbers], "categories": [asdict(c) for c in self.categories]}

    @property
    def columns(self) -> list[str]:
        """The columns that a row must have."""
        return list(dict.fromkeys(column.name for column in (*self.numbers, *self.categories)))

    @property
    def inputs(self) -> dict[str, tuple[list[int], list[int]]]:
        """By column the places of its inputs, among the numbers and among the codes."""
        places: dict[str, tuple[list[int], list[int]]] = {name: ([], []) for name in self.columns}
        start = 0
        for number in self.numbers:
            places[number.name][0].extend(range(start, start + number.width))
            start += number.width
        for place, category in enumerate(self.categories):
            places[category.name][1].append(place)
        return places

    @property
    def num_features(self) -> int:
        """Numeric inputs of the network."""
        return sum(number.width for number in self.numbers)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Codes of each categorical input, unknown and missing included."""
        return tuple(category.cardinality for category in self.categories)

    @property
    def bin_edges(self) -> tuple[tuple[float, ...], ...]:
        """Quantiles of each numeric input after scaling, for networks that bin numbers."""
        return tuple(edges for number in self.numbers for edges in number.bin_edges)

    def transform(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Rows as a network takes them.

        Args:
            frame: Needs the columns of the training, in any order; others are ignored.

        Returns:
            Numbers (N, F) float32 and codes (N, n) int64.

        Raises:
            DataError: If columns are missing, or a cell is of the wrong type; names column and rows.
        """
        self._require_columns(frame)
        numeric = np.empty((len(frame), self.num_features), np.float32)
        codes = np.empty((len(frame), len(self.categories)), np.int64)
        start = 0
        for number in self.numbers:
            number.transform(frame[number.name], out=numeric[:, start : start + number.width])
            start += number.width
        for place, category in enumerate(self.categories):
            codes[:, place] = category.transform(frame[category.name])
        return numeric, codes

    def unknown(self, frame: pd.DataFrame) -> list[Guess]:
        """What is to be said of words that training did not know; they all count as one word."""
        found = []
        for category in self.categories:
            words = category.unknown(frame[category.name]) if category.name in frame.columns else []
            if words:
                shown = listing(map(repr, words))
                why = f"{shown} does not occur in training, or only once"
                found.append(
                    Guess(category.name, f"{counted(len(words), 'word')} counted as unknown", why, "--unknown refuse")
                )
        return found

    def _require_columns(self, frame: pd.DataFrame) -> None:
        absent = [name for name in self.columns if name not in frame.columns]
        if absent:
            raise DataError(
                f"column {listing(map(repr, absent), 10)} is missing: expected all columns of the training data, got "
                f"{listing(map(repr, frame.columns), 20)}; add it, with empty cells where a value is not known"
            )


def _kind(values: pd.Series, column: Column, keep: tuple[str, ...]) -> str:
    """The kind that decides what happens to a column; `keep` overrules what looks useless."""
    if column.name not in keep or column.kind not in ("id", "text"):
        return column.kind
    return "number" if pd.api.types.is_numeric_dtype(values) else "category"


def _left_out(column: Column, kind: str) -> Guess:
    option = "--keep" if kind in ("id", "text") else ""
    return Guess(f"column {column.name}", "left out", LEFT_OUT[kind].format(name=column.name), option)
