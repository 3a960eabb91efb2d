"""The `deepglass` command that does it on one's own data, with its real output and time on this machine.

Nothing is typed into a lesson: the output is of the last run here, kept in the user's cache under the commands and the
state of the source; where there is none yet, a button makes it. `record=True`, or DEEPGLASS_RECORD=1 while the course
is exported, runs the commands at once.
"""

import hashlib
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import marimo as mo
import platformdirs
import traitlets

from deepglass.core import files
from deepglass.core.catalogue import PACKAGE
from deepglass.core.errors import DeepglassError
from deepglass.course.widgets.widget import Widget, on_page, state

WIDTH = "88"  # columns of the output: what a laptop shows without folding


class Command(Widget):
    """State of the commands; `record` holds text, seconds, when and exit code."""

    commands = state([])
    record = state({})
    machine = state("")
    asked = state(0)

    @traitlets.observe("asked")
    def _start(self, _: Any) -> None:
        mo.Thread(target=self.run).start()

    def run(self) -> dict[str, Any]:
        """Run the commands one after the other in one new folder; tell the browser as lines come; keep the record."""
        start, lines, code = time.monotonic(), [], 0
        with tempfile.TemporaryDirectory() as folder:
            for command in self.commands:
                lines += [f"$ {command}\n"] if len(self.commands) > 1 else []
                code = code or self._run_one(command, folder, lines, start)
        self.record = self._told(lines, start) | {"when": date.today().isoformat(), "code": code}
        if code == 0:
            keep(self.commands, self.record)
        return self.record

    def _run_one(self, command: str, folder: str, lines: list[str], start: float) -> int:
        environment = {**os.environ, "COLUMNS": WIDTH, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
        told = 0.0
        with subprocess.Popen(
            words_of(command), cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            for line in process.stdout or ():
                lines.append(line)
                if time.monotonic() - told > 0.25:
                    told = time.monotonic()
                    self.record = self._told(lines, start) | {"running": True}
        return process.returncode

    def _told(self, lines: list[str], start: float) -> dict[str, Any]:
        return {"text": "".join(lines), "seconds": round(time.monotonic() - start, 1)}


def run_command(*commands: str, record: bool = False) -> Any:
    """Commands in order, run in one folder, with their output; list the same ones in LESSON["runs"].

    Args:
        *commands: As typed: "deepglass train iris --model perceptron".
        record: Run them now if there is no record of them.
    """
    widget = Command(commands=list(commands), record=kept(commands), machine=machine())
    if (record or os.environ.get("DEEPGLASS_RECORD")) and not widget.record:
        widget.run()
    return on_page(widget)


def words_of(command: str) -> list[str]:
    """The command with this very Python."""
    return [sys.executable, "-m", *shlex.split(command)]


def machine() -> str:
    """What the seconds were measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def place_of(commands: Any) -> Path:
    """Where a record is kept: another command, or other code, is another record."""
    code = max(
        path.stat().st_mtime_ns for path in PACKAGE.rglob("*.py") if "lessons" not in path.relative_to(PACKAGE).parts
    )
    name = hashlib.sha256(repr((tuple(commands), code)).encode()).hexdigest()[:20]
    return platformdirs.user_cache_path("deepglass") / "commands" / f"{name}.json"


def keep(commands: Any, record: dict[str, Any]) -> None:
    """Keep a record; without a place to keep it, it is made anew the next time."""
    try:
        files.write_json(place_of(commands), record)
    except DeepglassError:
        return


def kept(commands: Any) -> dict[str, Any]:
    """The record of these commands with this code, or an empty one."""
    try:
        return files.read_json(place_of(commands))
    except DeepglassError:
        return {}
