"""The clock that every contestant runs under, and the process around it.

    python -m bench.contestants.hand LeNet --epochs 4

prints one line of JSON: seconds of each epoch, seconds from the start of the process to the end of the first step, the
most memory that the process ever held, and what a contestant chose by itself.
"""

import argparse
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.contestants._work import WORK


class Clock:
    """Told of every step and epoch; a contestant calls it from its loop."""

    def __init__(self):
        self.first_step: float | None = None
        self.epochs: list[float] = []
        self.choices: dict[str, Any] = {}
        self.since = time.perf_counter()

    def start(self) -> None:
        """The data are there: the first epoch begins."""
        self.since = time.perf_counter()

    def step(self) -> None:
        if self.first_step is None:
            self.first_step = seconds_since_birth()

    def epoch(self) -> None:
        now = time.perf_counter()
        self.epochs.append(now - self.since)
        self.since = now


def main(train: Callable[..., Any]) -> None:
    """Run one contestant on one work and print what the clock saw."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=WORK)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--choices", type=json.loads, default={}, help="for those that choose nothing by themselves")
    arguments = parser.parse_args()
    work, clock = WORK[arguments.work], Clock()
    clock.choices = arguments.choices
    arrays = work.arrays()
    clock.start()
    train(work, arrays, arguments.epochs, clock)
    times = {"first_step": clock.first_step, "epochs": clock.epochs}
    print(json.dumps(times | {"peak_memory_bytes": peak_memory_bytes(), "choices": clock.choices}))


def seconds_since_birth() -> float:
    """Seconds since this process was started, imports of Python itself included."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    born = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # field 22 of proc(5): starttime
    return time.clock_gettime(time.CLOCK_BOOTTIME) - born


def peak_memory_bytes() -> int:
    """High-water mark of the resident memory of this process alone."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s*(\d+) kB", status)[1])  # type: ignore[index]
