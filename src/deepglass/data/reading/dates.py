"""Dates and times as people write them: which form has a column?

One column is written in one form, and the form is decided on all of it. Where no form fits every cell but several
together do, the column mixes them; that is read only where no day can be taken for a month (years first, names of
months), for 1/2/2020 might mean two days. ISO 8601 is understood in every column of dates: it cannot be mistaken.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from deepglass.core.calendar import zone_of
from deepglass.core.state import build, require
from deepglass.data.reading.date_forms import COUNTS, ISO, counted_times, order_of, pattern_of, readable, times_of

FORMS = (  # day first before month first, since most of the world writes so
    ISO, "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m", "%Y/%m",
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d %m %Y", "%m %d %Y",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%m.%d.%y", "%d-%m-%y", "%m-%d-%y", "%m/%Y", "%m-%Y", "%m.%Y",
    "%d %b %Y", "%b %d %Y", "%Y %b %d", "%d %b %y", "%b %Y", "%Y %b", "%b %y",
    "%b %d %H:%M:%S %Y", "%b %d %H:%M:%S %z %Y", "%Y年%m月%d日", "%Y년 %m월 %d일",
    "%Y Q%q", "Q%q %Y", "%qQ%Y", "%G W%V", "%G W%V %u", "W%V %G",
)  # fmt: skip
NAME, AT_FIRST = r"[^\W\d_]{3,12}[.]?", r"([^\W\d_]{2,12}[.]?,? )?"  # of a month; of a day of the week
DATE_SHAPES = (
    r"[0-9]{1,4}[-/. ][0-9]{1,2}([-/. ][0-9]{1,4})?",  # 31/01/2020, 2020-01
    r"(0?[1-9]|1[0-2])[-/.](1[5-9]|2[0-1])[0-9]{2}",  # 01/2020
    r"[0-9]{8}(?=T|\s*$)",  # 20200131
    r"[0-9]{4}[年년] ?[0-9]{1,2}[月월] ?[0-9]{1,2}[日일]",
    rf"{AT_FIRST}[0-9]{{1,2}}[^\W\d_]{{0,2}}[-/. ]+(de )?{NAME}[-/ ,]+(de )?[0-9]{{2,4}}",  # 31st January 2020
    rf"{AT_FIRST}{NAME}[-/ ]+([0-9]{{1,2}}(st|nd|rd|th)?,? +)?[0-9]{{2,4}}",  # January 31, 2020; Jan 2020
    rf"[0-9]{{4}}[- ]{NAME}([- ][0-9]{{1,2}})?",  # 2020 Jan 31
    rf"{NAME} {NAME} +[0-9]{{1,2}} [0-9:]{{8}} .*",  # Fri Jan 31 10:00:00 2020
    r"[0-9]{4}[-/ ]?[QqTt][1-4]|[QqTt][1-4][-/ '][0-9]{4}|[1-4][Qq][0-9]{4}",  # 2020Q1, Q1 2020
    r"[0-9]{4}[- ]?[KkCc]?[Ww][-. ]?[0-9]{1,2}(-?[1-7])?|[KkCc]?[Ww][-. ]?[0-9]{1,2}[-/ ][0-9]{4}",  # 2020-W05
)
CLOCK_SHAPE = (
    r"([ T,:]+[0-9]{1,2}([:.h]?[0-9]{2}([:.]?[0-9]{2}([.,][0-9]+)?)?)?)? ?([AaPp][.]?[Mm][.]?)?( ?(Uhr|h|hrs))?"
)
OFFSET_SHAPE = r" ?(Z|UTC|GMT|[-+\u2212][0-9]{2}(:?[0-9]{2})?)?(\[[\w/+-]+\])?"
SHAPE = re.compile(rf"\s*({'|'.join(DATE_SHAPES)}){CLOCK_SHAPE}{OFFSET_SHAPE}\s*$")
LOOKS_LIKE_NUMBER = re.compile(
    r"(?!(0[1-9]|1[0-2])[.](19|20)[0-9]{2}$)\s*[0-9]{1,4}[.][0-9]{1,4}\s*$"  # 1.5, but not 01.2020
    r"|\s*[0-9]{1,3}-[0-9]{1,2}\s*$|\s*[0-9]{1,2}[/ ][0-9]{1,3}\s*$"  # 10-20, 1/2
)
PROBE = 200  # cells that a form is tried on before it is tried on all
MOST_OFFSETS = 8  # that are kept; daylight saving needs two
MANY_MONTHS = 6  # a part of a date that never changes beside one of so many values is the first of the month
KEEPS_CLOCK = "local"
EIGHT_DIGITS, SIX_DIGITS = "%Y%m%d", "%Y%m"
OF_DIGITS = (EIGHT_DIGITS, SIX_DIGITS, "%Y")  # forms that are numbers as well
PLAUSIBLE = np.array(["1900-01-01", "2100-01-01"], "datetime64[us]")  # for dates of digits alone


@dataclass(frozen=True)
class DateFormat:
    """How the dates of a column are written.

    Args:
        forms: As for `strptime`, the most frequent first; ISO 8601 is understood beside them.
        clock: "utc" counts a time with an offset in UTC, "local" takes the clock as it was written.
        offsets: Those that were written in training, the most frequent first; "" is none.
        zone: Of times that are kept in UTC: a name or an offset, as far as it can be told, else UTC.
    """

    forms: tuple[str, ...] = (ISO,)
    clock: str = "utc"
    offsets: tuple[str, ...] = ()
    zone: str | None = None

    def parse(self, words: pa.Array) -> np.ndarray:
        """Cells (n,) as datetime64[us], NaT where no form fits."""
        times = np.full(len(words), np.datetime64("NaT", "us"))
        for form in dict.fromkeys((*self.forms, ISO)):
            open_cells = np.isnat(times)
            if not open_cells.any():
                break
            found, _ = times_of(words.filter(pa.array(open_cells)), form, keeps_clock=self.clock == KEEPS_CLOCK)
            times[open_cells] = found
        return times

    def from_numbers(self, values: np.ndarray) -> np.ndarray | None:
        """Numbers (n,) as times, where the column counts seconds or is written like 20200131 or 2020."""
        if self.forms[0] in COUNTS:
            return counted_times(values, COUNTS[self.forms[0]])
        if self.forms[0] not in OF_DIGITS:
            return None
        texts = [None if not np.isfinite(value) else f"{value:.0f}" for value in values.tolist()]
        return self.parse(pa.array(texts, pa.string()))

    def example(self) -> str:
        """A date in this form."""
        return readable(self.forms[0])

    def says(self) -> str:
        """The form as people speak of it: `31/01/2020 (day first)`."""
        first = {"day": " (day first)", "month": " (month first)"}.get(order_of(self.forms[0]), "")
        return self.example() + first

    def state(self) -> dict[str, Any]:
        """As JSON can hold it: the arguments of the class."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "DateFormat":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        found = build(cls, state)
        require(bool(found.forms), "a form of dates")
        for form in found.forms:
            if form not in COUNTS:
                re.compile(pattern_of(form))
        if found.zone is not None:
            zone_of(found.zone)
        return found


