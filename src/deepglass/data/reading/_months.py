"""Rules of the month that could explain times: a day, its last day, the third Friday, the first working day."""

from collections.abc import Iterator

import numpy as np

from deepglass.core.calendar import CLOCK, Calendar

MOST_PER_MONTH = 6  # times of one month by a rule of the month; more follow a week or a clock
SHARE = 0.5  # of the months in which one of several days must occur
BITS = {"day": 5.0, "weekday": 8.0, "working day": 6.0}
USUAL = {("day", 1): 2.0, ("day", 31): 2.0, ("working day", 1): 4.0, ("working day", -1): 4.0}


def candidates(times: np.ndarray) -> Iterator[tuple[Calendar, float]]:
    """Calendars with the bits that name them.

    Args:
        times: (n,) datetime64[us], sorted, each once.
    """
    days = times.astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(int)
    clock = np.unique((times - days.astype(CLOCK)).astype(np.int64))
    if len(clock) > 1 or months[-1] - months[0] < 2:
        return
    seconds = float(clock[0]) / 1e6
    if len(np.unique(months)) == len(months):
        yield from _once(days, months, seconds)
    elif len(months) <= MOST_PER_MONTH * len(np.unique(months)):
        yield from _several(days, months, seconds)


def _once(days: np.ndarray, months: np.ndarray, seconds: float) -> Iterator[tuple[Calendar, float]]:
    """One time per month, quarter or year."""
    steps, counts = np.unique(np.diff(months), return_counts=True)
    step = int(steps[np.argmax(counts)])
    phase = int(np.bincount(months % step).argmax())
    facts = _facts(days)
    for rule, columns in facts.items():
        pairs, counts = np.unique(columns, axis=1, return_counts=True)
        n, weekday = (int(value) for value in pairs[:, np.argmax(counts)])
        yield _month_calendar(step, [(phase, rule.removeprefix("last "), n, weekday, seconds)])
    largest = int(facts["day"][0].max())
    if largest > 28:  # clipped to the length of the month
        yield _month_calendar(step, [(phase, "day", largest, 0, seconds)])
    if (days + 1).astype("datetime64[M]").astype(int).tolist() == (months + 1).tolist():
        yield _month_calendar(step, [(phase, "day", 31, 0, seconds)])


def _several(days: np.ndarray, months: np.ndarray, seconds: float) -> Iterator[tuple[Calendar, float]]:
    """Several days of every month, such as the 1st and the 15th, or the 10th, the 20th and the last."""
    count = len(np.unique(months))
    day, _ = _facts(days)["day"]
    is_last = (days + 1).astype("datetime64[M]").astype(int) > months
    has_last = is_last.sum() > SHARE * count
    values, counts = np.unique(day[~is_last] if has_last else day, return_counts=True)
    chosen = [int(value) for value in values[counts > SHARE * count]] + ([31] if has_last else [])
    if 1 < len(chosen) <= MOST_PER_MONTH:
        yield _month_calendar(1, [(0, "day", n, 0, seconds) for n in chosen])


def _facts(days: np.ndarray) -> dict[str, np.ndarray]:
    """What each rule says of each day: n and weekday (2, n_days)."""
    starts = days.astype("datetime64[M]").astype("datetime64[D]")
    ends = (days.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    day, zero = (days - starts).astype(int) + 1, np.zeros(len(days), int)
    weekday = (days.astype(int) + 3) % 7
    return {
        "day": np.stack([day, zero]),
        "weekday": np.stack([(day + 6) // 7, weekday]),
        "last weekday": np.stack([-1 - (ends - days).astype(int) // 7, weekday]),
        "working day": np.stack([np.busday_count(starts, days) + 1, zero]),
        "last working day": np.stack([-np.busday_count(days, ends + 1), zero]),
    }


def _month_calendar(step: int, slots: list[tuple]) -> tuple[Calendar, float]:
    bits = sum(USUAL.get(slot[1:3], BITS[slot[1]]) for slot in slots)
    return Calendar("month slots", float(step), tuple(slots)), bits + 2 * (step != 1)
