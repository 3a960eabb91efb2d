"""Forms of dates: `%d/%m/%Y` → a regular expression, and what it finds → a time.

A form is written with the codes of `strptime` (Python's `datetime`), and `%q` for a quarter. A form without a time of
day takes one behind the date, with or without seconds, in 12 or 24 hours, with or without an offset from UTC. In a form
with the name of a month, a quarter or a week, a blank stands for whatever people put there: blanks, dots, commas,
strokes, "of". Months are known in six languages.
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from deepglass.core.errors import OptionError

ISO = "%Y-%m-%d"
MONTH_NAMES = {  # English, German, French, Spanish, Italian, Portuguese; accents are left out
    1: "jan january januar janner janv janvier ene enero gen gennaio janeiro",
    2: "feb february februar fev fevr fevrier febrero febbraio fevereiro",
    3: "mar march marz maerz mrz mars marzo marco",
    4: "apr april avr avril abr abril aprile",
    5: "may mai mayo mag maggio maio",
    6: "jun june juni juin junio giu giugno junho",
    7: "jul july juli juil juillet julio lug luglio julho",
    8: "aug august aou aout ago agosto",
    9: "sep sept september septembre septiembre set settembre setembro",
    10: "oct october okt oktober octobre octubre ott ottobre out outubro",
    11: "nov november novembre noviembre novembro",
    12: "dec december dez dezember decembre dic diciembre dicembre dezembro",
}
MONTHS = {name: month for month, names in MONTH_NAMES.items() for name in names.split()}
CODES = {
    "Y": "(?P<year>[0-9]{4})",
    "G": "(?P<year>[0-9]{4})",
    "y": "(?P<short_year>[0-9]{2})",
    "m": "(?P<month>[0-9]{1,2})",
    "d": "(?P<day>[0-9]{1,2})",
    "b": r"(?P<month_name>[^-0-9\s.,/:()]{3,12})[.]?",
    "q": "(?P<quarter>[1-4])",
    "V": "(?P<week>[0-9]{1,2})",
    "u": "(?P<weekday>[1-7])",
    "j": "(?P<yearday>[0-9]{3})",
    "H": "(?P<hour>[0-9]{1,2})",
    "M": "(?P<minute>[0-9]{2})",
    "S": "(?P<second>[0-9]{2})",
    "f": "(?P<fraction>[0-9]{1,9})",
    "p": "(?P<half>[AaPp])[.]?[Mm][.]?",
    "z": r"(?P<offset>[Zz]|UTC|GMT|[-+\x{2212}][0-9]{2}(?::?[0-9]{2})?)".replace(r"\x{2212}", "\u2212"),
}
CODES |= {"B": CODES["b"], "I": CODES["H"], "h": CODES["b"]}
PADDED = CODES | {
    "m": "(?P<month>[0-9]{2})",
    "d": "(?P<day>[0-9]{2})",
    "H": "(?P<hour>[0-9]{2})",
}  # without marks between
OFFSET = rf"(?: ?{CODES['z']})?(?:\[[A-Za-z_/+-]+\])?"  # Java writes the zone behind the offset
CLOCK = (
    r"(?:(?P<mark>[T ,:]+)(?P<hour>[0-9]{1,2})(?:[:.h]?(?P<minute>[0-9]{2}))?(?:[:.]?(?P<second>[0-9]{2})"
    r"(?:[.,](?P<fraction>[0-9]{1,9}))?)?(?: ?(?P<half>[AaPp])[.]?[Mm][.]?)?(?: ?(?:Uhr|h|hrs))?" + OFFSET + ")?Z?"
)
WEEKDAY = r"(?:[^-0-9\s.,/]{2,12}[.]?,?\s+)?"  # Friday, January 31, 2020
BESIDE_NAMES = "(?:[-. /,]|st|nd|rd|th|de|of)*"
BESIDE_PERIODS = "[-/ ']*"  # quarters and weeks
GROUPS = ("year", "short_year", "month", "day", "month_name", "quarter", "week", "weekday", "yearday", "hour", "minute",
          "second", "fraction", "half", "offset")  # fmt: skip
PIVOT = 69  # POSIX: two digits from 69 on are of the twentieth century
EXAMPLES = {"Y": "2020", "G": "2020", "y": "20", "m": "01", "d": "31", "b": "Jan", "h": "Jan", "B": "January", "q": "1",
            "V": "05", "u": "5", "j": "031", "H": "13", "I": "01", "M": "45", "S": "00", "f": "5", "p": "PM",
            "z": "+01:00"}  # fmt: skip
EXAMPLE_SECONDS = 1_580_428_800  # 2020-01-31


class Count(NamedTuple):
    """Times as numbers: how many of them are a second, and which number is the beginning of 1970."""

    per_second: float
    zero: float = 0.0

    def of(self, seconds: float) -> float:
        """The number of a time in seconds since 1970."""
        return self.zero + seconds * self.per_second


COUNTS = {
    "epoch seconds": Count(1),
    "epoch milliseconds": Count(1e3),
    "epoch microseconds": Count(1e6),
    "epoch nanoseconds": Count(1e9),
    "spreadsheet days": Count(1 / 86_400, 25_569),  # since the last day but one of 1899
}


@cache
def pattern_of(form: str) -> str:
    """The regular expression of a form, for RE2 and for Python's `re`.

    Raises:
        OptionError: If a code is unknown or occurs twice.
    """
    codes = re.findall("%(.)", form)
    if odd := [code for code in codes if code not in CODES]:
        raise OptionError(
            f"--date-format {form}: unknown code %{odd[0]}; known are {', '.join('%' + c for c in CODES)}"
        )
    table = PADDED if re.search("%.%", form) else CODES
    has_name = bool({"b", "B", "h"} & set(codes))
    blank = BESIDE_NAMES if has_name else BESIDE_PERIODS if {"q", "V"} & set(codes) else " +"
    parts = re.split("(%.)", form)
    pattern = "".join(table[part[1]] if re.fullmatch("%.", part) else _literal(part, blank) for part in parts)
    repeated = [name for name in GROUPS if pattern.count(f"(?P<{name}>") > 1]
    if repeated or not {"year", "short_year"} & set(re.findall(r"P<(\w+)>", pattern)):
        raise OptionError(f"--date-format {form}: expected one year, month and day at most, such as %d/%m/%Y")
    start = WEEKDAY if has_name and codes[0] not in "Yy" else ""
    clock = CLOCK if not {"H", "I"} & set(codes) else OFFSET if "z" not in codes else ""
    return f"^{start}{pattern}{clock}$"


def times_of(words: pa.Array, form: str, *, keeps_clock: bool = False) -> tuple[np.ndarray, pa.Array]:
    """Cells (n,) as times in UTC, NaT where the form does not fit, and the offsets as they were written.

    Args:
        keeps_clock: Take the clock as it was written, whatever its offset.
    """
    if form in COUNTS:
        return _counted(words, COUNTS[form]), pa.array([""] * len(words), pa.string())
    if form == ISO and (plain := _plain_iso(words)) is not None:
        return plain, pa.array([""] * len(words), pa.string())
    found = compute.extract_regex(words, pattern_of(form))
    names = {field.name for field in found.type}
    parts = {name: compute.fill_null(compute.struct_field(found, name), "") for name in names}
    ok = np.asarray(compute.is_valid(found)).astype(bool)
    days, valid = _days(parts)
    seconds, clock_is_valid = _seconds(parts, keeps_clock)
    times = (days * 86_400 + seconds) * 1_000_000 + _microseconds(parts)
    times = np.where(ok & valid & clock_is_valid, times, np.iinfo(np.int64).min)
    return times.view("datetime64[us]"), parts.get("offset", pa.array([""] * len(words), pa.string()))


def _plain_iso(words: pa.Array) -> np.ndarray | None:
    """Quickly, where every cell is a whole date of ISO 8601 without an offset."""
    lengths = np.asarray(compute.utf8_length(words))
    if not len(words) or ((lengths != len("2020-01-31")) & (lengths < len("2020-01-31 10:00"))).any():
        return None
    try:
        return compute.cast(words, pa.timestamp("us")).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None


def readable(form: str) -> str:
    """A form as an example: `%d/%m/%Y` → `31/01/2020`."""
    if form in COUNTS:
        return f"{COUNTS[form].of(EXAMPLE_SECONDS):.0f}"
    return re.sub("%(.)", lambda code: EXAMPLES.get(code[1], code[0]), form)


def order_of(form: str) -> str:
    """What comes first: "year", "day", "month", "name" (of a month), or "other"; two forms of one order may mix."""
    codes = [code for code in re.findall("%(.)", form) if code in "YymdbBhqGV"]
    if {"b", "B", "h"} & set(codes):
        return "name"
    return (
        {"Y": "year", "d": "day", "m": "month"}.get(codes[0] if codes else "", "other") if "q" not in codes else "other"
    )


def month_of(name: str) -> int:
    """The number of a month's name, 0 where it is none: "Mär." → 3."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return MONTHS.get(plain, 0)