@dataclass(frozen=True)
class DatesSeen:
    """What became of the different cells of a column.

    Attributes:
        forms: Those that were needed, the most frequent first.
        belongs: (n,) which of `forms` fits a cell, -1 for none.
        rival: Another form that fits every cell and means other days; None where there is none.
        prefers_rival: Whether the cells themselves speak for the rival: there the day is always the same.
        times: (n,) in UTC, read by `forms`.
    """

    forms: tuple[str, ...]
    belongs: np.ndarray
    times: np.ndarray
    offsets: tuple[str, ...] = ()
    rival: str | None = None
    prefers_rival: bool | None = None

    @property
    def share(self) -> float:
        """Share of the cells that some form fits."""
        return float((self.belongs >= 0).mean())

    @property
    def could_be_numbers(self) -> bool:
        """Whether the cells may be numbers as well: eight digits, or a month and a year with a point between them."""
        return self.forms[0] in (EIGHT_DIGITS, "%m.%Y")

    @property
    def is_mixed(self) -> bool:
        """Whether forms stand beside each other that could be mistaken for each other."""
        return len(self.forms) > 1 and not {order_of(form) for form in self.forms} <= {"year", "name"}


def looks_like_date(cell: str) -> bool:
    """Whether a cell has the shape of a date, such as 2020-01-31, 31.1.2020, Jan 2020 or 2020Q1."""
    return bool(SHAPE.match(cell)) and not LOOKS_LIKE_NUMBER.match(cell)


