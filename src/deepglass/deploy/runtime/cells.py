"""Single cells of a table as they were written in the training data: `1.234,50` `$1,200` `31/01/2020` `2020Q1` `00501`.

How each column was written is said by regular expressions with named groups, which are in the description of the
model; what they find is put together here. A cell that fits none is an error. Nothing is guessed.
"""

import math
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

TIME = "time"  # the column that is put together from several
EPOCH = datetime(1970, 1, 1)
SECONDS_PER_DAY = 86_400
PIVOT = 69  # two digits of a year from here on are of the twentieth century
LONGEST, LONGEST_TIME = 200, 80  # characters of a number, and of a date with its clock and zone
SHOWN = 60  # characters of a wrong cell that a message repeats
PLAIN_NUMBER = {
    "pattern": r"^(?P<sign>[-+]?)(?P<whole>[0-9]*)(?:[.](?P<fraction>[0-9]*))?(?P<exponent>(?:[eE][-+]?[0-9]+)?)$"
}


def is_missing(cell: Any, marks: tuple[str, ...] = ("",)) -> bool:
    """Whether a cell holds no value: None, NaN, or one of the marks."""
    if isinstance(cell, str):
        return cell.strip() in marks
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def number(cell: Any, written: dict[str, Any] = PLAIN_NUMBER) -> float:
    """A finite number, from JSON or as the column writes it.

    Args:
        written: `pattern`; `is_plain`, or an `example` for messages.

    Raises:
        ValueError: If it is none; says what was expected.
    """
    value = math.nan
    if isinstance(cell, str):
        value = _number_of(cell.strip(), written)
    elif not isinstance(cell, bool):
        try:
            value = float(cell)
        except (TypeError, ValueError, OverflowError):
            value = math.nan
    if not math.isfinite(value):
        like = "" if written.get("is_plain", True) else f" written like {written['example']}"
        raise ValueError(f"expected a finite number{like}, got {shown(cell)}; leave it empty where it is not known")
    return value


def days(cell: Any, written: dict[str, Any] | None = None) -> float:
    """Days since 1970, the time of day as a fraction; a time with a zone is counted in UTC.

    Args:
        written: `patterns`, `months` by name, `keeps_clock`, `example`; where times are numbers, `count`: how many of
            them are a second, and which is the beginning of 1970.

    Raises:
        ValueError: If it is not a date; says what was expected.
    """
    return (moment(cell, written) - EPOCH).total_seconds() / SECONDS_PER_DAY


def moment(cell: Any, written: dict[str, Any] | None = None) -> datetime:
    """The time that a cell means, in UTC where it has an offset; the arguments and the error are those of `days`."""
    return time_of(cell, written).replace(tzinfo=None)


def time_of(cell: Any, written: dict[str, Any] | None = None) -> datetime:
    """As `moment`, with the zone UTC where the cell has an offset, and without a zone where it has none.

    Raises:
        ValueError: If the cell is not a date.
    """
    try:
        time = _found(cell, written)
    except (ValueError, OverflowError):
        time = None
    if time is None:
        like = written["example"] if written else "2020-01-31"
        raise ValueError(f"expected a date such as {like}, got {shown(cell)}; leave it empty if it is not known")
    return time


def put_together(row: dict[str, Any], reading: dict[str, Any] | None) -> datetime | None:
    """The time of a row that has its date and its clock, or year, month and day, in columns of their own.

    Args:
        reading: `time_parts`, the columns, and how each is written, in `columns`.

    Returns:
        None where the training table had its times in one column, or the row lacks one of the parts.

    Raises:
        ValueError: If a part is not a date or number.
    """
    parts = (reading or {}).get("time_parts", [])
    if not parts or any(is_missing(row.get(part)) for part in parts):
        return None
    written = [(reading or {})["columns"].get(part, {}) for part in parts]
    if "date" in written[0]:
        hours = number(row[parts[1]], written[1].get("number", PLAIN_NUMBER))
        try:
            return moment(row[parts[0]], written[0]["date"]) + timedelta(seconds=round(hours * 3600))
        except OverflowError:
            raise ValueError(f"{shown(row[parts[1]])} is not a time of the day") from None
    values = [int(number(row[part], form.get("number", PLAIN_NUMBER))) for part, form in zip(parts, written)]
    try:
        return datetime(*(values if len(values) > 2 else [*values, 1]))  # pyright: ignore[reportArgumentType]
    except (ValueError, OverflowError):
        raise ValueError(f"{', '.join(parts)} make no date: {', '.join(shown(row[part]) for part in parts)}") from None


def shown(cell: Any) -> str:
    """A cell for a message, cut where it is long."""
    text = repr(cell)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


@cache
def _linear(pattern: str) -> re.Pattern[str]:
    """The expression of a number, in which no run of blanks or digits is given back once it is taken.

    Nothing that may follow a run begins as the run goes on, so the same cells fit; but a cell of blanks that fits
    nowhere would else be parted in every way there is: minutes for 100 of them.
    """
    return re.compile(pattern.strip("^$").replace("]*", "]*+"))


