"""What is handed over: a training that goes on by itself when its machine is taken away, and what it needs.

torchrun starts the processes and starts them again when one dies. The name of the launch is the name of the job, the
same however often the place begins anew, so the run knows itself by it and goes on from its last checkpoint
(`training/parallel/restart.py`).
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deepglass.core.errors import OptionError
from deepglass.core.run_folder import RunFolder

RESTARTS = 3  # a worker that dies more often dies for a reason
PORT = 29500  # torchrun's usual one
TIME = re.compile(r"(\d+)(m|h|d)")
MINUTES = {"m": 1, "h": 60, "d": 1440}
GPUS = re.compile(r"(?:([A-Za-z][\w-]*):)?(\d+)")
MOST = {"nodes": 1024, "processes": 64, "cpus": 1024, "memory_gb": 65_536}


@dataclass(frozen=True)
class Needs:
    """What a machine must have."""

    nodes: int = 1  # machines
    processes: int = 1  # on each of them; as many as GPUs, where there are some
    cpus: int = 4  # cores of each machine
    memory_gb: int = 16  # of each machine
    gpus: str = "0"  # of each machine: 2, or with their kind H100:2
    time: str = "12h"  # after which it is over: 90m, 12h, 3d
    storage: str | None = None  # a claim or a bucket whose files outlive the machines
    mount: str = "/shared"  # where it lies there
    image: str | None = None  # a container image in which deepglass is installed

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            if not 1 <= getattr(self, name) <= most:
                raise OptionError(f"--{name.replace('_', '-')}: expected 1 to {most:,}, got {getattr(self, name)}")
        if not TIME.fullmatch(self.time):
            raise OptionError(f"--time {self.time}: expected minutes, hours or days such as 90m, 12h or 3d")
        if not GPUS.fullmatch(self.gpus):
            raise OptionError(f"--gpus {self.gpus}: expected a number such as 2, or a kind and a number such as H100:2")

    @property
    def minutes(self) -> int:
        """Of the time."""
        number, unit = re.fullmatch(TIME, self.time).groups()  # type: ignore[union-attr]
        return int(number) * MINUTES[unit]

    @property
    def gpu_kind(self) -> str | None:
        """Such as H100; None where any will do."""
        return GPUS.fullmatch(self.gpus)[1]  # type: ignore[index]

    @property
    def gpu_count(self) -> int:
        """Of each machine."""
        return int(GPUS.fullmatch(self.gpus)[2])  # type: ignore[index]

    @property
    def threads(self) -> int:
        """Of each process."""
        return max(1, self.cpus // self.processes)


@dataclass(frozen=True)
class Job:
    """A command and what it needs.

    Attributes:
        name: Letters, digits and hyphens; names the launch.
        command: The words behind "deepglass".
        run: The run folder.
        needs: Of each machine.
        restarts: Of dead workers, without a new machine.
    """

    name: str
    command: tuple[str, ...]
    run: str
    needs: Needs = Needs()
    restarts: int = RESTARTS

    def launch(self, endpoint: str) -> str:
        """The line that starts all processes of a machine.

        Args:
            endpoint: HOST:PORT of the first machine, as the shell there knows it.
        """
        sizes = f"--nnodes {self.needs.nodes} --nproc-per-node {self.needs.processes} --max-restarts {self.restarts}"
        meets = f"--rdzv-backend c10d --rdzv-endpoint {endpoint} --rdzv-id {self.name}"
        lines = (f"torchrun {sizes}", meets, f"-m -- deepglass {shlex.join(self.command)}")
        return " \\\n    ".join(lines)


def of_words(words: list[str], needs: Needs) -> Job:
    """The job of a run that is to go on, or of a command.

    Args:
        words: A run folder, or `deepglass train …` in one word or several.
        needs: Of each machine.

    Raises:
        OptionError: If the words are neither; if a command names no run folder.
        RunError: If the run is finished.
    """
    if len(words) == 1 and (Path(words[0]) / "config.json").is_file():
        return _of_run(words[0], needs)
    command = tuple(shlex.split(words[0]) if len(words) == 1 else words)
    command = command[1:] if command[:1] == ("deepglass",) else command
    if command[:1] != ("train",):
        shown = shlex.join(words) if words else "nothing"
        raise OptionError(
            f"{shown} is neither a run folder nor a training: expected one of them, such as "
            "'deepglass train photos --run /shared/runs/photos'"
        )
    run = value_of(command, "--run")
    if run is None:
        raise OptionError(
            "the command names no run folder, by which it could go on after its machine was taken away: add --run DIR"
        )
    return Job(_name_of(run), command, run, needs)


def _of_run(run: str, needs: Needs) -> Job:
    if RunFolder(run).has("metrics.json") and not (RunFolder(run) / ".launch").exists():
        raise OptionError(f"{run} is finished: there is nothing to go on with; give a command with another --run")
    return Job(_name_of(run), ("train", "--run", run, "--resume"), run, needs)


def _name_of(run: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", PurePosixPath(run).name.lower()).strip("-")
    return name[:50] or "training"


def value_of(command: tuple[str, ...], option: str) -> str | None:
    """What an option of a command is given."""
    for place, word in enumerate(command):
        if word == option and place + 1 < len(command):
            return command[place + 1]
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def without(command: tuple[str, ...], *options: str) -> tuple[str, ...]:
    """A command without some options and their values."""
    found, skips = [], False
    for word in command:
        if skips:
            skips = False
        elif word in options:
            skips = True
        elif word.partition("=")[0] not in options:
            found.append(word)
    return tuple(found)


def require_lasting(job: Job, place: str) -> None:
    """Check that checkpoints outlive the machine, where every machine begins with empty disks.

    Raises:
        OptionError: If nothing is mounted, or the run lies elsewhere.
    """
    if job.needs.storage is None:
        raise OptionError(
            f"--to {place}: machines begin with empty disks there; name what outlives them with --storage NAME"
        )
    if not PurePosixPath(job.run).is_relative_to(job.needs.mount):
        raise OptionError(
            f"--to {place}: the run {job.run} would be lost with its machine: expected a folder below "
            f"{job.needs.mount}, where {job.needs.storage} lies; change --run, or --mount"
        )
