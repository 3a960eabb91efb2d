"""Cells as written become numbers, dates, truth values or categories.

A column is decided on its distinct cells, not on its rows: a million rows of five words cost five decisions. A
column of numbers with a few stray words is an error that names them, since turning numbers into categories because
of one typing mistake would ruin a model in silence.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.reading.dates import parse_dates, readable
from deepglass.data.reading.zones import offsets_of, zone_of_offsets

MISSING = ("", " ", "?", "NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A", "-", "--")
STRAY_SHARE = 0.05  # so few other cells among numbers are mistakes, more are another kind of column
FEW_STRAYS = 3  # so few different words among numbers are marks or mistakes up to a fifth of the cells
MANY_NUMBERS = 10  # fewer different numbers are codes, which may stand beside words

Locate = Callable[[np.ndarray], str]  # row positions → "lines 3, 9 of people.csv"


def marks_of(config: DataConfig) -> tuple[str, ...]:
    """Every spelling of a missing value: the usual ones and those of `--missing`."""
    return MISSING + tuple(mark.strip() for mark in (config.missing or "").split(",") if mark.strip())


def typed(frame: pd.DataFrame, config: DataConfig, locate: Locate) -> tuple[pd.DataFrame, list[Guess]]:
    """Give every column its type; categories hold strings, texts stay strings, missing cells are NaN or NaT.

    Args:
        frame: Columns of any type; words as strings or categories.
        locate: Says where rows stand, for messages.

    Raises:
        DataError: If a column mixes numbers and words or forms of dates, or holds infinities.
    """
    guesses: list[Guess] = []
    columns, zones = {}, {}
    for name in list(frame.columns):
        columns[name] = _typed_column(column := frame.pop(name), marks_of(config), locate, guesses)
        if zone := _zone_of(column, columns[name]):
            zones[str(name)] = zone
    result = pd.DataFrame(columns)
    result.attrs["zones"] = zones
    missing = int(sum(column.isna().sum() for column in columns.values()))
    if missing:
        marks = "empty cells and NA, ?, NaN, null …" + (f" and {config.missing}" if config.missing else "")
        guesses.append(Guess("missing cells", f"{missing:,}", marks, "--missing"))
    return result, guesses


def _typed_column(column: pd.Series, marks: tuple[str, ...], locate: Locate, guesses: list[Guess]) -> pd.Series:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(column) or column.dtype == bool:
        return column
    if pd.api.types.is_numeric_dtype(column) and column.dtype != "boolean":
        return _checked_numbers(column, marks, locate)
    return _checked_numbers(_from_words(_as_category(column), marks, locate, guesses), marks, locate)


def _zone_of(column: pd.Series, typed: pd.Series) -> str | None:
    """The zone of a column of times with offsets, which are kept in UTC; None where nothing is written of it."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return str(column.dt.tz)
    if pd.api.types.is_datetime64_dtype(column) or not pd.api.types.is_datetime64_dtype(typed):
        return None
    words = column.dropna().drop_duplicates()
    words = words[typed[words.index].notna()]
    offsets = offsets_of(words.astype("str").str.strip())
    return None if offsets is None else zone_of_offsets(typed[words.index].to_numpy(), offsets) or "UTC"