def look(words: pa.Array, forms: Iterable[str] = FORMS) -> DatesSeen | None:
    """Find the form, or the few forms, in which different cells (n,) are written; None where they are not dates."""
    count = len(words)
    probe = words.take(pa.array(np.linspace(0, count - 1, min(PROBE, count)).astype(int)))
    cells = probe.to_pylist()
    if np.mean([looks_like_date(cell) for cell in cells]) < 0.5:
        return None
    matching = [form for form in forms if any(map(re.compile(pattern_of(form)).match, cells))]
    tried = {form: _known(times_of(probe, form)[0], form) for form in matching}
    fitting = [form for form in tried if tried[form].all()] or [form for form in tried if tried[form].any()]
    return _best(words, fitting) if fitting else None


def _best(words: pa.Array, forms: list[str]) -> DatesSeen:
    parsed = {form: times_of(words, form) for form in forms}
    known = {form: _known(times, form) for form, (times, _) in parsed.items()}
    order = sorted(forms, key=lambda form: -int(known[form].sum()))  # stable: day first stays first
    belongs, times = np.full(len(words), -1), np.full(len(words), np.datetime64("NaT", "us"))
    for position, form in enumerate(order):
        adds = (belongs < 0) & known[form]
        belongs[adds], times[adds] = position, parsed[form][0][adds]
    used, belongs = np.unique(belongs[belongs >= 0]).tolist(), np.append(_ranks(belongs), -1)[belongs]
    whole = [form for form in order if known[form].all()]
    rivals = [form for form in whole[1:] if {order_of(form), order_of(whole[0])} == {"day", "month"}]
    rival = next((form for form in rivals if (parsed[form][0] != parsed[whole[0]][0]).any()), None)
    prefers = None if rival is None else _is_month_by_month(parsed[rival][0], parsed[whole[0]][0])
    offsets = _offsets(parsed[order[form]][1].filter(pa.array(belongs == i)) for i, form in enumerate(used))
    return DatesSeen(
        tuple(order[i] for i in used),
        belongs,
        times,
        offsets,
        rival,
        prefers,
    )


def _offsets(columns: Iterable[pa.Array]) -> tuple[str, ...]:
    """The offsets that occur, the most frequent first; none where no time has one."""
    counts: Counter[str] = Counter()
    for column in columns:
        counts.update({pair["values"]: pair["counts"] for pair in column.value_counts().to_pylist()})
    return tuple(name for name, _ in counts.most_common(MOST_OFFSETS)) if set(counts) - {""} else ()


def _ranks(belongs: np.ndarray) -> np.ndarray:
    """The place of each form among those that were needed."""
    is_used = np.bincount(belongs[belongs >= 0], minlength=int(belongs.max(initial=0)) + 1) > 0
    return np.cumsum(is_used) - 1


def _known(times: np.ndarray, form: str) -> np.ndarray:
    """Which cells a form has read; digits alone are a date only if it is of our time."""
    is_plausible = (times >= PLAUSIBLE[0]) & (times < PLAUSIBLE[1]) if form == EIGHT_DIGITS else True
    return ~np.isnat(times) & is_plausible


def _is_month_by_month(rival: np.ndarray, first: np.ndarray) -> bool | None:
    """Whether the rival's days hardly vary and those of the first reading do; None where neither stands out.

    Days of real life go beyond 12 more often than not. Where no cell of many does, the day is always the same, such
    as the first of the month.
    """
    days = [len(np.unique(times.astype("datetime64[D]") - times.astype("datetime64[M]"))) for times in (rival, first)]
    if min(days) > 1 or max(days) < MANY_MONTHS:
        return None
    return days[0] < days[1]
