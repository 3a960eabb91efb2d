"""A calendar as people say it: `1 hour, Monday to Friday 08:00 to 17:00`, `1 month, on the last day`."""

from typing import Any

import numpy as np

from deepglass.core.calendar import Calendar
from deepglass.core.wording import counted

DAY = 86_400
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", -1: "last", 21: "21st", 22: "22nd", 23: "23rd", 31: "last"}
FEASTS = {-2: "Good Friday", 0: "Easter Sunday", 1: "Easter Monday", 39: "Ascension Day", 50: "Whit Monday",
          60: "Corpus Christi"}  # fmt: skip
FEW = 3  # times of a day, or days left out, that are listed one by one


def words_of(calendar: Calendar) -> str:
    """The step of a calendar in words."""
    match calendar.unit:
        case "steps":
            return "no fixed length"
        case "number":
            return f"{calendar.size:g}"
        case "seconds":
            return duration(calendar.size)
        case "slots":
            return _of_slots(calendar) + _without(calendar)
        case "month slots":
            return _of_months(calendar)
    return counted(int(calendar.size), "month")


def duration(seconds: float) -> str:
    """`1 day`, `5 minutes`, `0.5 seconds`."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds % length == 0:
            return counted(int(seconds // length), unit)
    return f"{seconds:g} seconds"


def _of_slots(calendar: Calendar) -> str:
    days, hours = np.divmod(np.array(calendar.slots), DAY)
    every, own = np.unique(days).astype(int), np.unique(hours)
    is_product = len(every) * len(own) == len(days)
    if calendar.size > 7 * DAY or not is_product:
        return f"{counted(len(days), 'time')} in every {duration(calendar.size)}"
    is_daily = calendar.size == DAY
    on = "" if is_daily or len(every) == 7 else f", {_run([WEEKDAYS[day] for day in every], every, 1, 7)}"
    times, step = [_clock(hour) for hour in own], float(np.diff(own).min()) if len(own) > 1 else DAY
    if len(own) == 1:
        return f"1 day{on}" + (f" at {times[0]}" if own[0] else "")
    if len(own) <= FEW:
        return f"{len(own)} times a day{on}, at {', '.join(times[:-1])} and {times[-1]}"
    return f"{duration(step)}{on or ', every day'} {_run(times, own, step, DAY)}"


def _run(names: list[str], values: np.ndarray, step: float, cycle: float) -> str:
    """`Monday to Friday`, `Sunday to Thursday`, `08:00 to 11:00 and 13:00 to 17:00`, `Monday, Wednesday and Friday`."""
    gaps = np.append(np.diff(values), cycle - values[-1] + values[0])
    starts = np.flatnonzero(~np.isclose(np.roll(gaps, 1), step))
    if len(starts) == 0 or len(values) <= 2:
        return " and ".join(names) if len(values) <= 2 else f"{names[0]} to {names[-1]}"
    runs = []
    for start, stop in zip(starts, np.append(starts[1:], starts[0] + len(values)), strict=True):
        first, last = names[start], names[(stop - 1) % len(values)]
        runs += [first] if first == last else [f"{first} to {last}"]
    return ", ".join(runs[:-1]) + " and " * (len(runs) > 1) + runs[-1]


def _of_months(calendar: Calendar) -> str:
    step = counted(int(calendar.size), "month")
    days = list(dict.fromkeys(_of_month(slot) for slot in calendar.slots))
    return step if days == ["the 1st"] else f"{step}, on {' and '.join(days)}"


def _of_month(slot: Any) -> str:
    _, rule, n, weekday, _ = slot
    nth = ORDINALS.get(n, f"{abs(n)}th" if n > 0 else f"{abs(n)}th last")
    return f"the {nth} {WEEKDAYS[weekday]}" if rule == "weekday" else f"the {nth}" + (
        " working day" if rule == "working day" else " day" if n == 31 else ""
    )  # fmt: skip


def _without(calendar: Calendar) -> str:
    if not calendar.absent:
        return ""
    days = [_day(rule) for rule in calendar.absent]
    more = f" and {counted(len(days) - FEW, 'other day')}" if len(days) > FEW else ""
    return f", without {', '.join(days[:FEW])}{more}"


def _day(rule: Any) -> str:
    match rule:
        case ["date", month, day] | ("date", month, day):
            return f"{day} {MONTHS[month - 1]}"
        case ["easter", days] | ("easter", days):
            return FEASTS.get(days, f"Easter {days:+} days")
        case [kind, month, weekday, n]:
            nth = "last" if kind == "last weekday" else ORDINALS.get(n, f"{n}th")
            return f"the {nth} {WEEKDAYS[weekday]} of {MONTHS[month - 1]}"
    return str(rule)


def _clock(seconds: float) -> str:
    hours, rest = divmod(round(float(seconds)), 3_600)
    minutes, rest = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{rest:02}" if rest else "")
