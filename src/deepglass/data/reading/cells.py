"""Cells as written become numbers, dates, truth values, categories or texts: how, is found out here, once.

    columns of words ── what could each be? ── what do all of them say of marks and dates? ── one format for each

A column is decided on all of its different cells, never on the first ones. What was found is a `TableFormat`; new data
are read by it, in `known_cells.py`.
"""

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from deepglass.core.effects import acts_on
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.reading import dates, numbers
from deepglass.data.reading._date_columns import as_dates, date_of_numbers, forms_for
from deepglass.data.reading._number_columns import as_numbers, without_sentinels
from deepglass.data.reading.asked import AskedColumns
from deepglass.data.reading.candidates import Candidate, Context, Decided, FileFacts, Locate
from deepglass.data.reading.columns import is_running_text
from deepglass.data.reading.date_forms import order_of
from deepglass.data.reading.dates import KEEPS_CLOCK, DateFormat
from deepglass.data.reading.missing import MANY_COLUMNS, MissingMarks, kept_words
from deepglass.data.reading.number_format import NumberFormat
from deepglass.data.reading.numbers import MarksOfFile, asked_marks
from deepglass.data.reading.table_format import ColumnFormat, TableFormat
from deepglass.data.reading.typed_columns import hours_of, is_duration, is_words, plain, taken_apart, without_zone
from deepglass.data.reading.usual_names import usual_target
from deepglass.data.reading.words import Words

NOTHING_KNOWN = FileFacts()
MOST_SPELLINGS = 8  # of true and false: TRUE, True, true


class Typed(NamedTuple):
    """A frame with its types, how it was read, and what was guessed."""

    frame: pd.DataFrame
    format: TableFormat
    guesses: list[Guess]
    left_out: tuple[str, ...] = ()  # columns that the format does not know


@acts_on("missing", "not_missing", "decimal", "thousands", "date_format", "categories", "numbers")
def typed(
    frame: pd.DataFrame,
    config: DataConfig,
    locate: Locate,
    file: FileFacts = NOTHING_KNOWN,
    categories: tuple[str, ...] = (),
) -> Typed:
    """Give every column its type; categories hold strings, texts stay strings, missing cells are NaN or NaT.

    Args:
        frame: Columns of any type; words as strings or categories.
        locate: Says where rows are, for messages.
        file: Where the columns come from.
        categories: Columns whose type says that they are, beside those of `--categories`.

    Raises:
        DataError: If a column mixes numbers and words or forms of dates, or holds infinities.
        OptionError: If an option names a column that there is not.
    """
    names = [str(name) for name in frame.columns]
    asked, of_file = AskedColumns.of(config, names), asked_marks(config.decimal, config.thousands)
    asked = replace(asked, categories=(*asked.categories, *categories))
    context = Context(config, asked, MissingMarks.of(config), locate, file, usual_target(names, config), of_file)
    decided: dict[str, Decided] = {}
    candidates: dict[str, Candidate] = {}
    columns = taken_apart(frame)
    del frame  # its columns go one by one, where nobody else holds it
    for name in names:
        column = plain(columns.pop(name))
        if is_words(column) or name in asked.categories:
            candidates[name] = _candidate(Words.of(column), context)
        else:
            decided[name] = _of_type(column, context)
    _compare(context, candidates, [column for column, _ in decided.values()])
    for name, (column, form) in decided.items():
        decided[name] = column, _with_thousands(form, context.of_file)
    for name in list(candidates):
        decided[name] = _settled(candidates.pop(name), context)
    format = TableFormat(tuple(decided[name][1] for name in names), context.marks.all, context.marks.sentinels)
    result = pd.DataFrame({name: decided.pop(name)[0] for name in names})
    zones = {form.name: form.date.zone for form in format.columns if form.date and form.date.zone}
    if zones:  # pandas copies what is in attrs for every column that is taken out
        result.attrs["zones"] = zones
    return Typed(result, format, [*context.notes.guesses(), *_missing_guess(result, config)])


