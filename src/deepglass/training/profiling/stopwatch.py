"""A stopwatch with a name for every moment: all time belongs to the phase that was switched to last.

On a GPU the computation runs behind the program that asks for it. There the moments are events in the device's own
queue, which cost next to nothing, and are read afterwards: nothing waits for a measurement.
"""

import time
from collections.abc import Callable
from typing import Any

import torch

MOST_EVENTS = 4096  # that are kept before they are read


class Stopwatch:
    """Attributes time to phases, on the processor's clock.

    Args:
        phases: Names of all phases.
        phase: The one that runs at first, and is held.
        began: When it began, on the clock of `time.perf_counter`.
    """

    def __init__(self, phases: tuple[str, ...], phase: str, began: float):
        self.seconds = dict.fromkeys(phases, 0.0)
        self.phase = phase
        self.held: str | None = phase
        self.since = began

    def switch(self, phase: str) -> str:
        """From now on another phase; returns the one before."""
        self.lap()
        before, self.phase = self.phase, phase
        return before

    def hold(self, phase: str | None) -> None:
        """From now on attribute everything to one phase, whatever is switched to, until None is held."""
        self.lap()
        self.held = phase

    def read(self) -> dict[str, float]:
        """Seconds of each phase so far."""
        self.lap()
        return dict(self.seconds)

    def lap(self) -> None:
        """Attribute the time since the last look to what has been running."""
        now = time.perf_counter()
        self.seconds[self.held or self.phase] += now - self.since
        self.since = now


class EventStopwatch(Stopwatch):
    """The same on the clock of a device: the time between two events is that of the work between them, and of waiting.

    Args:
        make_event: Gives an event with `record`, `synchronize` and `elapsed_time` (in milliseconds).
    """

    def __init__(self, phases: tuple[str, ...], phase: str, began: float, make_event: Callable[[], Any]):
        super().__init__(phases, phase, began)
        super().lap()  # what happened before the device had anything to do
        self.make_event = make_event
        self.last = make_event()
        self.last.record()
        self.noted: list[tuple[str, Any]] = []  # events in order, each with the phase that it ended

    def lap(self) -> None:
        event = self.make_event()
        event.record()
        self.noted.append((self.held or self.phase, event))
        if len(self.noted) >= MOST_EVENTS:
            self.settle()

    def read(self) -> dict[str, float]:
        self.lap()
        self.settle()
        return dict(self.seconds)

    def settle(self) -> None:
        """Wait for the last event and turn all of them into seconds."""
        self.noted[-1][1].synchronize()
        for phase, event in self.noted:
            self.seconds[phase] += self.last.elapsed_time(event) / 1000
            self.last = event
        self.noted.clear()


def stopwatch_for(device: torch.device, phases: tuple[str, ...], phase: str, began: float) -> Stopwatch:
    """The stopwatch that suits a device."""
    if device.type == "cpu":
        return Stopwatch(phases, phase, began)
    return EventStopwatch(phases, phase, began, lambda: torch.Event(device, enable_timing=True))