def _literal(text: str, blank: str) -> str:
    """Text between codes: a quarter is also a trimestre, a week a Kalenderwoche."""
    letters = {"Q": "[QqTt]", "W": "(?:[Ww]|[Kk][Ww]|[Cc][Ww])[-. ]*"}
    pieces = (
        letters.get(piece, blank if piece.isspace() else re.escape(piece)) for piece in re.split("(Q|W| +)", text)
    )
    return "".join(piece.replace(r"\-", "-").replace(r"\/", "/") for piece in pieces)


# -- what was found, as numbers -------------------------------------------------------------------------------------


def _number(parts: dict[str, pa.Array], name: str, default: int) -> np.ndarray:
    """A group as whole numbers; `default` where it is absent or empty."""
    if name not in parts:
        return np.array(default)
    texts = compute.if_else(compute.equal(parts[name], ""), str(default), parts[name])
    return np.asarray(compute.cast(texts, pa.int64()))


def _days(parts: dict[str, pa.Array]) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970, and whether there is such a day."""
    short = _number(parts, "short_year", 0)
    year = _number(parts, "year", 0) if "year" in parts else short + np.where(short < PIVOT, 2000, 1900)
    years = (year - 1970).astype("datetime64[Y]")
    if "week" in parts:
        return _days_of_week(years, _number(parts, "week", 1), _number(parts, "weekday", 1))
    if "yearday" in parts:
        yearday = _number(parts, "yearday", 1)
        days = years.astype("datetime64[D]") + (yearday - 1).astype("timedelta64[D]")
        return days.astype(np.int64), (days.astype("datetime64[Y]") == years) & (yearday > 0)
    month = _month(parts)
    months = years.astype("datetime64[M]") + (month - 1).astype("timedelta64[M]")
    day = _number(parts, "day", 1)
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    is_day = (days.astype("datetime64[M]") == months) & (day > 0) & (month > 0) & (month < 13)
    return days.astype(np.int64), is_day


def _days_of_week(years: np.ndarray, week: np.ndarray, weekday: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weeks of ISO 8601: the first is the one with 4 January in it, and begins on a Monday."""
    fourth = years.astype("datetime64[D]").astype(np.int64) + 3
    monday = fourth - (fourth + 3) % 7  # 1970 began on a Thursday
    days = monday + (week - 1) * 7 + weekday - 1
    thursday = (monday + (week - 1) * 7 + 3).astype("datetime64[D]")
    return days, (week > 0) & (thursday.astype("datetime64[Y]") == years)


