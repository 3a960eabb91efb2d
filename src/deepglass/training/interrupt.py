"""Ctrl-C as a request: training stops after the step, keeps the best model and says how to resume.

A second Ctrl-C means it: Python's usual KeyboardInterrupt.
"""

import signal
import threading
from types import FrameType


class Interrupt:
    """A context in which the first SIGINT or SIGTERM sets `requested` instead of raising."""

    def __init__(self):
        self.requested = False
        self._previous: dict[int, object] = {}

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._request)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
