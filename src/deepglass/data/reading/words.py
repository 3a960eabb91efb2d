"""The different cells of a column of words, and a decision about each spread over the rows.

A million rows of five words cost five decisions.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from deepglass.core.errors import DataError

MANY_WORDS = 20  # more different cells that hardly repeat stay strings: categories would save nothing


@dataclass
class Words:
    """A column of words.

    Attributes:
        codes: (N,) which of the words a row holds, -1 where it holds nothing.
        cells: (n,) the different cells as they were written.
    """

    name: str
    codes: np.ndarray
    cells: pd.Index
    index: pd.Index

    @classmethod
    def of(cls, column: pd.Series) -> "Words":
        """Of a categorical column of strings, or of anything that can be written as words.

        Raises:
            DataError: If the column holds objects that cannot be written as words.
        """
        if not isinstance(column.dtype, pd.CategoricalDtype):
            column = _written(column).astype("category")
        return cls(str(column.name), column.cat.codes.to_numpy(), column.cat.categories, column.index)

    @cached_property
    def stripped(self) -> pa.Array:
        """(n,) the cells without blanks around them."""
        strings = pa.array(self.cells.map(as_word) if self.cells.dtype == object else self.cells.astype("str"))
        strings = strings.combine_chunks() if isinstance(strings, pa.ChunkedArray) else strings
        return compute.utf8_trim_whitespace(strings.cast(pa.string()))

    @cached_property
    def counts(self) -> np.ndarray:
        """(n,) rows of each."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.cells))

    def chosen(self, mask: np.ndarray) -> pa.Array:
        """The words of a mask (n,), without blanks around them."""
        return self.stripped.filter(pa.array(mask))

    def isin(self, marks: tuple[str, ...]) -> np.ndarray:
        """(n,) whether a cell is one of the marks."""
        return np.asarray(compute.is_in(self.stripped, pa.array(marks, pa.string()))).astype(bool)

    def rows_of(self, chosen: np.ndarray) -> np.ndarray:
        """The rows whose word is among the chosen (n,)."""
        return np.flatnonzero(np.isin(self.codes, np.flatnonzero(chosen)))

    def spread(self, values: np.ndarray) -> pd.Series:
        """(n,) values of the words → (N,) of the rows; missing where a row holds nothing."""
        has_gaps = bool((self.codes < 0).any())
        if has_gaps and values.dtype.kind in "iu":
            values = values.astype(float)
        return self.series(pd.api.extensions.take(values, self.codes, allow_fill=has_gaps))

    def series(self, values) -> pd.Series:
        """(N,) values as a column of this name."""
        return pd.Series(values, index=self.index, name=self.name)

    def categories(self, missing: np.ndarray, words: pa.Array | None = None) -> pd.Series:
        """Sorted categories of trimmed words; words that hardly repeat stay strings.

        Args:
            missing: (n,) which words are not a value.
            words: (n,) what they are to be called; as they are written.
        """
        names = pd.Series(
            compute.if_else(pa.array(missing), None, self.stripped if words is None else words).to_pandas()
        )
        levels, distinct = pd.factorize(names, sort=True)  # missing → -1
        codes = np.where(self.codes < 0, -1, levels[self.codes]) if len(levels) else self.codes
        category = pd.Categorical.from_codes(codes, categories=pd.Index(distinct, dtype="str"))
        series = self.series(category)
        return series.astype("str") if len(distinct) > max(MANY_WORDS, 0.5 * len(series)) else series


def as_word(cell: object) -> str:
    """A cell of any type as it would be written in a file: 1.0 as 1, a list as its parts."""
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        return str(int(cell))
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    if isinstance(cell, (list, tuple, np.ndarray)):
        return "\n".join(str(part) for part in cell)
    return str(cell)


def _written(column: pd.Series) -> pd.Series:
    if column.dtype == object:
        try:
            return column.map(as_word, na_action="ignore").astype("str")
        except RecursionError:
            raise DataError(
                f"column {column.name!r} holds objects nested too deep: expected one value per cell"
            ) from None
    if pd.api.types.is_float_dtype(column):
        return column.map(as_word, na_action="ignore").astype("str")
    return column.astype("str")