def format_of(frame: pd.DataFrame) -> TableFormat:
    """The format of a frame whose columns have their types already."""
    columns = []
    for name in frame.columns:
        column = plain(frame[name])
        if pd.api.types.is_datetime64_any_dtype(column):
            columns.append(ColumnFormat(str(name), "date", date=DateFormat()))
        elif is_words(column) or column.dtype == bool:
            columns.append(ColumnFormat(str(name), "words" if column.dtype != bool else "truth"))
        else:
            columns.append(ColumnFormat(str(name), "number", number=NumberFormat()))
    return TableFormat(tuple(columns), MissingMarks.of(DataConfig()).all)


def _candidate(words: Words, context: Context) -> Candidate:
    """A column of words, looked at."""
    candidate = Candidate(words, ~words.isin(context.marks.all))
    asked, name = context.asked, words.name
    if not candidate.known.any() or name in asked.categories or name == asked.text:
        return candidate
    present = words.chosen(candidate.known)
    if name not in asked.numbers:
        candidate.dates = dates.look(present, forms_for(asked.date(name)))
    if candidate.dates is None or candidate.dates.share < 1 or candidate.dates.could_be_numbers:
        candidate.numbers = numbers.look(present, words.counts[candidate.known], context.of_file)
    return candidate


def _of_type(column: pd.Series, context: Context) -> Decided:
    """A column that came with its type."""
    name = str(column.name)
    if pd.api.types.is_datetime64_any_dtype(column):
        zone = getattr(column.dtype, "tz", None)
        if zone is not None:
            clock = KEEPS_CLOCK if context.asked.date(name) == KEEPS_CLOCK else "utc"
            if clock == "utc":
                context.notes.add(*OFFSETS, name, f"the zone {zone}", "--date-format COLUMN=local")
            return without_zone(column, clock), ColumnFormat(
                name, "date", date=DateFormat(clock=clock, zone=str(zone) if clock == "utc" else None)
            )
        return column, ColumnFormat(name, "date", date=DateFormat())
    if column.dtype == bool:
        return column, ColumnFormat(name, "truth")
    if is_duration(column):
        return hours_of(column), ColumnFormat(name, "number", number=NumberFormat(is_clock=True))
    column = without_sentinels(column, context.marks.sentinels, context.locate)
    if name not in context.asked.numbers and (
        found := date_of_numbers(column, context.asked.date(name), context.notes)
    ):
        return found
    if context.file.decimal == "," and _has_fractions(column):
        context.notes.add("decimal mark", "comma", name, "numbers like 7,4", "--decimal")
    kind = "number" if column.notna().any() else "empty"
    return column, ColumnFormat(name, kind, number=NumberFormat(context.file.decimal or "."))


OFFSETS = ("times with offsets", "counted in UTC")


# -- what all columns say -------------------------------------------------------------------------------------------


def _compare(context: Context, candidates: dict[str, Candidate], typed_columns: list[pd.Series]) -> None:
    """Let the columns that show their marks, and the order of their dates, speak for those that do not."""
    decisive = [
        c.numbers for c in candidates.values() if c.numbers and c.numbers.is_decisive and len(c.numbers.marks) == 1
    ]
    decimals = Counter(seen.marks[0][0] for seen in decisive)
    thousands = Counter(seen.marks[0][1] for seen in decisive if seen.marks[0][1])
    if context.file.decimal and (shown := sum(_has_fractions(column) for column in typed_columns)):
        decimals[context.file.decimal] += shown
    asked = context.of_file
    context.of_file = MarksOfFile(
        _most(decimals) if asked.decimal is None else asked.decimal,
        _most(thousands) if asked.thousands is None else asked.thousands,
    )
    orders = Counter(
        order_of(c.dates.forms[0])
        for c in candidates.values()
        if c.dates and c.dates.rival is None and c.dates.share == 1
    )
    context.order = _most(Counter({order: orders[order] for order in ("day", "month") if orders[order]}))
    context.habits = context.file.gaps | _gaps(candidates) | _frequent(candidates)


def _with_thousands(form: ColumnFormat, of_file: MarksOfFile) -> ColumnFormat:
    """A column of plain numbers may have thousands in later tables, as others of its file have them."""
    if form.number is None or form.number.is_clock or of_file.thousands in (None, "", form.number.decimal):
        return form
    return replace(form, number=replace(form.number, thousands=of_file.thousands))


def _has_fractions(column: pd.Series) -> bool:
    return column.dtype.kind == "f" and bool((np.mod(column.head(1000).to_numpy(), 1) > 0).any())


