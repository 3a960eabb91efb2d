"""A reader's code in a process of its own, which is ended whatever it does.

What it may use is bounded by the process itself (`child.py`: processor time, memory, files). Here is the rest: an empty
folder to run in, an environment with nothing of the reader's in it, a bound on what is read from it, and its end, with
everything that it started.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deepglass.course.judging.child import SECONDS

LONGEST_CODE = 20_000  # characters
WALL = 90.0  # seconds until code that waits, and does not compute, is ended; a busy machine must not be mistaken for it
MOST_TOLD = 16 << 20  # bytes
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass
class Outcome:
    """What a run told.

    Attributes:
        news: As told, in order.
        ended: How it ended: "" by itself, "time" or "waiting", or what killed it.
    """

    news: list[dict[str, Any]] = field(default_factory=list)
    ended: str = ""

    def all(self, key: str) -> list[Any]:
        """Everything told under a name."""
        return [one[key] for one in self.news if key in one]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """One for each case that was run: {"got": …} or {"error": …}."""
        started = next((i for i, one in enumerate(self.news) if "defined" in one), len(self.news))
        return [one for one in self.news[started + 1 :] if "got" in one or "error" in one]


def run(name: str, code: str, seed: int, wants_more: bool = True) -> Outcome:
    """Try code on the cases of an exercise, in a process of its own."""
    asked = json.dumps({"name": name, "code": code, "seed": seed, "wants_more": wants_more}) + "\n"
    with tempfile.TemporaryDirectory(prefix="deepglass-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "deepglass.course.judging.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment(folder),
            start_new_session=True,
        )
        late = threading.Event()
        clock = threading.Timer(WALL, lambda: (late.set(), end(process)))
        clock.start()
        try:
            told = exchange(process, asked)
        finally:
            clock.cancel()
            end(process)
            code_of_exit = process.wait()
    return Outcome(understood(told), "waiting" if late.is_set() else manner(code_of_exit, len(told)))


def exchange(process: "subprocess.Popen[bytes]", asked: str) -> bytes:
    """Send the question, read what is told until its end or its bound."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdin.write(asked.encode())
        process.stdin.close()
    told = process.stdout.read(MOST_TOLD)
    if len(told) < MOST_TOLD:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)  # its own way of ending says more than ours
    process.stdout.close()
    return told


def environment(folder: str) -> dict[str, str]:
    """Variables of the process: where Python finds what it needs, and no more."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = os.pathsep.join(part for part in sys.path if part and os.path.exists(part))
    one = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    places = dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), folder)
    return kept | one | places | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and all that it started."""
    kill: Callable[[int, int], None] | None = getattr(os, "killpg", None)
    with contextlib.suppress(OSError):
        if kill:
            kill(process.pid, signal.SIGKILL)
        else:
            process.kill()


def understood(told: bytes) -> list[dict[str, Any]]:
    """The lines that are JSON objects; what was torn off by the end is left out."""
    news = []
    for line in told.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            one = json.loads(line)
            news += [one] if isinstance(one, dict) else []
    return news


def manner(code: int, told: int) -> str:
    """What ended a process, by its code of exit."""
    if told >= MOST_TOLD:
        return "output"
    if code == 0:
        return ""
    if code == -getattr(signal, "SIGXCPU", 24):
        return "time"
    return "time" if code == -9 else f"code {code}"


OUT_OF_TIME = f"It was still computing after {SECONDS} seconds: does a loop go on for ever?"
ENDINGS = {
    "time": OUT_OF_TIME,
    "waiting": "It has been waiting, not computing: for input, or asleep? Leave that out.",
    "output": "It gives back more than anyone can read.",
}
