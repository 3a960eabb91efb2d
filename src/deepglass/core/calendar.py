"""Calendars: which times a series has, and which come next.

A calendar is a rule: a step of fixed length, slots of a cycle (working days, hours of business), or days of a month
(its last, the third Friday, the first working day). How a rule is learnt: see `data/reading/calendar.py`.

NumPy and the standard library alone: this very file is a part of `deploy/runtime` too, so that a bundle without
Deepglass counts as the run did.

References:
    The date of Easter: Meeus (1991), Astronomical Algorithms, chapter 8 (after Butcher 1876)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np

from .state import checked, require, require_between  # relative: this file lies in two packages

CLOCK = "datetime64[us]"
MONDAY = np.datetime64("1970-01-05", "us")  # cycles of days and weeks begin here
SECOND = np.timedelta64(1_000_000, "us")
UNITS = ("seconds", "slots", "month slots", "months", "month ends", "number", "steps")
ABSENT = {"date": 2, "weekday": 3, "last weekday": 3, "easter": 1}  # kinds of days that are left out: their values
LEAST_SIZE, MOST_SIZE = 1e-6, 1e12  # of a step or a cycle
MOST_MONTHS, DAY_SECONDS = 1200, 86_400.0
MOST_STEPS = 50_000_000  # between two times: what a machine of usual size holds
MOST_CYCLES = 4_096  # looked ahead in vain before a calendar counts as one without a future


@dataclass(frozen=True)
class Calendar:
    """A rule for the times of a series.

    Args:
        unit: "seconds": steps of `size` seconds. "slots": the `slots` (seconds from the beginning) of every cycle of
            `size` seconds, cycles counted from a Monday. "month slots": likewise of every `size` months, counted from
            January. "months" and "month ends": steps of `size` months on the day of the last time, or on the last day.
            "number": plain numbers, `size` apart. "steps": no rule; steps are counted.
        size: Of a step or a cycle.
        slots: Of "slots", seconds. Of "month slots", (month of the cycle, rule, n, weekday, seconds of the day), where
            the rule is "day" (the n-th, or the last of a shorter month), "weekday" (the n-th Monday is n = 1, weekday
            = 0; the last n = −1) or "working day" (the n-th from Monday to Friday; the last n = −1).
        absent: Days that are left out every year: ("date", month, day), ("weekday", month, weekday, n),
            ("last weekday", month, weekday, 1) or ("easter", days after Easter Sunday).
    """

    unit: str
    size: float = 1.0
    slots: tuple[Any, ...] = ()
    absent: tuple[Any, ...] = ()

    def require_fit(self) -> None:
        """Check a calendar that was read back.

        Raises:
            ValueError: If its rule is none.
        """
        require(self.unit in UNITS, f"one of {', '.join(UNITS)} for 'unit'", self.unit)
        require_between(self.size, LEAST_SIZE, MOST_SIZE, "the size of a step")
        months = self.unit in ("months", "month ends", "month slots")
        require(not months or (self.size == int(self.size) and self.size <= MOST_MONTHS), "whole months", self.size)
        require(bool(self.slots) == self.unit.endswith("slots"), f"slots of the unit {self.unit!r} alone")
        slot = tuple[int, Literal["day", "weekday", "working day"], float, int, float] if months else float
        for found in checked(self.slots, tuple[slot, ...], "slots"):
            start, number = (found[4], found[2]) if months else (found, 1.0)
            require_between(start, 0.0, DAY_SECONDS if months else self.size, "the beginning of a slot")
            require(number == int(number) and 0 < abs(number) <= 31, "a day of a month", number)
            require(not months or (found[0] < self.size and found[3] < 7), "a month of the cycle and a weekday", found)
        for kind, *values in checked(self.absent, tuple[tuple[Any, ...], ...], "absent"):
            require(len(values) == ABSENT.get(str(kind)), f"a rule of {', '.join(ABSENT)}", kind)
            require(all(type(value) is int and abs(value) <= 366 for value in values), "numbers of days", values)

    def after(self, last: Any, count: int) -> np.ndarray:
        """The `count` times that follow `last`: datetime64[us], or numbers for the units "number" and "steps".

        Raises:
            ValueError: If the rule has no times after `last`.
        """
        if self.unit == "steps":
            return np.arange(1, count + 1)
        if self.unit == "number":
            return float(last) + self.size * np.arange(1, count + 1)
        last = np.datetime64(last, "us")
        found, cycles = np.array([], CLOCK), max(2, -(-count // self.slots_per_cycle) + 1)
        while len(found) < count and cycles <= MOST_CYCLES + count:
            found = self._cycles_from(last, cycles)
            found, cycles = found[found > last], 2 * cycles
        if len(found) < count:
            raise ValueError(f"no times follow {last}")
        return found[:count]

    def between(self, first: Any, last: Any) -> np.ndarray:
        """All times from `first` to `last`, both included where they are times of the calendar.

        Steps of fixed length are counted from `first`.

        Raises:
            ValueError: If there are more of them than a machine of usual size holds.
        """
        first, last = np.datetime64(first, "us"), np.datetime64(last, "us")
        if self.unit == "seconds":
            steps = int((last - first) / _seconds(self.size))
            require(steps <= MOST_STEPS, f"at most {MOST_STEPS:,} steps between {first} and {last}", steps)
            return first + _seconds(self.size * np.arange(steps + 1))
        before = first - np.timedelta64(1, "us") if "slots" in self.unit else first
        cycles = int((last - first) / _seconds(self.size * (1 if self.unit == "slots" else 28 * 86400))) + 2
        found = self._cycles_from(before, cycles)
        found = found if "slots" in self.unit else np.append(first, found)
        return found[(found >= first) & (found <= last)]

    @property
    def slots_per_cycle(self) -> int:
        """How many times a cycle has."""
        return max(1, len(self.slots))

    @property
    def seconds(self) -> float | None:
        """Length of a step on average; None where there is none."""
        if self.unit in ("number", "steps"):
            return None
        length = self.size if self.unit in ("seconds", "slots") else self.size * 365.2425 * 86400 / 12
        return length / self.slots_per_cycle

    @property
    def is_on_wall(self) -> bool:
        """Whether the rule speaks of days and hours as a clock on the wall shows them."""
        return self.unit not in ("seconds", "number", "steps")

    def _cycles_from(self, last: np.datetime64, count: int) -> np.ndarray:
        """The times of `count` cycles, the first of which holds `last`; in order, left-out days left out."""
        match self.unit:
            case "seconds":
                times = last + _seconds(self.size * np.arange(1, count + 1))
            case "slots":
                length = _seconds(self.size)
                starts = MONDAY + length * (np.arange(count) + (last - MONDAY) // length)
                times = (starts[:, None] + _seconds(np.array(self.slots))).ravel()
            case "month slots":
                first = last.astype("datetime64[M]").astype(int) // int(self.size) * int(self.size)
                months = first + int(self.size) * np.arange(count)
                times = np.sort(np.concatenate([_in_months(months + slot[0], *slot[1:]) for slot in self.slots]))
            case _:
                times = self._months_after(last, count)
        return times[~is_absent(times, self.absent)] if self.absent else times

    def _months_after(self, last: np.datetime64, count: int) -> np.ndarray:
        day = (last.astype("datetime64[D]") - last.astype("datetime64[M]")).astype(int) + 1
        months = last.astype("datetime64[M]").astype(int) + int(self.size) * np.arange(1, count + 1)
        times = _in_months(months, "day", 31 if self.unit == "month ends" else day, 0, 0)
        return times + (last - last.astype("datetime64[D]"))


def is_absent(times: np.ndarray, rules: Iterable[Any]) -> np.ndarray:
    """Which times (n,) fall on a day that one of the rules of `Calendar.absent` leaves out."""
    found, facts = np.zeros(len(times), bool), day_facts(times)
    for kind, *values in rules:
        found |= np.all([column == value for column, value in zip(facts[kind], values, strict=True)], axis=0)
    return found


def day_facts(times: np.ndarray) -> dict[str, list[np.ndarray]]:
    """What the rules of `Calendar.absent` ask of a day: the values (n,) that each kind of rule compares."""
    days = times.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    month = months.astype(int) % 12 + 1
    day = (days - months).astype(int) + 1
    is_last = (days + 7).astype("datetime64[M]") > months
    years, place = np.unique(days.astype("datetime64[Y]"), return_inverse=True)
    easters = np.array([easter(int(year) + 1970) for year in years.astype(int)], "datetime64[D]")
    return {
        "date": [month, day],
        "weekday": [month, _weekday(days), (day + 6) // 7],
        "last weekday": [month, _weekday(days), is_last.astype(int)],
        "easter": [(days - easters[place]).astype(int)],
    }


def easter(year: int) -> np.datetime64:
    """Easter Sunday of a year in the Gregorian calendar.

    Example:
        >>> str(easter(2024))
        '2024-03-31'
    """
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    rest = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    months, day = divmod(h + rest - 7 * ((a + 11 * h + 22 * rest) // 451) + 114, 31)
    return np.datetime64(f"{year:04}-{months:02}-{day + 1:02}", "D")


# -- zones ----------------------------------------------------------------------------------------------------------


def zone_of(name: str) -> Any:
    """The zone of a name such as Europe/Berlin, UTC or +01:00.

    Raises:
        ValueError: If there is none.
    """
    if name[:1] in "+-" and len(name) > 1:
        return datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"no time zone is called {name!r}") from None


def wall_of(times: np.ndarray, zone: str) -> np.ndarray:
    """Times in UTC (n,) as a clock on the wall shows them in the zone."""
    own = zone_of(zone)
    return _mapped(times, lambda time: time + (time.replace(tzinfo=zone_of("+00:00")).astimezone(own).utcoffset()))


def utc_of(times: np.ndarray, zone: str, fold: int = 0) -> np.ndarray:
    """Times on the wall (n,) in UTC; of an hour that comes twice the first (`fold` 1: the second), of one that is left
    out the next."""
    own = zone_of(zone)
    return _mapped(times, lambda time: time - time.replace(tzinfo=own, fold=fold).utcoffset())


def with_offset(time: np.datetime64, zone: str) -> str:
    """A time in UTC as text, in the zone and with its offset: 2024-11-15T01:00:00+01:00."""
    own = time.astype(CLOCK).item().replace(tzinfo=zone_of("+00:00")).astimezone(zone_of(zone))
    return own.isoformat()


def _mapped(times: np.ndarray, function: Any) -> np.ndarray:
    return np.array([function(time) for time in np.asarray(times, CLOCK).tolist()], CLOCK)


# -- months ---------------------------------------------------------------------------------------------------------


def _in_months(months: np.ndarray, rule: str, n: int, weekday: int, seconds: float) -> np.ndarray:
    """One time in each month (months since 1970); months without one, such as a fifth Friday, are left out."""
    starts = months.astype("datetime64[M]").astype("datetime64[D]")
    ends = (months + 1).astype("datetime64[M]").astype("datetime64[D]") - 1
    if rule == "day":
        days = np.minimum(starts + (n - 1), ends)
    elif rule == "working day":
        days = np.busday_offset(
            starts if n > 0 else ends, n - 1 if n > 0 else n + 1, "forward" if n > 0 else "backward"
        )
    elif n > 0:
        days = starts + (weekday - _weekday(starts)) % 7 + 7 * (n - 1)
    else:
        days = ends - (_weekday(ends) - weekday) % 7 + 7 * (n + 1)
    return days[(days >= starts) & (days <= ends)].astype(CLOCK) + _seconds(seconds)


def _weekday(days: np.ndarray) -> np.ndarray:
    """0 for a Monday; 1970 began on a Thursday, which is 3."""
    return (days.astype(int) + 3) % 7


def _seconds(seconds: Any) -> Any:
    """Seconds as a duration, to the microsecond."""
    return np.round(np.asarray(seconds, np.float64) * 1e6).astype("int64").astype("timedelta64[us]")
