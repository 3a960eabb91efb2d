"""The calendar of a series, learnt from its times: fixed steps, hours and days of a week, days of a month.

Every rule that could explain the times is written down with what it costs in bits: to name the rule, the times that it
expects and that are absent, and the times that it does not know (minimum description length, Rissanen 1978,
https://doi.org/10.1016/0005-1098(78)90005-5). The cheapest is taken: ten rows from two weeks of Monday to Friday are
working days, and a daily series that lacks every tenth day stays daily.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from deepglass.core.calendar import CLOCK, MONDAY, Calendar
from deepglass.data.reading import _months, _yearly

DAY, WEEK = 86_400.0, 604_800.0  # seconds
CYCLES = (DAY, WEEK, 2 * WEEK, 4 * WEEK, 13 * WEEK)  # 13 weeks: quarters of four, four and five weeks
FEWEST_CYCLES = 2  # less shows no repetition
MOST_SLOTS = 20_000  # of a cycle; two weeks of minutes
PRESENCE = 0.25  # of the cycles in which a slot must occur: a rarer one costs less as an exception
RECENT = 40  # of the last times, or a quarter of them: enough to show a rule that has changed
MANY_ABSENT, FEW_ABSENT = 0.1, 0.02  # shares of recent times that an old rule lacks and a new one explains
RETIRED = 4  # cycles without a slot that used to come, before it counts as given up
FILL_LIMIT = 0.5  # absent times may be at most so many in proportion to the times
KNOWN_SHARE = 0.9  # of the times a rule must know
RULE_BITS = {1.0: 3.0, 60.0: 2.0, 3600.0: 1.0, DAY: 0.0, WEEK: 1.0}  # of usual steps; others cost more
WORKWEEKS = ((0, 1, 2, 3, 4), (6, 0, 1, 2, 3), (0, 1, 2, 3, 4, 5))  # Monday to Friday, Sunday to Thursday, to Saturday


@dataclass(frozen=True)
class Candidate:
    """A rule and the bits that it takes to name it."""

    calendar: Calendar
    bits: float


def learn(times: np.ndarray) -> Calendar:
    """The calendar of times; the unit "steps" where no rule explains them.

    Args:
        times: (n,) datetime64, sorted, each once.
    """
    times = times.astype(CLOCK)
    calendar = _cheapest(times)
    recent = times[-max(RECENT, len(times) // 4) :]
    if calendar is None or (len(recent) < len(times) and _absent_share(calendar, recent) > MANY_ABSENT):
        other = _cheapest(recent)  # the rule may have changed: what comes next follows the last one
        calendar = other if other and _absent_share(other, recent) < FEW_ABSENT else calendar
    if calendar is None:
        return Calendar("steps")
    return replace(calendar, absent=_yearly.absent_days(calendar, times))


def grid_of(calendar: Calendar, times: np.ndarray) -> np.ndarray:
    """The steps of sorted times: those of the calendar between the first and the last, and every other time as well."""
    if calendar.unit == "steps" or len(times) == 0:
        return times
    return np.union1d(calendar.between(times[0], times[-1]), times)


def candidates(times: np.ndarray) -> list[Candidate]:
    """Every rule that is worth a look, the simple ones first."""
    if len(times) < 3:
        return []
    return [*_fixed(times), *(Candidate(*found) for found in _months.candidates(times)), *_cycles(times)]


def _cheapest(times: np.ndarray) -> Calendar | None:
    """The rule with the fewest bits; None where none explains the times."""
    costs = [(_cost(found, times), found.calendar) for found in candidates(times)]
    cost, calendar = min(costs, key=lambda pair: pair[0], default=(np.inf, None))
    return calendar if cost < np.inf else None


def _absent_share(calendar: Calendar, times: np.ndarray) -> float:
    """How much of what a calendar expects between the first and the last time is absent."""
    return 1 - float(np.isin(calendar.between(times[0], times[-1]), times).mean())


def _cost(found: Candidate, times: np.ndarray) -> float:
    """Bits of the rule and of everything that does not follow it; infinite where it explains too little."""
    try:
        grid = found.calendar.between(times[0], times[-1])
    except ValueError:  # far more steps than times
        return np.inf
    if len(grid) == 0:
        return np.inf
    grid = _since_they_exist(found.calendar, grid, times)
    known = int(np.isin(times, grid, assume_unique=True).sum())
    absent, others = len(grid) - known, len(times) - known
    if known < KNOWN_SHARE * len(times) or absent > FILL_LIMIT * len(times):
        return np.inf
    return found.bits + _entropy(absent, len(grid)) + others * (4 + np.log2(len(grid) + 1))


def _entropy(some: int, count: int) -> float:
    """Bits that say which `some` of `count` it is."""
    if some in (0, count):
        return 0.0
    share = some / count
    return -count * (share * np.log2(share) + (1 - share) * np.log2(1 - share))


def _since_they_exist(calendar: Calendar, grid: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The grid without what lies before the first time of each slot: a shop that opens on Sundays since May."""
    if calendar.unit != "slots":
        return grid
    slot_of, first = np.unique(_within(times, calendar.size), return_index=True)
    place = np.searchsorted(slot_of, within := _within(grid, calendar.size)).clip(max=len(slot_of) - 1)
    return grid[(slot_of[place] != within) | (grid >= times[first][place])]


