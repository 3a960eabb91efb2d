"""A command in a process of its own that is killed in the middle: SIGKILL, which nobody can catch.

The process is forked from this one, where everything is imported already and nothing was computed: it begins its work
at once. It notes every file that it touches in the folder that it works in, so that a kill may be aimed at one of
them, and so that afterwards it is known what was cut short.
"""

import atexit
import importlib
import itertools
import os
import random
import select
import signal
import socket
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FAREWELL_SECONDS = 20.0  # that the others of a launch have once one was killed, as torchrun gives them
MOST_SECONDS = 900.0  # of a life; longer is a hang, and an error
TOUCHING = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")  # audit events of files
WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True)
class Aim:
    """When a process is killed.

    seconds: After its start; None leaves it to `touch`.
    touch: The how many-th time that it touches a file of its folder; 0 leaves it to `seconds`.
    delay: Seconds from that touch to the kill: in the middle of the writing that it begins.
    """

    seconds: float | None = None
    touch: int = 0
    delay: float = 0.0


@dataclass(frozen=True)
class Life:
    """How a process ended.

    status: Its exit status; -9 if it was killed.
    touched: What it did with files of its folder, in order: ("os.rename", "weights.safetensors"), …
    error: What it said on the standard error.
    """

    status: int
    touched: list[tuple[str, str]]
    error: str
    seconds: float

    @property
    def was_killed(self) -> bool:
        return self.status == -signal.SIGKILL


def live(
    words: list[str],
    folder: Path,
    aim: Aim | None = None,
    processes: int = 1,
    launch: str = "",
    modules: Path | None = None,
) -> Life:
    """Carry out `deepglass WORDS`, and kill one of its processes.

    Args:
        words: Of the command line.
        folder: What lies below it is watched.
        aim: When to kill; None lets it live.
        processes: That train together, as torchrun starts them; killed is the one that writes, or after a time any.
        launch: Its name, where several train together.
        modules: Where the first process writes down what it has imported in the end.
    """
    began, port = time.monotonic(), _free_port()
    victim = -1 if aim is None else 0 if aim.touch else random.Random(f"{aim} {launch}").randrange(processes)
    said = folder.parent / f"{folder.name}.said"
    reading, writing = os.pipe()
    pids = []
    for rank in range(processes):
        team = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": processes, "MASTER_PORT": port}
        if pid := os.fork():
            pids.append(pid)
        else:
            os.close(reading)
            names = {"MASTER_ADDR": "127.0.0.1", "TORCHELASTIC_RUN_ID": launch} if processes > 1 else {}
            os.environ.update(names | ({k: str(v) for k, v in team.items()} if processes > 1 else {}))
            if modules and rank == 0:
                atexit.register(lambda: modules.write_text("\n".join(list(sys.modules))))
            _be(words, folder, said, aim if rank == victim else None, writing if rank in (victim, 0) else None)
    os.close(writing)
    target = pids[victim] if aim else None
    status, noted = _wait(pids, target, aim.seconds if aim else None, began, reading)
    os.close(reading)
    touched = [(event, name) for event, _, name in (line.partition(" ") for line in noted.splitlines())]
    error = said.read_text(errors="replace") if said.exists() else ""
    said.unlink(missing_ok=True)
    return Life(status, touched, error, time.monotonic() - began)


def import_all(modules: Path) -> None:
    """Import what a process has written down, so that those that are forked from now on need not."""
    for name in modules.read_text().splitlines():
        with suppress(Exception):  # of a program that asks who runs it, or a name that is not a file
            importlib.import_module(name)


def _be(words: list[str], folder: Path, said: Path, aim: Aim | None, notes: int | None) -> None:
    """The forked process: never returns."""
    status = 1
    try:
        null, errors = os.open(os.devnull, os.O_RDWR), os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for number, opened in enumerate((null, null, errors)):
            os.dup2(opened, number)
        if notes is not None:
            _watch(folder, aim, notes)
        from deepglass.cli import main

        sys.argv = ["deepglass", *words]
        main.main()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        atexit._run_exitfuncs()
        os._exit(status)


def _watch(folder: Path, aim: Aim | None, notes: int) -> None:
    """Note every writing touch of a file below the folder, and die at the one that is aimed at."""
    count, here = itertools.count(1), os.fspath(folder) + os.sep

    def note(event: str, args: tuple[Any, ...]) -> None:
        if event not in TOUCHING or (event == "open" and not (args[2] or 0) & WRITING_FLAGS):
            return
        path = args[1] if event == "os.rename" else args[0]
        if not isinstance(path, str | os.PathLike) or not os.path.abspath(os.fspath(path)).startswith(here):
            return
        os.write(notes, f"{event} {os.path.relpath(path, folder)}\n".encode())
        if aim and aim.touch == next(count):
            die(aim.delay)

    def die(delay: float) -> None:
        if delay:
            threading.Thread(target=lambda: (time.sleep(delay), os.kill(os.getpid(), signal.SIGKILL))).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(note)


def _wait(pids: list[int], target: int | None, after: float | None, began: float, reading: int) -> tuple[int, str]:
    """Until all have ended; the status of the target, or of the first one, and what was noted."""
    noted, alive, status, killing = bytearray(), dict.fromkeys(pids), {}, after
    farewell: float | None = None
    while alive:
        ready, _, _ = select.select([reading], [], [], 0.002)
        if ready:
            noted += os.read(reading, 1 << 16)
        now = time.monotonic()
        if killing is not None and target in alive and now - began >= killing:
            os.kill(target, signal.SIGKILL)
            killing = None
        for pid in list(alive):
            done, code = os.waitpid(pid, os.WNOHANG)
            if done:
                status[pid] = os.waitstatus_to_exitcode(code)
                del alive[pid]
                if status[pid] and alive and farewell is None:  # torchrun asks the others to end
                    farewell = now + FAREWELL_SECONDS
                    for other in alive:
                        os.kill(other, signal.SIGTERM)
        if now - began > MOST_SECONDS or (farewell is not None and now > farewell):
            for pid in alive:
                os.kill(pid, signal.SIGKILL)
            if farewell is None:
                raise TimeoutError(f"no end after {MOST_SECONDS:.0f} s: {noted[-400:].decode(errors='replace')}")
    while chunk := os.read(reading, 1 << 16):
        noted += chunk
    return status[target if target is not None else pids[0]], noted.decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
