"""A run as a case: its data are read again, and a fresh network of it takes some steps under observation."""

import time
from typing import Any

import torch

from deepglass.core import seeds
from deepglass.core.errors import OptionError
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.diagnosing import BUDGET
from deepglass.diagnosis.observing.observer import observing
from deepglass.runs.again import own_job
from deepglass.training.config import TrainConfig
from deepglass.training.schedules import factor
from deepglass.training.update import activated, updates_of

SHARE, MOST_STEPS, FEWEST_STEPS = 0.25, 400, 30  # of the time, and steps that are observed
EXAMPLES = 2000  # in the order of the data
USUAL_RATE = 1e-3


def case_of(run: Any, data: Any = None, seconds: float = BUDGET) -> Case:
    """Read its data, and take its first steps again.

    Args:
        run: A trained one.
        data: Where the data of its training are, if not where they were.
        seconds: Of the whole diagnosis.

    Raises:
        DataError: If the data have gone or changed.
        OptionError: If a step of its training takes gradients inside gradients, which is not observed.
    """
    if not run.task.ANSWERS_IN_ONE_CALL:
        raise OptionError(f"{run.task.name} takes gradients inside gradients, which a diagnosis cannot observe yet")
    began = time.monotonic()
    job = own_job(run, data)
    network = job.build_model()
    with observing() as observer:
        if isinstance(network, torch.nn.Module):
            train_briefly(job, network, began + SHARE * seconds)
    observer.is_busy = True
    left_out = left_out_of(job.train_config)
    noted = {"these steps were taken without": left_out} if left_out else {}
    observed, examples = observer.observed, _examples(job)
    return Case(str(run.path), observed, began + seconds, run, job, examples, left_out, noted=noted)


def left_out_of(config: TrainConfig) -> str:
    """What of a training is not done again by `train_briefly`, though it changes what can be learnt."""
    if config.adversarial:
        return f"the attacks of --adversarial {config.adversarial:g}"
    return f"the noise of --private {config.private:g}" if config.private else ""


def train_briefly(job: Any, network: torch.nn.Module, deadline: float) -> None:
    """As `training/loop.py` does, in the plainest way, on the processor."""
    from dataclasses import replace

    config = job.train_config
    rate = config.learning_rate if isinstance(config.learning_rate, float | int) else USUAL_RATE
    config = replace(config, learning_rate=float(rate))
    learner, train, network = job.task, job.prepared.train, network.cpu().train()
    size = config.batch_size or len(train)
    per_epoch = max(1, -(-len(train) // size))
    total = int(min(MOST_STEPS, max(FEWEST_STEPS, (config.epochs or 1) * per_epoch)))
    updates = activated(updates_of(learner, network), network, config)
    indices: list[torch.Tensor] = []
    for step in range(total):
        if not indices:
            indices = list(seeds.epoch_order(len(train), config.seed, step // per_epoch, None).split(size))
        batch = train.batch(indices.pop(0))
        for update in updates:
            update.set_rates(factor(str(config.schedule), step, total, config.warmup), 1.0)
            loss = update.loss(network, batch)
            update.forget_gradients()
            loss.backward()
            update.clip_gradients(config.clip_gradient)
            update.optimizer.step()
        if time.monotonic() > deadline and step >= FEWEST_STEPS:
            return


def _examples(job: Any) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Training examples as they are, in the order of the data."""
    train = job.prepared.train
    try:
        if getattr(job.task, "augments", False):
            job.task.disable_augmentation(job.prepared)
            train = job.prepared.train
        batch = train.batch(torch.arange(min(EXAMPLES, len(train))))
    except Exception:  # tasks hold their examples in many ways
        return None
    inputs = [x for x in batch[:-1] if x.dim() >= 2]
    if not inputs:
        return None
    if len(inputs) > 1:
        inputs = [torch.cat([x.float().flatten(1) for x in inputs], dim=1)]
    return inputs[0], batch[-1]
