"""What a moment says by itself: the hour of the day, the day of the week, the time of the year, as waves.

A period becomes pairs sin(2πkt/P), cos(2πkt/P). Of the day they are also given for every day of the week: what people
do at eight on a Monday is not what they do at eight on a Sunday. The same function serves training and the graph that
leaves the laptop.
"""

import math

import torch
from torch import Tensor

DAY, WEEK, YEAR = 1.0, 7.0, 365.2425  # days; the year on average
MONDAY = 3.0  # days from 1970-01-01, a Thursday, back to a Monday
SIDES = 3  # waves of the week that join each wave of the day: all seven days

Periods = tuple[tuple[float, int], ...]  # (days, waves) of each


def periods_of(step_seconds: float | None, days: float) -> Periods:
    """The periods that a series of so many days can teach; none where steps have no length.

    Args:
        step_seconds: On average.
        days: From the first to the last time of the training.
    """
    if step_seconds is None:
        return ()
    step = step_seconds / 86_400
    chosen = [(YEAR, 3)] if step <= 92 and days >= 2 * YEAR else []
    if step <= 1.5 and days >= 4 * WEEK:
        chosen.append((WEEK, 3))
    if step <= 0.5 and days >= 4:
        chosen.append((DAY, min(6, max(1, int(0.5 / step)))))
    return tuple(chosen)


def count(periods: Periods) -> int:
    """How many features there are."""
    return 2 * len(_frequencies(periods))


def features(days: Tensor, periods: Periods) -> Tensor:
    """Waves of the periods.

    Args:
        days: Since 1970 by the clock on the wall, the time of day as a fraction; float64.

    Shape:
        - days: (…,)
        - output: (…, count) float32
    """
    frequencies = torch.tensor(_frequencies(periods), dtype=days.dtype, device=days.device)
    turns = (days + MONDAY)[..., None] * frequencies
    angle = (2 * math.pi * (turns - turns.floor())).float()
    return torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1)


def _frequencies(periods: Periods) -> list[float]:
    """In turns a day."""
    single = [k / days for days, waves in periods for k in range(1, waves + 1)]
    by_period = dict(periods)
    if DAY in by_period and WEEK in by_period:
        sides = [side / WEEK for side in range(-SIDES, SIDES + 1) if side]
        single += [k / DAY + side for k in range(1, by_period[DAY] + 1) for side in sides]
    return single