def _month(parts: dict[str, pa.Array]) -> np.ndarray:
    if "quarter" in parts:
        return _number(parts, "quarter", 1) * 3 - 2
    if "month_name" not in parts:
        return _number(parts, "month", 1)
    encoded = parts["month_name"].dictionary_encode()
    months = np.array([month_of(name) for name in encoded.dictionary.to_pylist()] or [0])
    return months[np.asarray(encoded.indices)]


def _seconds(parts: dict[str, pa.Array], keeps_clock: bool) -> tuple[np.ndarray, np.ndarray]:
    """Seconds of the day in UTC, and whether the clock has such a time; 24:00 is the next midnight."""
    hour, minute, second = (_number(parts, name, 0) for name in ("hour", "minute", "second"))
    valid = (hour <= 24) & (minute < 60) & (second <= 60)
    if "half" in parts:
        half = compute.utf8_lower(parts["half"]).to_numpy(zero_copy_only=False)
        valid = valid & ((half == "") | ((hour >= 1) & (hour <= 12)))
        hour = np.where(half == "", hour, hour % 12 + 12 * (half == "p"))
        valid = valid & ((half != "") | _has_minutes(parts))
    seconds = hour * 3600 + minute * 60 + second
    return seconds if keeps_clock or "offset" not in parts else seconds - _offset_seconds(parts["offset"]), valid


def _has_minutes(parts: dict[str, pa.Array]) -> np.ndarray:
    """An hour alone is a time only with AM or PM, or behind the T of ISO 8601."""
    hour, minute = (compute.equal(parts[name], "").to_numpy(zero_copy_only=False) for name in ("hour", "minute"))
    has_mark = compute.equal(parts["mark"], "T").to_numpy(zero_copy_only=False) if "mark" in parts else False
    return np.asarray(hour | ~minute | has_mark, bool)


def _offset_seconds(offsets: pa.Array) -> np.ndarray:
    encoded = offsets.dictionary_encode()
    seconds = np.array([offset_seconds(offset) for offset in encoded.dictionary.to_pylist()] or [0], np.int64)
    return seconds[np.asarray(encoded.indices)]


def offset_seconds(offset: str) -> int:
    """`+01:00` → 3600; `Z`, `UTC` and nothing are 0."""
    digits = re.sub("[^0-9]", "", offset).ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60
    return -seconds if offset[:1] in ("-", "\u2212") else seconds


def _microseconds(parts: dict[str, pa.Array]) -> np.ndarray:
    if "fraction" not in parts:
        return np.array(0)
    digits = compute.utf8_slice_codeunits(compute.utf8_rpad(parts["fraction"], 6, "0"), 0, 6)
    return np.asarray(compute.cast(digits, pa.int64()))


def _counted(words: pa.Array, count: Count) -> np.ndarray:
    values = pd.to_numeric(pd.Series(words.to_pylist(), dtype=object), errors="coerce").to_numpy(np.float64)
    return counted_times(values, count)


def counted_times(values: np.ndarray, count: Count) -> np.ndarray:
    """Numbers as times; NaT where they are missing or beyond the year 9999."""
    seconds = (values.astype(np.float64) - count.zero) / count.per_second
    is_time = np.isfinite(seconds) & (np.abs(seconds) < 253_402_300_800)
    micros = np.where(is_time, np.round(np.where(is_time, seconds, 0) * 1e6), 0).astype(np.int64)
    return np.where(is_time, micros, np.iinfo(np.int64).min).view("datetime64[us]")