def _as_category(column: pd.Series) -> pd.Series:
    """Words, lists of words, or truth values with gaps as categories of strings."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    if column.dtype == object:
        column = column.map(_joined, na_action="ignore")
    return column.astype("str").astype("category")


def _joined(cell: object) -> str | None:
    if isinstance(cell, (list, tuple, np.ndarray)):
        return "\n".join(str(part) for part in cell)
    return str(cell)


def _from_words(column: pd.Series, marks: tuple[str, ...], locate: Locate, guesses: list[Guess]) -> pd.Series:
    """Decide on the distinct cells, then spread the decision over the rows."""
    words = pd.Series(column.cat.categories.astype("str")).str.strip()
    known = ~words.isin(marks).to_numpy()
    if not known.any():
        return pd.Series(np.nan, index=column.index, name=column.name)
    numbers = pd.to_numeric(words.where(known), errors="coerce")
    if numbers[known].notna().all():
        return _spread(column, numbers)
    dates = parse_dates(words[known])
    if dates is not None and dates.share > 1 - STRAY_SHARE:
        return _spread(column, _one_form(column, words, known, dates, locate, guesses))
    _reject_strays(column, words, known & numbers.isna().to_numpy(), numbers, locate)
    if {word.lower() for word in words[known]} == {"true", "false"} and known.all() and not column.isna().any():
        return _spread(column, words.str.lower() == "true")
    return _categories(column, words.where(known))


def _spread(column: pd.Series, values: pd.Series) -> pd.Series:
    """Values of distinct cells to rows."""
    codes = column.cat.codes.to_numpy()
    if (codes < 0).any() and values.dtype.kind in "iu":
        values = values.astype(float)
    taken = pd.api.extensions.take(values.to_numpy(), codes, allow_fill=bool((codes < 0).any()))
    return pd.Series(taken, index=column.index, name=column.name)


def _categories(column: pd.Series, words: pd.Series) -> pd.Series:
    """Sorted categories of trimmed words; words that hardly repeat stay strings."""
    levels, distinct = pd.factorize(words, sort=True)  # missing → -1
    codes = column.cat.codes.to_numpy()
    codes = np.where(codes < 0, -1, levels[codes])
    category = pd.Categorical.from_codes(codes, categories=pd.Index(distinct, dtype="str"))
    series = pd.Series(category, index=column.index, name=column.name)
    return series.astype("str") if len(distinct) > max(20, 0.5 * len(column)) else series


def _reject_strays(column: pd.Series, words: pd.Series, stray: np.ndarray, numbers: pd.Series, locate: Locate) -> None:
    codes = column.cat.codes.to_numpy()
    counts = np.bincount(codes[codes >= 0], minlength=len(words))
    strays, good = counts[stray].sum(), counts[numbers.notna().to_numpy()].sum()
    share = strays / max(1, strays + good)
    few = share <= STRAY_SHARE or (stray.sum() <= FEW_STRAYS and share <= 0.2)
    if numbers.nunique() < MANY_NUMBERS or not few:
        return
    rows = np.flatnonzero(np.isin(codes, np.flatnonzero(stray)))
    distinct = [words[i] for i in np.flatnonzero(stray)]
    raise DataError(
        f"column {column.name!r} holds numbers, but {listing(map(repr, distinct))} in {locate(rows)}: correct "
        f"these cells, or count them as missing with --missing {','.join(distinct[:5])}"
    )


def _one_form(
    column: pd.Series, words: pd.Series, known: np.ndarray, dates, locate: Locate, guesses: list[Guess]
) -> pd.Series:
    """The times of a column of dates, provided that one form fits all of it."""
    odd = np.flatnonzero(known)[dates.belongs != 0]
    if len(odd):
        rows = np.flatnonzero(np.isin(column.cat.codes.to_numpy(), odd))
        kind = "other forms" if dates.share == 1 else "no date"
        raise DataError(
            f"column {column.name!r} holds dates like {readable(dates.forms[0])}, but {kind} such as "
            f"{words[odd[0]]!r} in {locate(rows)}: write all of them in one form, best as 2020-01-31"
        )
    if dates.is_ambiguous:
        why = "the day comes first; no day above 12 tells it from the month"
        guesses.append(Guess(f"dates of {column.name}", readable(dates.forms[0]), why, "dates written like 2020-01-31"))
    times = np.full(len(words), "NaT", dtype=dates.times.dtype)
    times[known] = dates.times.to_numpy()
    return pd.Series(times)


def _checked_numbers(column: pd.Series, marks: tuple[str, ...], locate: Locate) -> pd.Series:
    """Numbers without sentinels and infinities."""
    if not pd.api.types.is_numeric_dtype(column) or column.dtype == bool:
        return column
    if not isinstance(column.dtype, np.dtype):  # pandas' own nullable integers and floats
        column = column.astype("float64" if column.isna().any() else column.dtype.numpy_dtype)
    sentinels = [value for mark in marks[len(MISSING) :] if (value := _number(mark)) is not None]
    if sentinels and (found := column.isin(sentinels)).any():
        column = column.where(~found)
    if column.dtype.kind == "f" and (rows := np.flatnonzero(np.isinf(column.to_numpy()))).size:
        raise DataError(
            f"column {column.name!r} holds infinity in {locate(rows)}: expected finite numbers; correct these "
            "cells, or count them as missing with --missing inf,-inf"
        )
    return column


def _number(mark: str) -> float | None:
    try:
        return float(mark)
    except ValueError:
        return None