def _number_of(text: str, written: dict[str, Any]) -> float:
    found = _linear(written["pattern"]).fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return math.nan
    part = {name: value or "" for name, value in found.groupdict().items()}
    if "hours" in part:
        return _hours(part)
    whole = re.sub("[^0-9]", "", part["whole"])
    if not whole and not part["fraction"]:
        return math.nan
    value = float(f"{whole or 0}.{part['fraction'] or 0}{part['exponent']}")
    value *= written.get("scales", {}).get(part.get("scale"), 1.0)
    is_negative = part.get("open") or any(part.get(name, "") not in ("", "+") for name in ("sign", "inner", "last"))
    return -value if is_negative else value


def _hours(part: dict[str, str]) -> float:
    """A clock time or a duration in hours; a minus in front of days belongs to the days alone."""
    hours, half = int(part["hours"]), part["half"].lower()
    if half and not 1 <= hours <= 12:
        return math.nan
    hours = hours % 12 + 12 * (half == "p") if half else hours
    time = hours + int(part["minutes"]) / 60 + float(f"{part['seconds'] or 0}.{part['fraction'] or 0}") / 3600
    sign = -1 if part["sign"] else 1
    return sign * int(part["days"]) * 24 + time if part["days"] else sign * time


def _found(cell: Any, written: dict[str, Any] | None) -> datetime | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float) and written and not isinstance(cell, bool):
        if written.get("count"):
            return _counted(cell, *written["count"])
        cell = f"{cell:.0f}" if written.get("is_digits") else None
    if isinstance(cell, str):
        return _read(cell.strip(), written) if written else _in_utc(datetime.fromisoformat(cell))
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)
    return _in_utc(cell) if isinstance(cell, datetime) else None


def _read(text: str, written: dict[str, Any]) -> datetime | None:
    if written.get("count") and len(text) <= LONGEST_TIME and re.fullmatch(r"-?[0-9]+([.][0-9]*)?", text):
        return _counted(float(text), *written["count"])
    for pattern in written["patterns"] if len(text) <= LONGEST_TIME else ():
        if found := re.fullmatch(pattern.strip("^$"), text):
            part = {name: value or "" for name, value in found.groupdict().items()}
            try:
                keeps_clock = bool(written.get("keeps_clock"))
                time = _day(part, written.get("months", {})) + _clock(part, keeps_clock)
                return time.replace(tzinfo=UTC) if part.get("offset") and not keeps_clock else time
            except ValueError:  # no such day, or no such hour
                continue
    return None


def _counted(value: float, per_second: float, zero: float) -> datetime:
    return EPOCH + timedelta(seconds=(value - zero) / per_second)


def _day(part: dict[str, str], months: dict[str, int]) -> datetime:
    short = int(part.get("short_year") or 0)
    year = int(part["year"]) if part.get("year") else short + (2000 if short < PIVOT else 1900)
    if part.get("week"):
        first = date.fromisocalendar(year, int(part["week"]), int(part.get("weekday") or 1))
        return datetime(first.year, first.month, first.day)
    if part.get("yearday"):
        day = datetime(year, 1, 1) + timedelta(days=int(part["yearday"]) - 1)
        if day.year != year:
            raise ValueError("no such day")
        return day
    month = int(part.get("month") or 1)
    if part.get("quarter"):
        month = int(part["quarter"]) * 3 - 2
    elif "month_name" in part:
        month = months.get(_plain(part["month_name"]), 0)
    return datetime(year, month, int(part.get("day") or 1))


def _clock(part: dict[str, str], keeps_clock: bool) -> timedelta:
    """The time of day, in UTC; 24:00 is the next midnight."""
    hour, minute, second = (int(part.get(name) or 0) for name in ("hour", "minute", "second"))
    half = part.get("half", "").lower()
    if hour > 24 or minute > 59 or second > 60 or (half and not 1 <= hour <= 12) or _lacks_minutes(part):
        raise ValueError("no such time")
    if half:
        hour = hour % 12 + 12 * (half == "p")
    micros = int(part.get("fraction", "").ljust(6, "0")[:6] or 0)
    offset = 0 if keeps_clock else _offset_seconds(part.get("offset", ""))
    return timedelta(hours=hour, minutes=minute, seconds=second - offset, microseconds=micros)


def _lacks_minutes(part: dict[str, str]) -> bool:
    return bool(part.get("hour")) and not part.get("minute") and not part.get("half") and part.get("mark") != "T"


def _offset_seconds(offset: str) -> int:
    digits = re.sub("[^0-9]", "", offset).ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60
    return -seconds if offset[:1] in ("-", "\u2212") else seconds


def _plain(name: str) -> str:
    """The name of a month in small letters without accents."""
    return unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()


def _in_utc(time: datetime) -> datetime:
    return time if time.tzinfo is None else time.astimezone(UTC)
