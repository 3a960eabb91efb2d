"""A training that ends in an ordinary run folder, through our own loop, with a learner of its own."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.runs.finish import judge
from deepglass.runs.job import FINISH_SHARE, Job
from deepglass.runs.opening import write_decisions
from deepglass.training.loop import fit
from deepglass.training.plan import seconds_of
from deepglass.training.watchers import watcher_for


class TaskAdapter:
    """What the loop asks of a task, asked of the task; a method of shrinking says otherwise where it must."""

    def __init__(self, task: Any):
        self.task = task

    def __getattr__(self, name: str) -> Any:
        return getattr(self.task, name)


def learn(job: Job, learner: Any, network: nn.Module, path: Path, **changes: Any) -> None:
    """Train a network as the job says and write its run.

    Args:
        job: Data, task and configuration.
        learner: Gives loss and scores.
        network: With the weights to begin with.
        path: Of the run folder.
        changes: Fields of the training configuration in the place of the job's; None keeps the job's.

    Raises:
        OptionError: If several updates take turns: their losses are the task's, and no method of shrinking has others;
            if the run keeps a promise of privacy or fairness, which retraining would break.
    """
    if learner.updates(network):
        raise OptionError(f"{job.task.name} learns by several updates in turn, by which no smaller network is taught")
    for option, asked in (("--private", job.train_config.private), ("--fair", job.data_config.fair)):
        if asked is not None:
            raise OptionError(f"the run was trained with {option}, which this retraining would break: shrink by int8")
    started, folder = time.monotonic(), RunFolder(path).create()
    changed = {name: value for name, value in changes.items() if value is not None}
    job.train_config = config = replace(job.train_config, initializer="default", **changed)
    job.task.train_config = config
    seconds = seconds_of(config.budget) if config.budget else None
    write_decisions(folder, job)
    fitted = fit(
        network,
        learner,
        job.prepared.train,
        job.prepared.val,
        config,
        folder=folder,
        deadline=started + seconds if seconds else None,
        reserve=FINISH_SHARE * seconds if seconds else 0.0,
        judged=2 * len(job.prepared.val) + len(job.prepared.test),
        sample_weights=job.sample_weights,
        watcher=watcher_for(console),
    )
    judge(job, folder, fitted, network, [], None, time.monotonic() - started)
