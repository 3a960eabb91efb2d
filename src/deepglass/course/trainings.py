"""Trainings that were started from the page: each is the normal command in a process of its own.

    start     deepglass train SOURCE --run RUN …
    stop      SIGINT, once
    go on     deepglass train --run RUN --resume

A stopped training keeps everything; so does one whose server ends, which asks it to stop. A training that was started
elsewhere on this machine can be stopped too: its log says which process works on it, and the system whether it lives.
"""

import os
import platform
import shlex
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from deepglass.core import run_log
from deepglass.core.errors import OptionError, RunError
from deepglass.core.run_folder import RunFolder, next_run_path
from deepglass.see.learning import Stage, stage

OPTIONS = ("task", "target", "model", "budget", "epochs")  # that the page offers
MOST_TOLD = 4000  # characters of what a process said


@dataclass
class Training:
    """A process.

    Attributes:
        words: Of the command, without the program.
        output: Where what it says goes.
        asked: Whether it was asked to stop.
    """

    words: list[str]
    process: subprocess.Popen[bytes]
    output: Any = field(repr=False)
    asked: bool = False

    @property
    def is_alive(self) -> bool:
        """Whether it works."""
        return self.process.poll() is None

    def told(self) -> str:
        """The end of what it said."""
        self.output.seek(0, os.SEEK_END)
        self.output.seek(max(0, self.output.tell() - MOST_TOLD))
        return self.output.read().decode("utf-8", errors="replace").strip()


class Trainings:
    """Those of one server.

    Args:
        folder: Where commands run, and new runs are made below `runs`.
        program: Of the command.
    """

    def __init__(self, folder: Path, program: tuple[str, ...] = (sys.executable, "-m", "deepglass")):
        self.folder, self.program = folder.resolve(), program
        self.of_run: dict[Path, Training] = {}
        self._asked: set[tuple[Path, int]] = set()
        self._lock = Lock()

    # -- the three buttons ----------------------------------------------------------------------------------------

    def start(self, source: str, name: str, options: dict[str, str]) -> Path:
        """Begin to train; returns the run folder, which is not there yet.

        Raises:
            OptionError: If an option is not among those that are offered.
        """
        given = {key: value.strip() for key, value in options.items() if value and value.strip()}
        if unknown := [key for key in given if key not in OPTIONS]:
            raise OptionError(f"{unknown[0]}: expected one of {', '.join(OPTIONS)}")
        with self._lock:
            run = self._free(name)
            words = ["train", source, *(f"--{key}={value}" for key, value in given.items()), f"--run={self.near(run)}"]
            self._begin(run, words)
        return run

    def resume(self, run: Path) -> None:
        """Go on with a training that was stopped.

        Raises:
            OptionError: If there is nothing to go on with.
            RunError: If the folder is not a run.
        """
        with self._lock:
            if self.is_working(run) or not stage(RunFolder(run)).can_resume:
                raise OptionError(f"{run} has nothing to go on with: it is at work, or has learnt all that was asked")
            self._begin(run, ["train", f"--run={self.near(run)}", "--resume"])

    def stop(self, run: Path) -> str:
        """Ask a training to stop after its step; returns what happens now, in words.

        Raises:
            OptionError: If nothing works on it, or nothing that would hear.
        """
        own = self.of_run.get(run)
        now = stage(RunFolder(run)) if self._is_run(run) else None
        if now is not None and now.can_stop and now.process is not None:
            return self._ask(run, now.process, own)
        if own is not None and own.is_alive and (now is None or now.name in ("preparing", "stopped")):
            own.asked = True
            own.process.terminate()  # no step was taken that could be kept
            return "it ends before its first step"
        if now is not None and now.name == "judging":
            raise OptionError(f"{run} has learnt and is being judged: wait for a moment, there is nothing to stop")
        raise OptionError(f"no process works on {run}: there is nothing to stop")

    def _ask(self, run: Path, process: int, own: Training | None) -> str:
        if run_log.read(run).begin.get("host") != platform.node():
            raise OptionError(f"{run} is trained on another machine: stop it there with Ctrl-C")
        if (run, process) in self._asked:
            return "it was asked to stop, and does so after its step"
        self._asked.add((run, process))  # a second signal would end it at once
        if own is not None:
            own.asked = True
        try:
            os.kill(process, signal.SIGINT)
        except OSError as error:
            raise OptionError(f"process {process} cannot be asked to stop: {error.strerror}") from None
        return "it stops after its step, and keeps the best model"

    # -- what is told -----------------------------------------------------------------------------------------------

    def is_working(self, run: Path) -> bool:
        """Whether a process works on a run."""
        own = self.of_run.get(run)
        return (own is not None and own.is_alive) or run_log.is_written(run)

    def stage(self, run: Path) -> dict[str, Any]:
        """How far a training is, also before its folder is there and where it failed.

        Raises:
            RunError: If nobody knows of such a run.
        """
        own = self.of_run.get(run)
        if own is not None and not own.is_alive and own.process.returncode and not self._is_run(run):
            return nothing_left(own)
        try:
            found = stage(RunFolder(run)).record()
        except RunError:
            if own is None or not own.is_alive:
                raise
            found = Stage("preparing", can_stop=True).record()
        if own is not None and own.is_alive and found["process"] is None:
            if run_log.read(run).begin.get("process") == own.process.pid:  # it has done its work, and ends
                return found | {"can_resume": False}
            return found | Stage("preparing").named() | {"can_stop": True, "can_resume": False}
        if (run, found["process"]) in self._asked and found["name"] == "learning":
            return found | {"words": "stops after its step", "can_stop": False}
        if own is not None and not own.is_alive and own.process.returncode and not own.asked:
            found["told"] = own.told()  # why it did not come to its end
        return found

    def _is_run(self, run: Path) -> bool:
        return (run / "config.json").is_file()

    def near(self, path: Path) -> str:
        """A path as somebody in the folder would type it."""
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else str(path)

    def command_of(self, run: Path) -> str:
        """The command line that does the same; empty for runs that were started elsewhere."""
        own = self.of_run.get(run)
        return shlex.join(["deepglass", *own.words]) if own else ""

    # -- processes ----------------------------------------------------------------------------------------------

    def _free(self, name: str) -> Path:
        runs = self.folder / "runs"
        path = next_run_path(runs, name)
        while path in self.of_run and self.of_run[path].is_alive:  # asked for, and not there yet
            path = path.with_name(f"{path.name}-2")
        return path

    def _begin(self, run: Path, words: list[str]) -> None:
        output = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process that writes to it
        process = subprocess.Popen(
            [*self.program, *words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.of_run[run] = Training(words, process, output)

    def end(self) -> list[Path]:
        """Ask all that still work to stop; returns their runs."""
        left = [(run, own) for run, own in self.of_run.items() if own.is_alive]
        for run, own in left:
            if not own.asked:
                with suppress(OptionError, RunError, OSError):
                    self.stop(run)
        return [run for run, _ in left]


def nothing_left(training: Training) -> dict[str, Any]:
    """Of a training that ended before its run was made: it was stopped, or it failed and says why."""
    if training.asked:
        return Stage("stopped", sentence="no step was taken, and nothing is kept").record()
    return {**Stage("stopped").record(), "name": "failed", "words": "failed", "told": training.told()}
