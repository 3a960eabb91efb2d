"""What the loop tells whoever watches: a bar on a terminal, a line per epoch in a pipe, nothing when quiet.

The loop calls the five methods of `Watcher`; the pictures live in core/console.py.
"""

from typing import Any


class Watcher:
    """Watches a training in silence; subclasses show something."""

    def start(self, total_steps: int, monitor: str) -> None:
        """Training begins; `monitor` is the validation metric that chooses the best epoch."""

    def step(self, step: int, total_steps: int, loss: float | None, examples_per_second: float) -> None:
        """A step was taken; `loss` is the mean of the epoch so far where it is known without waiting."""

    def epoch(self, record: dict[str, Any], is_best: bool) -> None:
        """An epoch ended; `record` is its line of the history."""

    def note(self, sentence: str) -> None:
        """Something was decided that a user may want to know."""

    def finish(self, sentence: str) -> None:
        """Training ended, and why."""
