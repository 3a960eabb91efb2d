"""How many steps to take: the epochs asked for, or as many as a time budget allows.

A budget is a hard stop and never a reason to go on. The plan starts from the epochs that the task would like and is cut
to what fits at the measured speed, again and again. The schedule of the learning rate follows how much of the training
is done, a number that only grows, from 0 to 1, and never jumps: a changed plan changes how fast it grows from there on.
"""

import math
import re
import time
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from deepglass.core.errors import OptionError

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
SAFETY = 0.97  # of the measured speed: a shared machine slows down now and then
LOOK_EVERY = 1.0  # seconds between two measurements of the speed at most
LOOKS = 50  # that a budget allows for at least: a short one is measured more often
REPORT_SECONDS = 3.0  # for the metrics and the report after the last evaluation
MOST_JUDGING = 1 / 3  # of the time that there is, however slow the first steps make judging look
NEAR = 0.02  # of the steps to come: a plan that is off by less is kept
MEMORY = 20  # measurements that make up the recent speed
OUTLIER = 5.0  # times slower than the median: somebody else had the machine, or a compiler ran; counts for no more


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
        asked_steps: Steps wanted when time is no object; never more are taken.
        deadline: Value of `time.monotonic()` at which training has to be over; None without a budget.
        reserve: Seconds before the deadline that the final evaluation and the report need at least.
        judging: What the final evaluation costs, in training steps: held back too, at the recent speed.
        budget: Seconds that there were in all, with whatever happened before training began.
        changes: At which steps the number of steps was changed, and to what: a repetition follows it without a clock.
    """

    asked_steps: int
    deadline: float | None = None
    reserve: float = 0.0
    judging: float = 0.0
    budget: float = 0.0
    changes: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self):
        self.total_steps = self.asked_steps
        self.began = time.monotonic()
        self.judging_seconds = 0.0
        self.script: dict[int, int] = {}  # the changes of another training that this one repeats
        self.last_step: int | None = None  # of that training
        self.anchor = (0, 0.0)  # the step of the last change, and the share of the training that was done by then
        self.looked: tuple[float, int] | None = None  # when, and at which step
        self.is_warm = False  # the first measurement is over: it holds what only happens once
        self.measured: deque[tuple[float, int]] = deque(maxlen=MEMORY)  # seconds and steps between two looks

    @classmethod
    def of(cls, epochs: float, steps_per_epoch: int, deadline: float | None) -> "Plan":
        """The plan for so many epochs."""
        return cls(max(1, math.ceil(epochs * steps_per_epoch)), deadline)

    def time_left(self) -> float:
        """Seconds until the last step must have been taken."""
        if self.deadline is None:
            return math.inf
        return self.deadline - max(self.reserve, self.judging_seconds) - time.monotonic()

    def is_done(self, step: int) -> bool:
        """Whether all steps of the plan are taken."""
        return step >= (self.total_steps if self.last_step is None else self.last_step)

    def is_over(self, step: int) -> bool:
        """Whether no further step is to be taken: all are, or the time is up."""
        return self.is_done(step) or self.time_left() <= 0

    def repeat(self, steps: int, changes: list[list[int]]) -> None:
        """Take the steps of a training that is over: its clock stopped and changed the plan where it will again."""
        self.deadline, self.last_step, self.script = None, steps, dict(changes)

    def position(self, step: int) -> float:
        """Where `step` is on a schedule of `total_steps`: the step itself, unless the plan was changed on the way."""
        begun, done = self.anchor
        if begun == 0:
            return step
        share = done + (1 - done) * (step - begun) / max(1, self.total_steps - begun)
        return min(1.0, share) * self.total_steps

    def change(self, step: int, total_steps: int) -> None:
        """From `step` on, plan for another number of steps in all."""
        if total_steps != self.total_steps:
            self.anchor = (step, self.position(step) / self.total_steps)
            self.total_steps = total_steps
            self.changes.append((step, total_steps))

    def fitted(self, step: int) -> int:
        """How many steps in all fit into the time that is left, at the recent speed; asked after every step."""
        if self.deadline is None or not self._look(step):
            return self.script.get(step, self.total_steps)
        seconds_per_step = self._seconds_per_step()
        needed = self.judging * seconds_per_step + REPORT_SECONDS * bool(self.judging)
        self.judging_seconds = min(needed, MOST_JUDGING * (self.deadline - self.began))
        affordable = int(SAFETY * max(0.0, self.time_left()) / seconds_per_step)
        total_steps = min(self.asked_steps, step + affordable)
        is_near = abs(total_steps - self.total_steps) <= NEAR * (self.total_steps - step)
        return self.total_steps if is_near else total_steps

    def state(self) -> dict[str, Any]:
        """What a resumed training needs to go on with the same schedule, and with what is left of its budget."""
        spent = self.budget - (self.deadline - time.monotonic()) if self.deadline else 0.0
        steps = {"total_steps": self.total_steps, "anchor": list(self.anchor), "changes": [*map(list, self.changes)]}
        return steps | {"spent": spent}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave; another number of epochs, asked for since, stays."""
        self.changes = [(step, total) for step, total in state["changes"]]
        if self.deadline is not None:
            self.deadline -= state["spent"]
        if self.deadline is not None or self.changes:
            self.total_steps, self.anchor = state["total_steps"], (state["anchor"][0], state["anchor"][1])

    def _look(self, step: int) -> bool:
        """Measure the speed, once in a while; whether there is a new measurement to plan by."""
        now = time.monotonic()
        when, before = self.looked or (now, step)
        pause = min(LOOK_EVERY, (self.deadline - self.began) / LOOKS) if self.deadline else LOOK_EVERY
        if self.looked is not None and now - when < pause:
            return False
        self.looked = (now, step)
        if step > before:
            if self.is_warm:
                self.measured.append((now - when, step - before))
            self.is_warm = True
        return bool(self.measured)

    def _seconds_per_step(self) -> float:
        """The mean of the recent measurements, no one counting for more than `OUTLIER` times their median."""
        typical = median(seconds / steps for seconds, steps in self.measured)
        spent = sum(min(seconds, OUTLIER * typical * steps) for seconds, steps in self.measured)
        return spent / sum(steps for _, steps in self.measured)
