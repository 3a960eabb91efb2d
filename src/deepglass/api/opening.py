"""The run folder of a training is opened: a new one, one to go on with, or the one that this launch has begun.

Everything that was decided is written into it before the first step is taken.
"""

from pathlib import Path
from typing import Any

from deepglass.api import seen
from deepglass.core import environment
from deepglass.core.errors import OptionError, RunError
from deepglass.core.run_folder import RunFolder, next_run_path
from deepglass.training import elastic


def folder_to_resume(run: str | Path | None) -> RunFolder:
    """The folder that `--resume` goes on with.

    Raises:
        OptionError: If none is named.
        RunError: If it holds no run.
    """
    if run is None:
        raise OptionError("--resume needs the run to go on with: give --run DIR")
    return RunFolder(run).must_exist()


def open_folder(run: str | Path | None, runs: str | Path, name: str, resume: bool) -> RunFolder:
    """The folder of a training, which belongs to its launch from now on.

    Raises:
        RunError: If it holds another run, or cannot be written to.
    """
    folder = RunFolder(run or next_run_path(Path(runs), name)).create()
    if not resume and (folder / "config.json").exists():
        raise RunError(f"{folder.path} already holds a run: add --resume to go on with it, or choose another --run DIR")
    elastic.mark(folder)
    return folder


def write_decisions(folder: RunFolder, job: Any) -> None:
    """Write what was decided (an `api.train.Job`): config.json, task.json, guesses.json, seen.npz."""
    folder.write("config.json", {"deepglass": environment.versions(("deepglass",))["deepglass"], **job.config})
    task = {"task": job.task.name, "dims": job.prepared.dims, "state": job.task.state(), "licence": job.data.licence}
    folder.write("task.json", task)
    folder.write("guesses.json", [vars(guess) for guess in job.guesses])
    seen.remember(folder, job.task, job.data, job.prepared)


def repetition_beside(config: Path) -> dict[str, Any] | None:
    """How the steps of the run were taken whose config.json is repeated; None where the file stands alone."""
    folder = RunFolder(config if config.is_dir() else config.parent)
    return folder.read("repeat.json") if (folder / "repeat.json").is_file() else None


def way_of(repetition: dict[str, Any] | None) -> dict[str, Any]:
    """The options of the way in which the last step of another run was computed."""
    if not repetition or not repetition["ways"]:
        return {}
    precision, threads, is_compiled, _ = repetition["ways"][-1]
    return {"precision": precision, "threads": threads, "compile": "on" if is_compiled else "off"}
