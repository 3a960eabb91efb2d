"""The run folder of a training is opened: a new one, one to go on with, or the one that this launch has begun.

Everything that was decided is written into it before the first step is taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from deepglass.core import checksums, drafts, environment, run_log
from deepglass.core.errors import DeepglassError, OptionError, RunError
from deepglass.core.run_folder import READ_AGAIN, RunFolder, next_run_path
from deepglass.runs import seen
from deepglass.training import checkpoint
from deepglass.training.parallel import restart

REPEAT = "repeat.json"
PRECISIONS = {"float32", "bfloat16"}  # as `training/autotune.py` has them
MOST_STEPS, MOST_THREADS = 10**12, 4096
MOST_SCRIPTED = 10**7  # steps before the way of computing was settled; each is kept in memory


def folder_to_resume(run: str | Path | None) -> RunFolder:
    """The folder that `--resume` goes on with.

    Raises:
        OptionError: If none is named.
        RunError: If it holds no run, or one whose files are not as they were written.
    """
    if run is None:
        raise OptionError("--resume needs the run to go on with: give --run DIR")
    folder = RunFolder(run).must_exist()
    folder.require_record("config.json", "task", "model")
    folder.require_record("task.json", "dims", "state")
    if folder.has(checkpoint.NAME):
        folder.verify(checkpoint.NAME)  # before the data are read
    return folder


def open_folder(run: str | Path | None, runs: str | Path, name: str, resume: bool) -> RunFolder:
    """The folder of a training, which belongs to its launch from now on.

    Raises:
        RunError: If it holds another run, or cannot be written to.
    """
    folder = RunFolder(run or next_run_path(Path(runs), name)).create()
    if not resume and folder.has("config.json"):
        raise RunError(f"{folder.path} already holds a run: add --resume to go on with it, or choose another --run DIR")
    restart.mark(folder)
    return folder


@contextmanager
def left_as_it_was(folder: RunFolder, keeps: bool = False) -> Iterator[None]:
    """A training that fails before anything was learnt leaves no run behind that would be in the way of the next.

    Args:
        folder: As `open_folder` gave it.
        keeps: Whether it stays as it is in any case.

    Raises:
        DeepglassError: The one that ended the training.
    """
    try:
        yield
    except DeepglassError:
        if not keeps and not folder.has(checkpoint.NAME):
            for name in (*READ_AGAIN, checksums.NAME, restart.MARK, run_log.NAME):
                drafts.remove(folder / name)
            for made in folder.made:
                with suppress(OSError):  # somebody else has put something into it
                    made.rmdir()
        raise


def write_decisions(folder: RunFolder, job: Any) -> None:
    """Write what was decided (an `api.train.Job`): task.json, guesses.json, seen.npz, config.json.

    The last one makes a run of the folder: a training that is killed before it is begun anew, and not resumed.
    """
    task = {"task": job.task.name, "dims": job.prepared.dims, "state": job.task.state(), "licence": job.data.licence}
    folder.write("task.json", task)
    folder.write("guesses.json", [vars(guess) for guess in job.guesses])
    seen.remember(folder, job.task, job.data, job.prepared)
    folder.write("config.json", {"deepglass": environment.versions(("deepglass",))["deepglass"], **job.config})


def repetition_beside(config: Path) -> dict[str, Any] | None:
    """How the steps of the run were taken whose config.json is repeated; None where the file stands alone.

    Raises:
        RunError: If that is not as it was written.
    """
    folder = RunFolder(config if config.is_dir() else config.parent)
    if not folder.has(REPEAT):
        return None
    content = folder.require_record(REPEAT, "steps", "plan", "ways")
    with folder.understanding(REPEAT):
        return _checked_repetition(content)


def _checked_repetition(content: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError or TypeError if steps are not counted by whole numbers."""
    plan = [(_count(step), _count(total)) for step, total in content["plan"]]
    ways = [
        [str(precision), _count(threads), _truth(is_compiled), _count(count)]
        for precision, threads, is_compiled, count in content["ways"]
    ]
    if unknown := {precision for precision, *_ in ways} - PRECISIONS:
        raise ValueError(f"a precision {min(unknown)!r}")
    if any(not 0 < threads <= MOST_THREADS for _, threads, *_ in ways):
        raise ValueError("a number of threads that no machine has")
    if sum(count for *_, count in ways[:-1]) > MOST_SCRIPTED:
        raise ValueError("more changes of the way of computing than a training makes")
    return {"steps": _count(content["steps"]), "plan": plan, "ways": ways}


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{str(value)[:40]!r} in the place of true or false")
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_STEPS:
        raise ValueError(f"{str(value)[:40]!r} in the place of a number of steps")
    return value


def way_of(repetition: dict[str, Any] | None) -> dict[str, Any]:
    """The options of the way in which the last step of another run was computed."""
    if not repetition or not repetition["ways"]:
        return {}
    precision, threads, is_compiled, _ = repetition["ways"][-1]
    return {"precision": precision, "threads": threads, "compile": "on" if is_compiled else "off"}
