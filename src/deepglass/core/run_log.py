"""The log of a training: a line of JSON per event, written while it runs, for whoever watches.

    {"event": "begin", "process": 4711, "host": "desk", "time": …}     the file is locked while that process works
    {"event": "start", "total_steps": 900, "monitor": "loss"}          the first step comes
    {"event": "step", "step": 120, "loss": 0.61, …}                    once in a while
    {"event": "epoch", "epoch": 1, "loss": …, "val_loss": …, "layers": {"net.0": [weights, gradient]}}
    {"event": "note" | "finish", "sentence": …}                        what was decided; why learning is over
    {"event": "end", "interrupted": false}                             everything is judged and written

What a run has learnt is in its other files, which are whole and have checksums; this one may end in the middle of a
line, may be missing, and decides nothing. A training never waits for it and never fails by it.
"""

import fcntl
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

NAME = "log.jsonl"
MOST_BYTES = 1 << 26  # of a log that is read: its end
EVERY = 1.0  # seconds between two lines about steps at first
LINES = 300  # after so many of them they come half as often, so a week of training has no long log
TRIES, PAUSE = 50, 0.01  # a reader who looks whether somebody works here holds the lock for a moment


class RunLog:
    """Writes the log of a run; a log that cannot be written is none.

    Args:
        path: Of the file; None writes nothing.
    """

    def __init__(self, path: Path | None):
        self._file: Any = None
        self._began = self._said = time.monotonic()
        with suppress(OSError):
            if path is not None:
                self._file = path.open("ab")
                self._lock()

    def _lock(self) -> None:
        for _ in range(TRIES):
            with suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(PAUSE)

    def write(self, event: str, **content: Any) -> None:
        """A line, on the disk at once."""
        if self._file is None:
            return
        try:
            self._file.write(json.dumps({"event": event, **content}, default=float).encode() + b"\n")
            self._file.flush()
        except (OSError, ValueError):  # a full disk: training goes on without its log
            self.close()

    def is_due(self) -> bool:
        """Whether it is time for another line of the kind that comes often."""
        now = time.monotonic()
        if self._file is None or now - self._said < max(EVERY, (now - self._began) / LINES):
            return False
        self._said = now
        return True

    def close(self) -> None:
        """Let go of the file, and so of its lock."""
        file, self._file = self._file, None
        with suppress(OSError, ValueError):
            if file is not None:
                file.close()


@contextmanager
def keeping(path: Path | None) -> Iterator[RunLog]:
    """The log of a training that begins now, in this process.

    Args:
        path: Of the run folder; None where another process writes.
    """
    log = RunLog(None if path is None else path / NAME)
    log.write("begin", process=os.getpid(), host=platform.node(), time=round(time.time(), 3))
    try:
        yield log
    finally:
        log.close()


# -- reading --------------------------------------------------------------------------------------------------------


@dataclass
class Log:
    """What a log says, as far as it goes.

    Attributes:
        epochs: Records of the history in their order; what was learnt anew after a killed training replaces it.
        layers: By epoch the norms of weights and gradient by layer, where they were noted.
        step: The last line about a step.
        start: That about the plan; begin: that about the process.
        notes: What was decided.
        finish: Why learning is over; empty while it goes on.
        end: The last line; None until all is judged.
    """

    epochs: list[dict[str, Any]] = field(default_factory=list)
    layers: dict[int, dict[str, list[float]]] = field(default_factory=dict)
    step: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] = field(default_factory=dict)
    begin: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    finish: str = ""
    end: dict[str, Any] | None = None


def read(folder: Path) -> Log:
    """The log of a run; what cannot be understood is left out, and without a log it is empty. Only to be read."""
    try:
        stat = (folder / NAME).stat()
    except OSError:
        return Log()
    return _read(folder / NAME, stat.st_ino, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=8)  # a page asks every second
def _read(path: Path, *state: int) -> Log:
    log, by_epoch, has_begun = Log(), {}, False
    for line in _lines(path):
        match line.pop("event", None):
            case "begin":
                log, has_begun = Log(layers=log.layers, begin=line), True
            case "start":
                log.start = line
            case "step":
                log.step = line
            case "epoch" if isinstance(line.get("epoch"), int):
                if has_begun:  # what was learnt after the last checkpoint was lost with the process that learnt it
                    by_epoch = {number: kept for number, kept in by_epoch.items() if number < line["epoch"]}
                has_begun, layers = False, line.pop("layers", None)
                by_epoch[line["epoch"]] = {name: value for name, value in line.items() if is_number(value)}
                if isinstance(layers, dict):
                    log.layers[line["epoch"]] = {str(name): pair for name, pair in layers.items() if _is_pair(pair)}
            case "note":
                log.notes.append(str(line.get("sentence", "")))
            case "finish":
                log.finish = str(line.get("sentence", ""))
            case "end":
                log.end = line
    log.epochs = [by_epoch[number] for number in sorted(by_epoch)]
    return log


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MOST_BYTES))
            content = file.read(MOST_BYTES)
    except OSError:
        return
    for line in content.split(b"\n"):
        with suppress(ValueError, RecursionError):
            found = json.loads(line)
            if isinstance(found, dict):
                yield found


def is_number(value: Any) -> bool:
    """Whether a cell of a record can be drawn."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(value is None or is_number(value) for value in pair)


def is_written(folder: Path) -> bool:
    """Whether a process of this machine works on the run now: the system takes the lock from whoever dies."""
    try:
        with (folder / NAME).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False
