"""Columns of words that are dates, and columns of numbers that are times since 1970, days like 20200131, or years."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.data.reading.asked import ORDERS
from deepglass.data.reading.candidates import Candidate, Context, Decided
from deepglass.data.reading.date_forms import COUNTS, order_of, readable
from deepglass.data.reading.dates import (
    EIGHT_DIGITS,
    FORMS,
    KEEPS_CLOCK,
    OF_DIGITS,
    SIX_DIGITS,
    DateFormat,
    DatesSeen,
)
from deepglass.data.reading.notes import Notes
from deepglass.data.reading.table_format import ColumnFormat
from deepglass.data.reading.usual_names import DATE_NAME, MONTH_NAME, TIME_NAME, YEAR_NAME
from deepglass.data.reading.zones import zone_written

STRAY_SHARE = 0.05  # so few cells among dates are mistakes
OUR_TIME = (631_152_000, 2_524_608_000)  # seconds since 1970: 1990 to 2050
SPREADSHEET = "spreadsheet days"
FEWEST_YEARS, FEWEST_DAYS = 8, 10  # different values: fewer are no evidence
YEARS = (1500, 2200)
DAY_NUMBERS, MONTH_NUMBERS = (19_000_101, 20_991_231), (190_001, 209_912)


def forms_for(asked: str | None) -> Iterable[str]:
    """The forms to try on a column for which a form, or an order, was asked."""
    if asked is None or asked == KEEPS_CLOCK:
        return FORMS
    if asked in ORDERS:
        first = asked.partition("-")[0]
        return [form for form in FORMS if order_of(form) not in {"day", "month", "year"} - {first, "year"}]
    return (asked, *(form for form in FORMS if order_of(form) in ("year", order_of(asked)) and form != asked))


def as_dates(candidate: Candidate, context: Context) -> Decided | None:
    """The column as dates; None where its cells are something else.

    Raises:
        DataError: If it mixes forms that could be mistaken for each other, or a few cells are not dates.
    """
    words, seen, name = candidate.words, candidate.dates, candidate.words.name
    asked = context.asked.date(name)
    if seen is None or seen.share <= 1 - STRAY_SHARE:
        if name in context.asked.dates:
            _refuse(candidate, context, seen or _nothing_seen(int(candidate.known.sum()), asked or ""))
        return None
    if candidate.numbers and candidate.numbers.fits.all() and not _is_day_numbers(seen, candidate, asked):
        return None
    if (not asked and seen.is_mixed) or (seen.belongs < 0).any():
        _refuse(candidate, context, seen)
    format = _format_of(seen, asked, context)
    _note(format, seen, name, asked, context)
    is_as_seen = format.forms == seen.forms and format.clock != KEEPS_CLOCK
    times = np.full(len(words.cells), np.datetime64("NaT", "us"))
    times[candidate.known] = seen.times if is_as_seen else format.parse(words.chosen(candidate.known))
    if seen.offsets and format.clock != KEEPS_CLOCK:
        format = replace(format, zone=zone_written(words.chosen(candidate.known), times[candidate.known]))
    return words.spread(times), ColumnFormat(name, "date", date=format)


def date_of_numbers(column: pd.Series, asked: str | None, notes: Notes) -> Decided | None:
    """Numbers that are times: seconds since 1970 under a name that says so, days like 20200131, years in a row."""
    name, values = str(column.name), column.dropna()
    if column.dtype == bool or not len(values):
        return None
    form = _form_of_numbers(name, values.to_numpy(np.float64), asked)
    if form is None:
        return None
    format = DateFormat((form,))
    times = format.from_numbers(column.to_numpy(np.float64))
    if times is None or np.isnat(times[column.notna().to_numpy()]).any():
        return None
    why = f"numbers like {values.iloc[0]:.0f}"
    notes.add("dates", form if form in COUNTS else readable(form), name, why, "--numbers COLUMN")
    return pd.Series(times, index=column.index, name=column.name), ColumnFormat(name, "date", date=format)


def _form_of_numbers(name: str, values: np.ndarray, asked: str | None) -> str | None:
    low, high = float(values.min()), float(values.max())
    if asked in OF_DIGITS:
        return asked
    if TIME_NAME.search(name):
        for form, count in COUNTS.items():
            is_sure = form != SPREADSHEET or (DATE_NAME.search(name) and len(np.unique(values)) >= FEWEST_DAYS)
            if is_sure and count.of(OUR_TIME[0]) <= low and high <= count.of(OUR_TIME[1]):
                return form
    if DAY_NUMBERS[0] <= low and high <= DAY_NUMBERS[1] and _are_whole(values):
        return EIGHT_DIGITS if TIME_NAME.search(name) or len(np.unique(values)) >= FEWEST_DAYS else None
    if MONTH_NUMBERS[0] <= low and high <= MONTH_NUMBERS[1] and MONTH_NAME.search(name) and _are_whole(values):
        return SIX_DIGITS
    if YEAR_NAME.match(name) and YEARS[0] <= low and high <= YEARS[1] and len(values) >= FEWEST_YEARS:
        return "%Y" if (np.diff(np.sort(values)) == 1).all() else None
    return None


def _are_whole(values: np.ndarray) -> bool:
    return not (values % 1).any()


def _is_day_numbers(seen: DatesSeen, candidate: Candidate, asked: str | None) -> bool:
    """Whether cells that are numbers as well are dates rather: eight digits, or a month and a year."""
    if asked or seen.forms != (EIGHT_DIGITS,):
        return True
    return bool(TIME_NAME.search(candidate.words.name)) or len(seen.belongs) >= FEWEST_DAYS


def _nothing_seen(count: int, form: str) -> DatesSeen:
    return DatesSeen((form,), np.full(count, -1), np.full(count, np.datetime64("NaT", "us")))


def _format_of(seen: DatesSeen, asked: str | None, context: Context) -> DateFormat:
    """The form of the column; where two are possible, that of the other dates of the table, or the more likely one."""
    clock = KEEPS_CLOCK if asked == KEEPS_CLOCK else "utc"
    forms = seen.forms
    if seen.rival and not (asked and asked != KEEPS_CLOCK) and _is_rival_likelier(seen, context):
        forms = (seen.rival,)
    return DateFormat(forms, clock, seen.offsets)


def _is_rival_likelier(seen: DatesSeen, context: Context) -> bool:
    if context.order and context.order in (order_of(seen.forms[0]), order_of(seen.rival or "")):
        return context.order != order_of(seen.forms[0])
    return bool(seen.prefers_rival)


def _note(format: DateFormat, seen: DatesSeen, name: str, asked: str | None, context: Context) -> None:
    """Say what could have been read otherwise."""
    notes = context.notes
    if format.forms[0] == EIGHT_DIGITS:
        notes.add("dates", format.example(), name, "eight digits", "--numbers COLUMN")
    if seen.rival and not (asked and asked != KEEPS_CLOCK):
        first = order_of(format.forms[0])
        why = f"the {first} comes first; no day above 12 tells it from the month"
        if context.order == first:
            why = f"the {first} comes first, as in the other dates"
        elif seen.prefers_rival is not None:
            why = f"the {first} comes first; so the day is always the same"
        other = "month-first" if first == "day" else "day-first"
        notes.add("dates", format.example(), name, why, f"--date-format {other}")
    if seen.offsets:
        shown = ", ".join(offset or "none" for offset in seen.offsets[:4])
        if format.clock == KEEPS_CLOCK:
            notes.add("times with offsets", "taken by the local clock", name, shown, "--date-format")
        else:
            notes.add("times with offsets", "counted in UTC", name, f"offsets {shown}", "--date-format COLUMN=local")


def _refuse(candidate: Candidate, context: Context, seen: DatesSeen) -> None:
    """Raise DataError for the cells that are not dates, or dates of another form."""
    words, places = candidate.words, np.flatnonzero(candidate.known)
    odd = np.zeros(len(words.cells), bool)
    odd[places[seen.belongs != 0]] = True
    kind = "other forms" if seen.share == 1 else "no date"
    if (seen.belongs < 0).any():
        odd[:] = False
        odd[places[seen.belongs < 0]] = True
    raise DataError(
        f"column {words.name!r} holds dates like {readable(seen.forms[0])}, but {kind} such as "
        f"{words.chosen(odd)[0].as_py()!r} in {context.locate(words.rows_of(odd))}: write all in one form, best as "
        f"2020-01-31, or say how they are meant with --date-format {words.name}=day-first, month-first or a form"
    )
