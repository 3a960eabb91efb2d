"""Columns of words that are numbers, codes made of digits, and the few words among numbers that are mistakes."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
from pyarrow import compute

from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.reading._date_columns import date_of_numbers
from deepglass.data.reading.candidates import Candidate, Context, Decided
from deepglass.data.reading.label_numbers import list_of_numbers
from deepglass.data.reading.missing import OF_NUMBERS
from deepglass.data.reading.number_format import NAMES, SHARES, NumberFormat
from deepglass.data.reading.numbers import NumbersSeen
from deepglass.data.reading.table_format import ColumnFormat
from deepglass.data.reading.words import Words

STRAY_SHARE = 0.05  # so few other cells among numbers are mistakes, more are another kind of column
FEW_STRAYS = 3  # so few different words among numbers are marks or mistakes up to a fifth of the cells
MANY_NUMBERS = 10  # fewer different numbers are codes, which may stand beside words
MANY_AMONG_WORDS = 0.3  # a share of numbers from which it is worth saying that a column is taken for words
INFINITE = "(?i)^[-+]?(inf|infinity|\u221e)$"


def as_numbers(candidate: Candidate, context: Context) -> Decided | None:
    """The column as numbers; None where its cells are something else.

    Raises:
        DataError: If a few cells among numbers are none, or a cell is infinite; names them.
    """
    words, seen, name = candidate.words, candidate.numbers, candidate.words.name
    is_asked = name in context.asked.numbers
    if seen is None:
        return _refuse(candidate, np.zeros(len(words.cells), bool), context) if is_asked else None
    if not is_asked and (example := list_of_numbers(words.chosen(candidate.known))):
        context.notes.add("lists of numbers", "words, not numbers", name, f"cells like {example}", "--numbers COLUMN")
        return None
    fits = np.zeros(len(words.cells), bool)
    fits[np.flatnonzero(candidate.known)] = seen.fits
    if seen.is_code and not is_asked:
        codes = words.chosen(fits)
        why = f"digits that begin with a zero, such as {codes.filter(compute.starts_with(codes, '0'))[0].as_py()},"
        context.notes.add("codes", "words, not numbers", name, why, "--numbers COLUMN")
        return None
    if seen.units:
        shown = f"amounts in {listing(seen.units)}: bring them to one unit"
        context.notes.add("several units", "words, not numbers", name, shown, "--ignore COLUMN")
        return None
    _require_one_share(seen, words, context)
    stray = candidate.known & ~fits & ~words.isin(OF_NUMBERS)
    if stray.any():
        _require_finite(candidate, stray, context)
        if not is_asked and not _are_mistakes(candidate, fits, stray):
            _note_mixture(candidate, fits, stray, context)
            return None
        _refuse(candidate, fits, context, stray)
    format = context.of_file.settle(seen, context.file.delimiter)
    _note(format, seen, name, context)
    values = format.parse(words.chosen(fits))
    if not fits.all():
        values, some = np.full(len(words.cells), np.nan), values
        values[fits] = some
    column = without_sentinels(words.spread(values), context.marks.sentinels, context.locate)
    if not is_asked and format.is_bare and (found := date_of_numbers(column, context.asked.date(name), context.notes)):
        return found
    return column, ColumnFormat(name, "number", number=format)


def without_sentinels(
    column: pd.Series, sentinels: tuple[float, ...], locate: Callable[[np.ndarray], str]
) -> pd.Series:
    """Numbers without those that stand for a missing cell.

    Raises:
        DataError: If one is infinite.
    """
    if not pd.api.types.is_numeric_dtype(column) or column.dtype == bool:
        return column
    if sentinels and (found := column.isin(sentinels)).any():
        column = column.where(~found)
    if column.dtype.kind == "f" and (rows := np.flatnonzero(np.isinf(column.to_numpy()))).size:
        raise _infinite(str(column.name), rows, locate)
    return column


def _require_one_share(seen: NumbersSeen, words: Words, context: Context) -> None:
    """Raise DataError where numbers with and without a percent sign are in one column: 0.5 may be 50 % or 0.5 %."""
    affix = seen.before or seen.after
    if seen.bare and re.fullmatch(SHARES, affix):
        bare = ~np.asarray(compute.match_substring(words.stripped, affix)) & ~words.isin(("0", "", *context.marks.all))
        if bare.any() and not np.isin(words.chosen(bare).to_pylist(), OF_NUMBERS).all():
            raise DataError(
                f"column {words.name!r} holds numbers with {affix}, and others without it, such as "
                f"{words.chosen(bare)[0].as_py()!r} in {context.locate(words.rows_of(bare))}: write all of them alike, "
                f"or leave the column out with --ignore {words.name}"
            )


def _require_finite(candidate: Candidate, stray: np.ndarray, context: Context) -> None:
    words = candidate.words
    infinite = stray & np.asarray(compute.match_substring_regex(words.stripped, INFINITE)).astype(bool)
    if infinite.any():
        raise _infinite(words.name, words.rows_of(infinite), context.locate)


def _infinite(name: str, rows: np.ndarray, locate: Callable[[np.ndarray], str]) -> DataError:
    return DataError(
        f"column {name!r} holds infinity in {locate(rows)}: expected finite numbers; correct these "
        "cells, or count them as missing with --missing inf,-inf"
    )


def _are_mistakes(candidate: Candidate, fits: np.ndarray, stray: np.ndarray) -> bool:
    """Whether so few cells are not numbers that the column is one of numbers nevertheless."""
    counts = candidate.words.counts
    share = counts[stray].sum() / max(1, counts[stray | fits].sum())
    few = share <= STRAY_SHARE or (stray.sum() <= FEW_STRAYS and share <= 0.2)
    return bool(few and fits.sum() >= MANY_NUMBERS)


def _note_mixture(candidate: Candidate, fits: np.ndarray, stray: np.ndarray, context: Context) -> None:
    """Say of a column that it would be one of numbers, were it not for many other cells."""
    words, counts = candidate.words, candidate.words.counts
    share = counts[fits].sum() / max(1, counts[stray | fits].sum())
    if fits.sum() >= MANY_NUMBERS and share >= MANY_AMONG_WORDS:
        other = words.chosen(stray)[int(np.argmax(counts[stray]))].as_py()
        why = f"{share:.0%} of the cells are numbers, others are none, such as {other!r},"
        context.notes.add("mixed cells", "words, not numbers", words.name, why, f"--missing {other}")


def _refuse(candidate: Candidate, fits: np.ndarray, context: Context, stray: np.ndarray | None = None) -> None:
    """Raise DataError for the cells that are not numbers."""
    words = candidate.words
    stray = candidate.known & ~fits if stray is None else stray
    distinct = words.chosen(stray).to_pylist()
    raise DataError(
        f"column {words.name!r} holds numbers, but {listing(map(repr, distinct))} in "
        f"{context.locate(words.rows_of(stray))}: correct these cells, count them as missing with --missing "
        f"{','.join(distinct[:5])}, or take the column for names with --categories {words.name}"
    )


def _note(format: NumberFormat, seen: NumbersSeen, name: str, context: Context) -> None:
    """Say what is not plain about the numbers of a column."""
    notes, like = context.notes, f"numbers like {seen.example}"
    if seen.is_clock:
        notes.add("times of day and durations", "hours", name, like, "--categories COLUMN")
        return
    if seen.is_scaled:
        notes.add("numbers with K, M or B", "thousands, millions, billions", name, like, "--categories COLUMN")
    if len(seen.marks) > 1:
        _note_choice(format, seen, name, context)
    else:
        if seen.is_decisive and format.decimal != ".":
            notes.add("decimal mark", NAMES[format.decimal], name, like, "--decimal")
        if seen.marks[0][1]:
            notes.add("thousands mark", NAMES[seen.marks[0][1]], name, like, "--thousands")
    if affix := format.before or format.after:
        notes.add("unit", affix, name, like, "--categories COLUMN")
    if seen.has_minus_behind:
        notes.add("minus behind numbers", "negative", name, like, "--categories COLUMN")
    if seen.has_brackets:
        notes.add("numbers in brackets", "negative", name, "as accounts write them", "--categories COLUMN")


def _note_choice(format: NumberFormat, seen: NumbersSeen, name: str, context: Context) -> None:
    """Say what was made of marks that could be either, unless other columns of the file show what they are."""
    like, mark = f"numbers like {seen.example}", next(thousands for _, thousands in seen.marks if thousands)
    if format.decimal != mark:
        why = f"{like}, with small whole ones beside them," if seen.small_beside else like
        context.notes.add("thousands mark", NAMES[mark], name, why, f"--decimal {NAMES[mark]}")
    elif context.of_file.decimal is None:
        context.notes.add("decimal mark", NAMES[mark], name, like, f"--thousands {NAMES[mark]}")
