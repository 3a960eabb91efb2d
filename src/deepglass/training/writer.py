"""Writes checkpoints beside the training: one thread, one file at a time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Writer:
    """Writes one checkpoint at a time, in a thread beside the training."""

    def __init__(self):
        self.thread = ThreadPoolExecutor(1, "checkpoint")
        self.last: Future | None = None

    def begin(self, write: Callable[[], None]) -> None:
        """Start to write, after what is still being written.

        Raises:
            RunError: If that could not be written.
        """
        self.wait()
        self.last = self.thread.submit(write)

    def wait(self) -> None:
        """Return when all is written.

        Raises:
            RunError: If it could not be written.
        """
        last, self.last = self.last, None
        if last is not None:
            last.result()

    def close(self) -> None:
        """Finish what is being written; the training is over, well or badly."""
        self.thread.shutdown()
