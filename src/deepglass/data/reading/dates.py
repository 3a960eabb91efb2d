"""Dates and times as people write them.

One column is written in one form. Where no form fits every cell but several together do, the column mixes them, and
1/2/2020 might mean two days: that is an error to mend, never a guess.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

SHAPE = re.compile(
    r"\s*(\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?|\d{1,2}[ -][A-Za-z]{3,9}\.?[ -,]+\d{2,4}"
    r"|[A-Za-z]{3,9}\.? (\d{1,2},? )?\d{4})"
    r"([ T,]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)? ?([AaPp][Mm])?(Z|[+-]\d{2}:?\d{2})?\s*$"
)
DAYS = (  # after ISO 8601, which pandas knows by itself; day first before month first
    "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%b %Y", "%B %Y", "%Y/%m", "%m/%Y",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
READABLE = {"ISO8601": "2020-01-31", "%Y": "2020", "%y": "20", "%m": "01", "%d": "31", "%b": "Jan", "%B": "January",
            "%H": "13", "%I": "01", "%M": "45", "%S": "00", "%p": "PM"}  # fmt: skip
PROBE = 200  # cells that a form is tried on before it is tried on all


@dataclass(frozen=True)
class Dates:
    """What became of a column of words: its times (missing where no form fits) and the forms that were needed."""

    times: pd.DatetimeIndex
    forms: tuple[str, ...]  # the first fits most cells
    belongs: np.ndarray  # (n,) which of `forms` fits a cell, -1 for none
    is_ambiguous: bool  # both day first and month first fit every cell

    @property
    def share(self) -> float:
        """Share of the cells that some form fits."""
        return float((self.belongs >= 0).mean())


def looks_like_date(cell: str) -> bool:
    """Whether a cell has the shape of a date, such as 2020-01-31, 31.1.2020 or Jan 2020."""
    match = SHAPE.match(cell)
    return bool(match) and (match.group(2) is not None or not re.match(r"\s*\d{1,3}[.]\d|\s*\d{1,2}-\d", cell))


def parse_dates(words: pd.Series) -> Dates | None:
    """Find the form, or the few forms, in which cells are written; None where they are no dates.

    Args:
        words: (n,) distinct cells, none missing.
    """
    probe = words.iloc[np.linspace(0, len(words) - 1, min(PROBE, len(words))).astype(int)]
    if np.mean([looks_like_date(word) for word in probe]) < 0.5:
        return None
    tried = {form: _parsed(probe, form).notna().to_numpy() for form in _forms(probe)}
    fitting = [form for form in tried if tried[form].all()] or [form for form in tried if tried[form].any()]
    if not fitting:
        return None
    return _best(words, fitting)


def readable(form: str) -> str:
    """A form as an example: `%d/%m/%Y` → `31/01/2020`."""
    for code, example in READABLE.items():
        form = form.replace(code, example)
    return form


def _best(words: pd.Series, forms: list[str]) -> Dates:
    parsed = {form: _parsed(words, form) for form in forms}
    order = sorted(forms, key=lambda form: -int(parsed[form].notna().sum()))  # stable: day first stays first
    whole = [form for form in order if parsed[form].notna().all()]
    times, belongs = parsed[order[0]], np.where(parsed[order[0]].notna(), 0, -1)
    for position, form in enumerate(order[1:], 1):
        adds = (belongs < 0) & parsed[form].notna().to_numpy()
        belongs[adds] = position
        times = times.where(~adds, parsed[form])
    used = [position for position in range(len(order)) if (belongs == position).any()]
    belongs = np.array([used.index(b) if b >= 0 else -1 for b in belongs])
    differ = len(whole) > 1 and not (parsed[whole[0]] == parsed[whole[1]]).all()
    return Dates(pd.DatetimeIndex(times), tuple(order[i] for i in used), belongs, differ)


def _forms(probe: pd.Series) -> list[str]:
    colons = {word.count(":") + (word.strip()[-1:].lower() == "m") * 10 for word in probe}
    times = [time for time in TIMES if time.count(":") + ("%p" in time) * 10 in colons]
    return ["ISO8601", *(day + time for day in DAYS for time in times)]


def _parsed(words: pd.Series, form: str) -> pd.Series:
    times = pd.to_datetime(words, format=form, errors="coerce", utc=True)
    return times.dt.tz_localize(None)