def _most(counts: Counter) -> str | None:
    return counts.most_common(1)[0][0] if counts else None


def _gaps(candidates: dict[str, Candidate]) -> frozenset[str]:
    """Marks that stand among numbers or dates, where they can only be gaps."""
    found: set[str] = set()
    for candidate in candidates.values():
        fits = candidate.numbers.fits if candidate.numbers else np.zeros(1)
        dates_fit = candidate.dates.belongs >= 0 if candidate.dates else np.zeros(1)
        if max(fits.mean(), dates_fit.mean()) > 0.5:
            found |= set(candidate.words.chosen(~candidate.known).to_pylist())
    return frozenset(found)


def _frequent(candidates: dict[str, Candidate]) -> frozenset[str]:
    """Marks that stand in so many columns of words that they are a habit of the file."""
    counts = Counter(
        mark for candidate in candidates.values() for mark in set(candidate.words.chosen(~candidate.known).to_pylist())
    )
    return frozenset(mark for mark, count in counts.items() if count >= MANY_COLUMNS)


# -- one column -----------------------------------------------------------------------------------------------------


def _settled(candidate: Candidate, context: Context) -> Decided:
    """The type and the format of a column of words."""
    words, name, asked = candidate.words, candidate.words.name, context.asked
    if not candidate.known.any() and not kept_words_of(candidate, context):
        return words.series(np.nan), ColumnFormat(name, "empty")
    if name not in asked.categories and name != asked.text:
        if (found := as_dates(candidate, context)) or (found := as_numbers(candidate, context)):
            return found
        if (truth := _truth_of(candidate)) is not None:
            return truth, ColumnFormat(name, "truth")
    return _as_words(candidate, context)


def _truth_of(candidate: Candidate) -> pd.Series | None:
    """True and False in any case of letters, where no cell is missing; else None."""
    words = candidate.words
    if len(words.cells) > MOST_SPELLINGS or not candidate.known.all() or (words.codes < 0).any():
        return None
    lower = [word.lower() for word in words.stripped.to_pylist()]
    return words.spread(np.array([word == "true" for word in lower])) if set(lower) == {"true", "false"} else None


def _as_words(candidate: Candidate, context: Context) -> Decided:
    """Categories, codes and names; or texts, in which only an empty cell is missing."""
    words, name = candidate.words, candidate.words.name
    if name == context.asked.text or (name not in context.asked.categories and _is_text(candidate)):
        return words.categories(words.isin(("", *context.marks.added))), ColumnFormat(name, "text")
    kept = kept_words_of(candidate, context)
    missing = ~candidate.known & ~words.isin(kept) if kept else ~candidate.known
    for mark in kept:
        rows = int(words.counts[words.isin((mark,))].sum())
        context.notes.add("words", mark, name, f"{rows:,} cells, and the others are words,", f"--missing {mark}")
    seen = candidate.numbers
    width = seen.width if seen and seen.width and seen.width > 0 and seen.fits.all() else None
    return words.categories(missing), ColumnFormat(name, "words", width=width, kept=kept)


def kept_words_of(candidate: Candidate, context: Context) -> tuple[str, ...]:
    """The marks that are words in this column."""
    words = candidate.words
    if candidate.known.all():
        return ()
    is_target = words.name == context.target
    return kept_words(words.stripped.to_pylist(), words.counts, context.marks, context.habits, is_target=is_target)


def _is_text(candidate: Candidate) -> bool:
    words = candidate.words
    present = words.chosen(candidate.known)
    count = int(words.counts[candidate.known].sum())
    probe = present.take(np.linspace(0, len(present) - 1, min(1000, len(present))).astype(int))
    mean_words = float(np.mean([len(cell.split()) for cell in probe.to_pylist()]))
    return is_running_text(words.name, mean_words, len(present), len(present) / max(1, count))


def _missing_guess(frame: pd.DataFrame, config: DataConfig) -> list[Guess]:
    missing = int(sum(frame[name].isna().sum() for name in frame))
    if not missing:
        return []
    marks = "empty cells and NA, ?, NaN, null …" + (f" and {config.missing}" if config.missing else "")
    return [Guess("missing cells", f"{missing:,}", marks, "--missing and --not-missing")]
