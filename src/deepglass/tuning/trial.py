"""One trial: a training with settings of its own, in a run folder of its own, that may pause after any epoch."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import files
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.runs import fine_tuning, opening
from deepglass.runs.job import Job, Reading, plan_job
from deepglass.training import checkpoint
from deepglass.training.progress import Watcher
from deepglass.training.state import Progress

FILE, LOSSES, LOCK = "trial.json", "held_out.npz", "lock"


@dataclass
class Trial:
    """What is known of a trial.

    Attributes:
        number: From 0, which is the trial of the usual settings.
        values: The settings that were searched.
        point: Where they lie in the space; empty where they lie outside.
        costs: By rung, the best validation score so far, turned so that lower is better.
        epochs: That were taken. seconds: Which they took, with all around them.
        is_done: Whether no further epoch helps: it had all of them, or ended by itself.
        failure: Why it cannot go on, in words; empty where it can.
    """

    number: int
    values: dict[str, Any]
    point: list[float]
    costs: dict[int, float] = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    is_done: bool = False
    failure: str = ""

    @property
    def cost(self) -> float:
        """On the highest rung that it reached; infinite where it reached none."""
        return self.costs[max(self.costs)] if self.costs else float("inf")

    def write(self, folder: Path) -> None:
        """Into its run folder, whole or not at all."""
        files.write_json(folder / FILE, asdict(self))

    @classmethod
    def in_folder(cls, folder: Path) -> "Trial | None":
        """As `write` left it; None where another process has just begun it.

        Raises:
            RunError: If the file is damaged.
        """
        if not files.lies_at(folder / FILE):
            return None
        content = RunFolder(folder).require_record(FILE, "number", "values", "point", "costs", "epochs", "seconds")
        with RunFolder(folder).understanding(FILE):
            costs = {int(rung): float(cost) for rung, cost in dict(content["costs"]).items()}
            return cls(**{**content, "costs": costs})


@dataclass
class Subject:
    """What all trials of a search share.

    source: The data, read once. task, model: As `train` has them. options: What the user has chosen.
    """

    source: Any
    task: str | None
    model: str | None
    options: Mapping[str, Any]
    reading: Reading | None = None

    def plan(self, values: Mapping[str, Any]) -> Job:
        """The training with these settings.

        Raises:
            DeepglassError: If they do not fit each other or the data.
        """
        job = plan_job(self.source, self.task, self.model, {**self.options, **values}, reading=self.reading)
        self.reading = job.reading
        return job


def advance(trial: Trial, folder: Path, subject: Subject, until: int, watcher: Watcher, deadline: float) -> bool:
    """Train a trial up to an epoch and write down what it reached; returns whether the user interrupted it.

    Args:
        trial: Is changed.
        folder: Its run folder, made if it is not there.
        subject: What it learns.
        until: The epoch.
        watcher: Is told of every epoch.
        deadline: Value of `time.monotonic()` behind which no further epoch is begun.
    """
    began = time.monotonic()
    try:
        job = subject.plan(trial.values)
        return _learn(job, trial, RunFolder(folder).create(), until, watcher, deadline)
    except DeepglassError as error:  # settings that cannot be are a finding about them
        trial.failure, trial.is_done = str(error), True
        return False
    finally:
        trial.seconds += time.monotonic() - began
        trial.write(folder)


def _learn(job: Job, trial: Trial, folder: RunFolder, until: int, watcher: Watcher, deadline: float) -> bool:
    is_begun = folder.has(checkpoint.NAME)
    if job.train_config.learning_rate == "auto":
        raise OptionError("--learning-rate auto asks for a range test, a search for values: leave it out")
    if not is_begun:
        opening.write_decisions(folder, job)
    network, pace = job.build_model(), _Pace(until, deadline)
    fitted, _ = fine_tuning.learn(
        job.task, job.prepared, network, job.model, job.train_config, folder=folder, resume=is_begun, watcher=watcher,
        sample_weights=job.sample_weights, is_paused=pace,
    )  # fmt: skip
    trial.epochs, trial.is_done = len(fitted.history), not (pace.is_over or fitted.interrupted)
    if trial.is_done and fitted.repetition:
        folder.write("repeat.json", fitted.repetition)
    if trial.is_done:
        losses = job.task.outputs(fitted.model, job.prepared.val).losses
        if losses is not None:
            folder.write_arrays(LOSSES, losses=np.asarray(losses, np.float64))
    return fitted.interrupted


class _Pace:
    """Says after which epoch a trial pauses."""

    def __init__(self, until: int, deadline: float):
        self.until, self.deadline, self.is_over = until, deadline, False

    def __call__(self, progress: Progress) -> bool:
        late = time.monotonic() + _longest(progress) > self.deadline
        self.is_over = progress.epoch >= self.until or late
        return self.is_over


def _longest(progress: Progress) -> float:
    """Seconds of the longest epoch so far: the next one may take as long."""
    return max((record["seconds"] for record in progress.history), default=0.0)


def costs_of(history: Mapping[str, Any], better: str, rungs: tuple[int, ...], is_done: bool) -> dict[int, float]:
    """By rung, the best score of the monitored metric until there, lower being better; of a training that is done also
    on those that it did not need.
    """
    sign = 1.0 if better == "lower" else -1.0
    scores = [sign * float(record[f"val_{history['monitor']}"]) for record in history["epochs"]]
    return {i: min(scores[:end]) for i, end in enumerate(rungs) if scores and (is_done or len(scores) >= end)}


def paired_losses(one: Path, other: Path) -> np.ndarray | None:
    """(n,) by how much less each validation example costs in one trial than in another; None if that is unknown."""
    found = [RunFolder(folder) for folder in (one, other)]
    if not all(folder.has(LOSSES) for folder in found):
        return None
    ours, theirs = (folder.read_arrays(LOSSES)["losses"] for folder in found)
    return theirs - ours if ours.shape == theirs.shape else None


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Whether a trial is ours while the block lasts: no other process, here or on a machine that shares the folder,
    works on it.
    """
    try:
        import fcntl
    except ImportError:  # a system without such locks: one process at a time
        yield True
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as file:
        is_ours = False
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = True
        yield is_ours
