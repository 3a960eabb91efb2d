"""How many steps to take: the epochs asked for, or as many as a time budget allows.

A budget is a hard stop. The plan starts from the epochs that the task would like and is cut to what fits at the
measured speed, again and again, so that the learning-rate schedule reaches its end in time.
"""

import math
import re
import time
from dataclasses import dataclass

from deepglass.core.errors import OptionError

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
SAFETY = 0.97  # of the measured speed: a shared machine slows down now and then
LOOK_EVERY = 1.0  # seconds
REPORT_SECONDS = 3.0  # for the metrics and the report after the last evaluation
MOST_JUDGING = 1 / 3  # of the time that there is, however slow the first steps make judging look
MEMORY = 20.0  # seconds after which a measured speed counts for a third: a slow start is forgiven


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
        asked_steps: Steps wanted when time is no object.
        deadline: Value of `time.monotonic()` at which training has to be over; None without a budget.
        reserve: Seconds before the deadline that the final evaluation and the report need at least.
        judging: What the final evaluation costs, in training steps: held back too, at the speed of late.
    """

    asked_steps: int
    deadline: float | None = None
    reserve: float = 0.0
    judging: float = 0.0

    def __post_init__(self):
        self.total_steps = self.asked_steps
        self.began = time.monotonic()
        self.judging_seconds = 0.0
        self.looked: tuple[float, int] | None = None  # when, and at which step
        self.seconds, self.steps = 0.0, 0.0  # of late

    @classmethod
    def of(cls, epochs: float, steps_per_epoch: int, deadline: float | None) -> "Plan":
        """The plan for so many epochs."""
        return cls(max(1, math.ceil(epochs * steps_per_epoch)), deadline)

    def time_left(self) -> float:
        """Seconds until the last step must have been taken."""
        if self.deadline is None:
            return math.inf
        return self.deadline - max(self.reserve, self.judging_seconds) - time.monotonic()

    def is_over(self, step: int) -> bool:
        """Whether no further step is to be taken."""
        return step >= self.total_steps or self.time_left() <= 0

    def fit(self, step: int) -> None:
        """Fit the plan to the time that is left, at the speed of late; called after every step.

        A first step that takes seconds leaves time for two more, it seems: the last step of a plan looks again.
        """
        if self.deadline is None:
            return
        now = time.monotonic()
        when, before = self.looked or (now, step)
        if self.looked is not None and now - when < LOOK_EVERY and step < self.total_steps:
            return
        fade = math.exp(-(now - when) / MEMORY)
        self.seconds, self.steps = fade * self.seconds + now - when, fade * self.steps + step - before
        self.looked = (now, step)
        if self.seconds and self.steps:
            needed = self.judging * self.seconds / self.steps + REPORT_SECONDS * bool(self.judging)
            self.judging_seconds = min(needed, MOST_JUDGING * (self.deadline - self.began))
            affordable = int(SAFETY * max(0.0, self.time_left()) * self.steps / self.seconds)
            self.total_steps = max(step + 1, min(self.asked_steps, step + affordable))
