"""Days that a calendar leaves out every year: Christmas, Good Friday, the fourth Thursday of November.

A day counts as left out where it was absent every time that it could have come, more often than chance explains: with
a share a of all days absent, n absences in a row have the probability aⁿ, and there are as many such days to choose
from as a rule has values. Well-known holidays need less evidence than any other day.
"""

from typing import Any

import numpy as np

from deepglass.core.calendar import Calendar, day_facts

CHANCE = 0.05  # of one day too many, over all rules
WELL_KNOWN = (
    ("date", 1, 1), ("date", 12, 25), ("date", 12, 26), ("date", 5, 1), ("date", 7, 4), ("easter", -2), ("easter", 1),
    ("easter", 39), ("easter", 50), ("weekday", 11, 3, 4), ("last weekday", 5, 0, 1), ("weekday", 9, 0, 1),
    ("date", 10, 3), ("date", 11, 1),
)  # fmt: skip


def absent_days(calendar: Calendar, times: np.ndarray) -> tuple[Any, ...]:
    """Rules of the days that are left out, in the form of `Calendar.absent`; the rules of a date come first.

    Args:
        calendar: Without such rules.
        times: (n,) datetime64[us], sorted.
    """
    if (calendar.seconds or np.inf) > 3 * 86_400 or times[-1] - times[0] < np.timedelta64(600, "D"):
        return ()
    days = np.unique(calendar.between(times[0], times[-1]).astype("datetime64[D]"))
    is_there = np.isin(days, np.unique(times.astype("datetime64[D]")))
    share = float((~is_there).mean())
    found: list[Any] = []
    if not 0 < share < 0.2:
        return ()
    for kind, columns in day_facts(days).items():
        is_open = ~np.isin(np.arange(len(days)), _explained(days, found))
        found += _rules(kind, columns, is_there, is_open, share)
    return tuple(found)


def _rules(kind: str, columns: list[np.ndarray], is_there: np.ndarray, is_open: np.ndarray, share: float) -> list[Any]:
    """The values of one kind of rule that were never there."""
    values, place = np.unique(np.stack(columns), axis=1, return_inverse=True)
    place = place.ravel()
    total, there = np.bincount(place), np.bincount(place, is_there)
    news = np.bincount(place, is_open & ~is_there, minlength=len(total))  # absences that no earlier rule explains
    rules = []
    for i in np.flatnonzero((there == 0) & (total >= 2) & (news >= 1)):
        rule = (kind, *(int(value) for value in values[:, i]))
        choices = len(WELL_KNOWN) if rule in WELL_KNOWN else len(total)
        if share ** float(news[i]) * choices < CHANCE and (kind != "last weekday" or rule[-1]):
            rules.append(rule)
    return rules


def _explained(days: np.ndarray, rules: list[Any]) -> np.ndarray:
    """Positions of the days that rules leave out."""
    from deepglass.core.calendar import is_absent

    return np.flatnonzero(is_absent(days, rules)) if rules else np.array([], int)
