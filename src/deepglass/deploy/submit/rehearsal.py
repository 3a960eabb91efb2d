"""A rehearsal without any cluster: the very script of the file is run here, with stand-ins for what only a cluster has.

    one process, undisturbed                    ─┐
    two processes, one of which is killed once  ─┴─ the same weights, up to rounding

The training is shortened to a few epochs on the processor, and its run lies in a folder of its own. A worker is killed
with SIGKILL as soon as there is a checkpoint, as a machine without memory does it; torchrun has to start both again.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deepglass.core.errors import ExportError
from deepglass.core.wording import counted
from deepglass.deploy.submit.job import Job, without

EPOCHS = 2
ROUNDING = 1e-4  # largest difference of a weight that sums in another order explain
SHORT = ("--epochs", str(EPOCHS), "--device", "cpu", "--precision", "float32", "--threads", "1")
OFTEN = ("--checkpoint-every", "0", "--quiet")
LEFT_OUT = ("--run", "--epochs", "--budget", "--device", "--precision", "--threads", "--checkpoint-every")
STAND_INS = {
    "srun": 'exec "$@"\n',
    "scontrol": "echo localhost\n",
    "torchrun": 'exec "{python}" -m torch.distributed.run "$@"\n',
}
PORTS = "localhost:0"  # any free one
ENVIRONMENT = {"SLURM_JOB_NODELIST": "localhost", "SKYPILOT_NODE_IPS": "localhost", "SLURM_NNODES": "1"}
LOOK = 0.05  # seconds between two looks at what is there
SHOWN = 1500  # characters of the end of an output that failed


@dataclass(frozen=True)
class Rehearsed:
    """What was seen.

    Attributes:
        difference: Largest one between weights of one process and of two; None where it was not tried.
        was_killed: Whether a worker was killed and the training went on.
        seconds: That it all took.
    """

    difference: float | None
    was_killed: bool
    seconds: float

    @property
    def agrees(self) -> bool:
        """Whether two processes learnt what one learns."""
        return self.difference is not None and self.difference <= ROUNDING


def syntax(text: str, place: Any) -> list[str]:
    """What is wrong with a file, by its own rules and by bash; nothing is run."""
    found = place.problems(text)
    if found:
        return found
    done = subprocess.run(["bash", "-n"], input=place.script(text), capture_output=True, text=True, check=False)
    return [f"bash: {done.stderr.strip()}"] if done.returncode else []


def rehearse(job: Job, place: Any, limit: float) -> Rehearsed:
    """Run the script with one process, and with two of which one is killed, and compare what they learnt.

    Args:
        job: As it is handed over.
        place: The module of the place.
        limit: Seconds that each of the two may take.

    Raises:
        ExportError: If a training fails, does not end in time, or does not go on after a worker was killed.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = [_run(_shortened(job, folder, count), place, folder, count, limit) for count in (1, 2)]
        was_killed = runs[1]
        weights = [folder / f"mount/run{count}/weights.safetensors" for count in (1, 2)]
        difference = _difference(*weights)
    return Rehearsed(difference, was_killed, round(time.monotonic() - began, 1))


def _shortened(job: Job, folder: Path, count: int) -> Job:
    """The same command for a moment, with so many processes."""
    mount = folder / "mount"
    run, name = mount / f"run{count}", f"{job.name}-{count}-{os.getpid()}"
    needs = replace(job.needs, nodes=1, processes=count, mount=str(mount))
    job = replace(job, needs=needs, restarts=count - 1)  # one process is undisturbed, and one of two comes back once
    if "--resume" in job.command:
        shutil.copytree(job.run, run)
        return replace(job, name=name, command=("train", "--run", str(run), "--resume"), run=str(run))
    command = (*without(job.command, *LEFT_OUT), "--run", str(run), *SHORT, *OFTEN)
    return replace(job, name=name, command=command, run=str(run))


def _run(job: Job, place: Any, folder: Path, count: int, limit: float) -> bool:
    """Run a script to its end; of several processes one is killed on the way. Whether it was."""
    stand_ins = folder / "bin"
    stand_ins.mkdir(exist_ok=True)
    for name, line in STAND_INS.items():
        path = stand_ins / name
        path.write_text("#!/bin/bash\n" + line.replace("{python}", sys.executable))
        path.chmod(0o755)
    text = place.script(place.write(job)).replace("$first:29500", PORTS).replace("localhost:29500", PORTS)
    environment = os.environ | ENVIRONMENT | {"PATH": f"{stand_ins}:{os.environ['PATH']}"}
    log = folder / f"log{count}"
    with log.open("w") as file:
        process = subprocess.Popen(
            ["bash", "-c", text], stdout=file, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
        try:
            was_killed = _watch(process, job, count, time.monotonic() + limit)
        finally:
            _end(process, job.name)
    if process.returncode:
        told = log.read_text(errors="replace")
        reasons = list(dict.fromkeys(line for line in told.splitlines() if line.startswith("error: ")))
        why = f"did not end within {limit:g} seconds" if process.returncode < 0 else "failed"
        shown = "\n".join(reasons) or told[-SHOWN:]
        raise ExportError(f"the rehearsal with {counted(count, 'process')} {why}; no file was written\n{shown}")
    return was_killed


def _watch(process: subprocess.Popen, job: Job, count: int, until: float) -> bool:
    """Wait for the end; kill the last of several workers once there is a checkpoint."""
    was_killed = False
    while process.poll() is None and time.monotonic() < until:
        if count > 1 and not was_killed and (Path(job.run) / "checkpoint.pt").exists():
            workers = [pid for pid, rank in _workers(job.name) if rank == str(count - 1)]
            for pid in workers[:1]:
                os.kill(pid, signal.SIGKILL)
                was_killed = True
        time.sleep(LOOK)
    return was_killed


def _workers(name: str) -> list[tuple[int, str]]:
    """The processes of a launch that torchrun has told their rank, and that rank; none where there is no /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            told = dict(pair.partition("=")[::2] for pair in (path / "environ").read_text().split("\0"))
        except OSError:  # it has ended, or is somebody else's
            continue
        if told.get("TORCHELASTIC_RUN_ID") == name and "RANK" in told:
            found.append((int(path.name), told["RANK"]))
    return found


def _end(process: subprocess.Popen, name: str) -> None:
    """Leave nobody behind: torchrun's workers are in sessions of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pid, _ in _workers(name):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _difference(one: Path, other: Path) -> float | None:
    """The largest between two files of weights."""
    from safetensors.torch import load_file

    ours, theirs = load_file(one), load_file(other)
    gaps = [float((ours[name].double() - theirs[name].double()).abs().max()) for name in ours if ours[name].numel()]
    return max(gaps, default=0.0)
