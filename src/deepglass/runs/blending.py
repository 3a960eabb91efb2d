"""Beside the network: simple models on the same rows, to be held against it, and mixed with it where that is better.

fit the rivals ── train the network ── ask both of rows that they have not seen ── the network, or a blend
"""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import comparison
from deepglass.rivals import Rival, Time, blend, loss_of
from deepglass.tasks import Outputs
from deepglass.training.plan import seconds_of

if TYPE_CHECKING:
    from deepglass.runs.job import Job

LATER_SECONDS, LATER_SHARE = 10.0, 0.02  # at most, and of a budget, of which the report takes WRITING_SHARE
WRITING_SHARE = 0.02


@dataclass
class Answering:
    """What answers in the end, and what is known of it.

    model: The network, or a blend of it with simple models.
    val: Its outputs for the held-out rows.
    weights: Of a blend, by name; empty where the network answers alone.
    temperature: What the logits of the network are divided by.
    """

    model: Any
    val: Outputs
    weights: dict[str, float] = field(default_factory=dict)
    temperature: float = 1.0


def fit_rivals(job: "Job") -> list[Rival]:
    """The simple models of the task, within a part of the budget."""
    budget = job.train_config.budget
    return job.task.rivals(job.prepared, job.data, Time.within(seconds_of(budget) if budget else None))


def seconds_left(job: "Job", since: float) -> float:
    """For what is nice to know after the training: a small share of the budget, and no more than is left of it.

    Args:
        since: When the training began, on the clock of `time.monotonic`.
    """
    if not job.train_config.budget:
        return LATER_SECONDS
    budget = seconds_of(job.train_config.budget)
    left = since + budget - time.monotonic() - WRITING_SHARE * budget
    return max(0.0, min(LATER_SECONDS, LATER_SHARE * budget, left))


def answering(job: "Job", network: Any, rivals: list[Rival], folder: RunFolder) -> Answering:
    """The network, or a blend where the held-out rows ask for one; what it needs besides is written into the run."""
    task, val = job.task, job.task.outputs(network, job.prepared.val)
    blend.remove(folder)  # of an earlier end of this training
    if not task.may_blend:
        return Answering(network, val)
    own, target = task.as_learnt(val.predictions), task.as_learnt(val.targets)  # type: ignore[arg-type]
    num_classes = own.shape[1] if own.ndim == 2 else None
    chosen = blend.choose(own, rivals, target, num_classes)
    mixed = blend.mixed(network, job.model, rivals, chosen, num_classes)
    if mixed is None:
        return Answering(network, val)
    model, weights = mixed
    blend.save(folder, model)
    return Answering(model, task.outputs_of(chosen.held_out, val.targets), weights, chosen.temperature)  # type: ignore[arg-type]


def held_against(
    job: "Job", rivals: list[Rival], val: Outputs, test: Outputs, seconds: float = LATER_SECONDS
) -> dict[str, Any]:
    """The rival that the held-out rows prefer: its scores on the test, and whether the run is clearly better.

    Where there is none to blend with, the simple model that the task knows besides; empty where it knows none.
    """
    if not rivals:
        simple = job.task.simple_answers(job.prepared, Time(seconds)) if seconds else None
        return _against(job, *simple, test) if simple else {}
    target = job.task.as_learnt(val.targets)  # type: ignore[arg-type]
    num_classes = rivals[0].held_out.shape[1] if rivals[0].held_out.ndim == 2 else None
    best = min(rivals, key=lambda rival: float(loss_of(rival.held_out, target, num_classes).mean()))
    return _against(job, best.name, job.task.outputs(best.part, job.prepared.test), test)


def _against(job: "Job", name: str, theirs: Outputs, test: Outputs) -> dict[str, Any]:
    result = job.task.evaluate(theirs)
    arrays = [{"ids": np.arange(len(o.predictions)), **_arrays(o)} for o in (test, theirs)]
    found = comparison.compare(arrays[0], arrays[1], result["kind"], ("this run", name))
    return {"name": name, **result, "verdict": found["verdict"], "winner": found["winner"]}


def _arrays(outputs: Outputs) -> dict[str, np.ndarray]:
    arrays = {"predictions": outputs.predictions, "targets": outputs.targets, "losses": outputs.losses, **outputs.extra}
    return {name: array for name, array in arrays.items() if array is not None}
