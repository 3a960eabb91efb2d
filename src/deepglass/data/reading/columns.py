"""What the columns of a table are: numbers, categories, truth values, dates, running texts, ids or constants."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["number", "category", "boolean", "date", "text", "id", "constant"]

ID_NAME = re.compile(r"(?i)^(#|no|nr|idx|index|row|row_?(number|num|id)|unnamed.*|uuid|guid|key)$|(^|[_\s.-])id$")
CAMEL_ID = re.compile(r"[a-z]I[dD]$|ID$")
TEXT_WORDS = 3  # cells of at least so many words on average are running text, if they hardly repeat
MANY_TEXTS = 1000  # so many different cells of several words are texts, even where some recur
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


def has_id_name(name: str) -> bool:
    """Whether a name speaks of an id: `id`, `customerID`, `user_id`, `No`."""
    return bool(ID_NAME.search(name) or CAMEL_ID.search(name))


def _kind_of_words(name: str, column: pd.Series, distinct: int, present: int, mean_words: float) -> Kind:
    share = distinct / present
    if distinct == 2 and {str(value).lower() for value in column.dropna().unique()} in BOOLEAN_WORDS:
        return "boolean"
    if mean_words >= TEXT_WORDS and (share > 0.5 or (share > 0.1 and distinct > MANY_TEXTS)):
        return "text"
    if distinct > 20 and (share > 0.95 or (share > 0.5 and has_id_name(name))):
        return "id"
    return "category"


def _mean_words(column: pd.Series) -> float:
    present = column.dropna()
    probe = present.iloc[np.linspace(0, len(present) - 1, min(PROBE, len(present))).astype(int)]
    return float(np.mean([len(str(cell).split()) for cell in probe]))