# -- fixed steps ----------------------------------------------------------------------------------------------------


def _fixed(times: np.ndarray) -> Iterator[Candidate]:
    """Steps of the length that most neighbours have."""
    steps, counts = np.unique(np.diff(times), return_counts=True)
    step = float(steps[np.argmax(counts)] / np.timedelta64(1, "s"))
    yield Candidate(Calendar("seconds", step), _bits_of_step(step))


def _bits_of_step(seconds: float) -> float:
    if seconds in RULE_BITS:
        return RULE_BITS[seconds]
    if seconds >= 28 * DAY:
        return 16.0  # a month or a year is far more usual
    return 3.0 if DAY % seconds == 0 else 6.0


# -- slots of a cycle -----------------------------------------------------------------------------------------------


def _cycles(times: np.ndarray) -> Iterator[Candidate]:
    """The slots of a day, a week, two weeks …, that come again and again."""
    for length in CYCLES:
        if times[-1] - times[0] < np.timedelta64(
            int(FEWEST_CYCLES * length * 1e6 * 0.99 - DAY * 1e6 * (length > DAY) * 3), "us"
        ):
            continue
        slots = _slots(times, length)
        gaps = np.append(np.diff(slots), length - slots[-1] + slots[0]) if len(slots) else slots
        if len(slots) <= MOST_SLOTS and not np.allclose(gaps, gaps[:1]):  # else it is a fixed step
            yield Candidate(Calendar("slots", length, tuple(slots.tolist())), _bits_of_slots(slots, length, times))


def _slots(times: np.ndarray, length: float) -> np.ndarray:
    """Seconds from the beginning of a cycle at which times come, those given up left out."""
    cycle = (times - MONDAY) // np.timedelta64(int(length * 1e6), "us")
    cycle = np.unique(cycle, return_inverse=True)[1]  # cycles without any time do not count
    slots, slot_of, counts = np.unique(_within(times, length), return_inverse=True, return_counts=True)
    first, last = np.full(len(slots), cycle[-1]), np.zeros(len(slots), int)
    np.minimum.at(first, slot_of, cycle)
    np.maximum.at(last, slot_of, cycle)
    presence = counts / (last - first + 1)
    missed = cycle[-1] - last
    is_retired = (missed >= RETIRED) & ((1 - presence.clip(max=0.999)) ** missed < 1e-3)
    is_rare = counts / (cycle[-1] - first + 1) < PRESENCE
    return slots[~is_retired & ~is_rare & (counts > 1)].astype(np.float64) / 1e6


def _within(times: np.ndarray, length: float) -> np.ndarray:
    """Microseconds since the beginning of the cycle."""
    return ((times - MONDAY) % np.timedelta64(int(length * 1e6), "us")).astype(np.int64)


def _bits_of_slots(slots: np.ndarray, length: float, times: np.ndarray) -> float:
    """Runs of slots a step apart are named by their two ends; the same hours on several days are named once."""
    step = float(np.median(np.diff(times)) / np.timedelta64(1, "s"))
    days, hours = np.divmod(slots, DAY)
    every, own = np.unique(days), np.unique(hours)
    single = _bits_of_runs(slots, length, step)
    if length == DAY or len(slots) != len(every) * len(own):
        return 2 + single
    of_days = (
        1.0
        if tuple(every.astype(int)) in map(tuple, map(sorted, WORKWEEKS))
        else _bits_of_runs(every, length / DAY, 1.0)
    )
    return 2 * np.log2(length / DAY) - 2 * np.log2(7) + 1 + min(single, of_days + _bits_of_runs(own, DAY, step))


def _bits_of_runs(slots: np.ndarray, length: float, step: float) -> float:
    """Two ends each, out of as many places as the cycle has; a slot by itself has one."""
    gaps = np.append(np.diff(slots), length - slots[-1] + slots[0])
    starts = int((~np.isclose(gaps, step)).sum())
    if starts == 0 or len(slots) == 1:
        return 0.0
    return min(len(slots), 2 * starts) * np.log2(max(2.0, length / min(step, gaps.min())))
