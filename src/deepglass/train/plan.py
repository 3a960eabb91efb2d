"""How many steps to take: the epochs asked for, or as many as a time budget allows.

A budget is a hard stop. The plan starts from the epochs that the task would like and shrinks when the measured
speed says that they do not fit, so that the learning-rate schedule always reaches its end in time.
"""

import math
import re
import time
from dataclasses import dataclass

from deepglass.core.errors import OptionError

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
SAFETY = 0.97  # of the measured speed: a shared machine slows down now and then
FIRST_LOOK = 1.5  # seconds of training before the speed is believed


def seconds_of(budget: str) -> float:
    """ "90", "90s", "5m", "1.5h" → seconds.

    Raises:
        OptionError: If it is none of these or not positive.
    """
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*(s|m|min|h|)\s*", budget.lower())
    if not match or float(match[1]) <= 0:
        raise OptionError(f"--budget: expected a time such as 90s, 5m or 1h, got {budget!r}")
    return float(match[1]) * UNITS[match[2]]


@dataclass
class Plan:
    """The number of steps to take, and the moment after which none is taken.

    Args:
        total_steps: Steps planned in all.
        deadline: Value of `time.monotonic()` at which training has to be over; None without a budget.
        reserve: Seconds before the deadline that the final evaluation and the report need.
    """

    total_steps: int
    deadline: float | None = None
    reserve: float = 0.0

    @classmethod
    def of(cls, epochs: float, steps_per_epoch: int, deadline: float | None) -> "Plan":
        return cls(max(1, math.ceil(epochs * steps_per_epoch)), deadline)

    def time_left(self) -> float:
        """Seconds until the last step must have been taken."""
        return math.inf if self.deadline is None else self.deadline - self.reserve - time.monotonic()

    def is_over(self, step: int) -> bool:
        """Whether no further step is to be taken."""
        return step >= self.total_steps or self.time_left() <= 0

    def shrink(self, step: int, seconds: float, steps_timed: int) -> None:
        """Shorten the plan when, at the measured speed, what is left does not fit into the time left."""
        if self.deadline is None or seconds < FIRST_LOOK or steps_timed == 0:
            return
        affordable = int(SAFETY * max(0.0, self.time_left()) * steps_timed / seconds)
        self.total_steps = max(step + 1, min(self.total_steps, step + affordable))
