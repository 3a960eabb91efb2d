"""What the columns of a table are: numbers, categories, truth values, dates, running texts, ids or constants."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from deepglass.data.reading.usual_names import has_id_name, is_text_name

Kind = Literal["number", "category", "boolean", "date", "text", "id", "constant"]

TEXT_WORDS = 3  # cells of at least so many words on average are running text, if they hardly repeat
CAPTION_WORDS = 3  # likewise beside files: a caption and no class
MANY_TEXTS = 1000  # so many different cells of several words are texts, even where some recur
NAMED_WORDS = 2  # in a column with a usual name of texts, cells of at least so many words on average are texts,
FEW_TEXTS = 20  # if more than so many differ: a handful of messages that recur are classes
PROBE = 1000  # cells whose words are counted
BOOLEAN_WORDS = ({"yes", "no"}, {"y", "n"}, {"true", "false"}, {"t", "f"}, {"on", "off"})


@dataclass(frozen=True)
class Column:
    """One column, as the preprocessing, the schema of a run and `deepglass check` see it.

    A number is int or float; a category, and a boolean of two words, is a pandas category of strings; a boolean may
    also be of type bool; texts and ids are strings, or categories of strings where some recur (an id may be a number).
    """

    name: str
    kind: Kind
    missing: int  # cells without a value
    distinct: int  # different values, missing left out
    mean_words: float = 0.0  # words in a cell, on average; 0 for columns that hold no words
    minimum: float | None = None  # of a number
    maximum: float | None = None
    is_integer: bool = False  # of a number: whether all its values are whole


def describe(frame: pd.DataFrame) -> list[Column]:
    """Describe every column of a frame as `deepglass.data.reading.source.read` returns it."""
    return [_describe(str(name), frame[name]) for name in frame.columns]


def _describe(name: str, column: pd.Series) -> Column:
    missing = int(column.isna().sum())
    distinct = int(column.nunique())
    if distinct == 0 or (distinct == 1 and not missing):
        return Column(name, "constant", missing, distinct)
    if pd.api.types.is_datetime64_any_dtype(column):
        return Column(name, "date", missing, distinct)
    if column.dtype == bool:
        return Column(name, "boolean", missing, distinct)
    if pd.api.types.is_numeric_dtype(column):
        kind = "id" if _is_number_id(name, column, distinct) else "number"
        return Column(name, kind, missing, distinct, 0.0, float(column.min()), float(column.max()), _is_whole(column))
    words = _mean_words(column)
    return Column(name, _kind_of_words(name, column, distinct, len(column) - missing, words), missing, distinct, words)


def _is_number_id(name: str, column: pd.Series, distinct: int) -> bool:
    return distinct == len(column) and column.dtype.kind in "iu" and has_id_name(name)


def _is_whole(column: pd.Series) -> bool:
    values = column.to_numpy()
    return values.dtype.kind in "iu" or not np.any(np.mod(values[~np.isnan(values)], 1))


def _kind_of_words(name: str, column: pd.Series, distinct: int, present: int, mean_words: float) -> Kind:
    share = distinct / present
    if distinct == 2 and {str(value).lower() for value in column.dropna().unique()} in BOOLEAN_WORDS:
        return "boolean"
    if is_running_text(name, mean_words, distinct, share):
        return "text"
    if distinct > 20 and (share > 0.95 or (share > 0.5 and has_id_name(name))):
        return "id"
    return "category"


def is_running_text(name: str, mean_words: float, distinct: int, share: float) -> bool:
    """Whether cells are texts and not categories.

    Args:
        name: Of the column: in one that is called "comment" or "review", texts may recur.
        mean_words: Words of a cell, on average.
        distinct: Different cells.
        share: Of all cells; 1 where none recurs.
    """
    if is_text_name(name) and mean_words >= NAMED_WORDS and distinct > FEW_TEXTS:
        return True
    return mean_words >= TEXT_WORDS and (share > 0.5 or (share > 0.1 and distinct > MANY_TEXTS))


def _mean_words(column: pd.Series) -> float:
    present = column.dropna()
    probe = present.iloc[np.linspace(0, len(present) - 1, min(PROBE, len(present))).astype(int)]
    return float(np.mean([len(str(cell).split()) for cell in probe]))
