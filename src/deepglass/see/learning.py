"""How far a training is: what its log and its files say, read without torch and without trust.

preparing ── learning ── judging ── finished            a process of this machine works on it
                 └─ stopped: everything up to the last checkpoint is there, `--resume` goes on
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

from deepglass.core import files, run_log
from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder

WORDS = {
    "preparing": "reads the data and prepares",
    "learning": "is learning",
    "judging": "has learnt; it is judged on the test examples",
    "finished": "is finished",
    "stopped": "was stopped before its end",
}


@dataclass(frozen=True)
class Stage:
    """How far a training is.

    Attributes:
        name: preparing, learning, judging, finished or stopped.
        epoch: That is under way, from 1; or the last one that is done.
        step: Taken so far; total_steps: of the plan, 0 if unknown.
        loss: Of the epoch so far, or of the last one.
        examples_per_second: The pace.
        seconds: Of learning so far; seconds_left: as the pace has it, None if unknown.
        sentence: Why it stopped, or what was decided last.
        process: That works on it, None if none does.
        can_stop: Whether a stop would be heard: between the first and the last step.
        can_resume: Whether `--resume` has something to do.
        stamp: Changes with the curves.
    """

    name: str
    epoch: int = 0
    step: int = 0
    total_steps: int = 0
    loss: float | None = None
    examples_per_second: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    sentence: str = ""
    process: int | None = None
    can_stop: bool = False
    can_resume: bool = False
    stamp: str = ""

    def record(self) -> dict[str, Any]:
        """As JSON: numbers that are none are null."""
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in asdict(self).items()
        } | self.named()

    def named(self) -> dict[str, str]:
        """Its name, and what follows "it"."""
        return {"name": self.name, "words": WORDS[self.name]}


def stage(folder: RunFolder) -> Stage:
    """How far the training of a run is.

    Raises:
        RunError: If the folder is not a run, or no longer there.
    """
    folder.must_exist()
    log, is_written = run_log.read(folder.path), run_log.is_written(folder.path)
    epochs = learnt(folder)
    last, now = (epochs[-1] if epochs else {}), log.step
    step = max(_whole(last.get("step")), _whole(now.get("step")))
    total = _whole(now.get("total_steps")) or _whole(log.start.get("total_steps"))
    is_between = step > _whole(last.get("step"))
    pace = now.get("examples_per_second") if is_between else last.get("examples_per_second")
    seconds = sum(epoch.get("seconds", 0.0) for epoch in epochs)
    name = _name(folder, log, is_written)
    is_learning = name == "learning"
    left = seconds / _whole(last.get("step")) * (total - step) if is_learning and total and last.get("step") else None
    process = log.begin.get("process") if is_written else None
    return Stage(
        name,
        epoch=_whole(last.get("epoch")) + is_learning,
        step=step,
        total_steps=total,
        loss=now.get("loss") if is_between and is_learning else last.get("loss"),
        examples_per_second=pace,
        seconds=round(seconds, 1),
        seconds_left=left,
        sentence=log.finish or (log.notes[-1] if log.notes else ""),
        process=process if isinstance(process, int) else None,
        can_stop=is_learning,
        can_resume=name == "stopped",  # without a checkpoint it begins anew, with what was decided
        stamp=f"{len(epochs)}.{name}.{files.lies_at(folder / 'metrics.json')}",
    )


def _name(folder: RunFolder, log: run_log.Log, is_written: bool) -> str:
    if is_written:
        return "preparing" if not log.start else "judging" if log.finish else "learning"
    is_judged = files.lies_at(folder / "metrics.json")
    if log.begin:  # else written by a version without a log
        is_judged = is_judged and log.end is not None and not log.end.get("interrupted")
    return "finished" if is_judged else "stopped"


def _whole(value: Any) -> int:
    return int(value) if run_log.is_number(value) and math.isfinite(value) else 0


def learnt(folder: RunFolder) -> list[dict[str, Any]]:
    """The epochs so far: those of the history, and those of the log that are newer.

    A history that cannot be read (a training is writing it, a disk lost it) leaves those of the log.
    """
    kept: list[dict[str, Any]] = []
    try:
        if files.lies_at(folder / "history.json"):
            kept = [epoch for epoch in folder.read("history.json")["epochs"] if run_log.is_number(epoch.get("epoch"))]
    except (RunError, KeyError, TypeError, AttributeError):
        kept = []
    numbers = [{name: value for name, value in epoch.items() if run_log.is_number(value)} for epoch in kept]
    since = numbers[-1]["epoch"] if numbers else 0
    return numbers + [epoch for epoch in run_log.read(folder.path).epochs if epoch["epoch"] > since]
