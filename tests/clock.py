"""A clock of our own, so that no test depends on how long something takes on this machine.

    clock = Clock(tick=0.01)
    clock.replaces(monkeypatch, "deepglass.training.plan", "deepglass.training.loop")

Those modules then see this object where they say `time`: it goes on by a tick at each look, by what is slept, and,
where it `counts_work`, by what this process computes. A stopped process computes nothing.
"""

import importlib
import time
from statistics import median

import pytest

BUDGETED = (  # the modules that a budget in seconds is kept by
    "deepglass.api.train", "deepglass.api.fit", "deepglass.api.estimators", "deepglass.training.plan",
    "deepglass.training.loop", "deepglass.training.epoch_end", "deepglass.runs.finish", "deepglass.runs.blending",
    "deepglass.rivals", "deepglass.evaluate.importance",
)  # fmt: skip


class Clock:
    """Stands in for the module `time`.

    Args:
        tick: Seconds by which each look moves it on.
        counts_work: Whether the processor's seconds of this process count too.
    """

    def __init__(self, tick: float = 0.0, counts_work: bool = False):
        self.tick, self.counts_work = tick, counts_work
        self.passed = 1000.0

    @property
    def now(self) -> float:
        """Seconds, without moving it on."""
        return self.passed + (time.process_time() if self.counts_work else 0.0)

    def monotonic(self) -> float:
        """Seconds; the look itself takes a tick."""
        self.passed += self.tick
        return self.now

    perf_counter = time = monotonic

    def sleep(self, seconds: float) -> None:
        """Move it on, and wait for nothing."""
        self.passed += seconds

    def replaces(self, monkeypatch: pytest.MonkeyPatch, *modules: str) -> "Clock":
        """Let these modules look at this clock; returns the clock."""
        for name in modules:
            monkeypatch.setattr(importlib.import_module(name), "time", self)
        return self


def loops(seconds: float) -> float:
    """Seconds of the processor as multiples of what a million turns of a loop take on this machine, now."""
    takes = []
    for _ in range(5):
        began = time.thread_time()
        sum(i * i for i in range(1_000_000))
        takes.append(time.thread_time() - began)
    return seconds / median(takes)
