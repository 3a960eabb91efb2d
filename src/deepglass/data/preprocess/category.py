"""One category of a table: its levels become codes; what training never saw has a code too."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

UNKNOWN, MISSING = 0, 1
FIRST = 2  # code of the first level
FEWEST_CELLS = 2  # a level that occurs once is learnt as unknown, so that unknown has something to learn from
MOST_LEVELS = 5_000  # the most frequent; an embedding of rarer ones would only memorise rows


@dataclass(frozen=True)
class Category:
    """The levels of a category or truth value, in the order of their codes."""

    name: str
    is_boolean: bool
    levels: list[str]

    @classmethod
    def fit(cls, column: pd.Series, name: str, *, is_boolean: bool = False) -> "Category":
        """Learn the levels from the training cells of a column."""
        codes, distinct = pd.factorize(column)
        counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
        labels = labels_of(distinct, is_boolean)
        by_count = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
        return cls(name, is_boolean, sorted({labels[i] for i in by_count if counts[i] >= FEWEST_CELLS}))

    @property
    def cardinality(self) -> int:
        """How many codes there are."""
        return FIRST + len(self.levels)

    def transform(self, column: pd.Series) -> np.ndarray:
        """(N,) codes; decided on the distinct cells, then spread over the rows."""
        codes, distinct = pd.factorize(column)  # an empty cell is -1
        places = pd.Index(self.levels, dtype=object).get_indexer(self._labels(distinct))
        code_of = np.append(np.where(places < 0, UNKNOWN, places + FIRST), MISSING)  # -1 takes the last
        return code_of[codes]

    def _labels(self, values: pd.Index | np.ndarray) -> list[str]:
        """Words in the spelling of training; a whole number may come as some programs write it, "1.0" for "1"."""
        known = set(self.levels)
        labels = labels_of(values, self.is_boolean)
        return [label if label in known else label.removesuffix(".0") for label in labels]

    def unknown(self, column: pd.Series) -> list[str]:
        """The different words of a column that have no code of their own."""
        _, distinct = pd.factorize(column)
        return sorted({label for label in self._labels(distinct) if label not in set(self.levels)})


def labels_of(values: pd.Index | np.ndarray, is_boolean: bool = False) -> list[str]:
    """Levels as words, however a reader typed them: 1, 1.0 and "1" are one level, True and "true" one truth value."""
    labels = [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v).strip() for v in values]
    return [label.lower() for label in labels] if is_boolean else labels
