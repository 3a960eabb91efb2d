"""The end of an epoch: judge, write a line of history, keep the best weights, and see whether another one is begun.

Here too, what is decided once per epoch: a plateau lowers the learning rate, and PyTorch's compiler gets its turn where
so much is left to do that it can repay the minute that it takes.
"""

import time
from dataclasses import replace
from typing import Any

from torch import nn

from deepglass.training import stopping
from deepglass.training.autotune import can_compile
from deepglass.training.parallel.wrap import release
from deepglass.training.state import TrainState

PLATEAU_PATIENCE = 3  # validations without improvement before the plateau schedule lowers the rate
PLATEAU_FACTOR = 0.3
COMPILING_REPAYS = 300.0  # seconds of training: compiling takes up to one minute, and seldom saves more than a fourth


def end_epoch(trainer: TrainState) -> str:
    """Judge, remember, save; returns why training is over, or an empty string."""
    progress, team = trainer.progress, trainer.team
    started = time.monotonic()
    metrics = team.broadcast_from_rank0(trainer.validate, needs_all=trainer.config.shard)
    trainer.plan.reserve = max(trainer.plan.reserve, 1.5 * (time.monotonic() - started))
    record = record_of(trainer, metrics)
    try_the_compiler(trainer, progress.seconds / max(1, progress.position))
    progress.history.append(record)
    is_best = note_score(trainer, metrics[trainer.learner.monitor])
    trainer.watcher.epoch(record, is_best)
    progress.epoch, progress.position, progress.examples, progress.seconds = progress.epoch + 1, 0, 0, 0.0
    progress.seen = [0] * len(progress.seen)
    trainer.loss_sum.zero_()
    if team.broadcast_from_rank0(trainer.is_save_due):
        trainer.save_checkpoint()
    return team.broadcast_from_rank0(lambda: stopping.why_over(trainer))


def record_of(trainer: TrainState, metrics: dict[str, float]) -> dict[str, Any]:
    """The epoch as a line of the history."""
    progress = trainer.progress
    return {
        "epoch": progress.epoch + 1,
        "step": progress.step,
        **trainer.mean_losses(trainer.team.totals(trainer.loss_sum)),
        **{f"val_{name}": value for name, value in metrics.items()},
        "learning_rate": trainer.learning_rate,
        "seconds": round(progress.seconds, 3),
        "examples_per_second": round(progress.examples / max(1e-9, progress.seconds), 1),
    }


def try_the_compiler(trainer: TrainState, seconds_per_step: float) -> None:
    """Once, and only where so much time is left that it can repay what it takes."""
    progress, autotuner = trainer.progress, trainer.autotuner
    left = min(seconds_per_step * (trainer.plan.total_steps - progress.step), trainer.plan.time_left())
    is_wanted = trainer.config.compile == "auto" and trainer.team.size == 1
    is_open = is_wanted and autotuner.chosen and not progress.has_tried_compiler
    if is_open and left > COMPILING_REPAYS and is_compiled_once(trainer) and can_compile(trainer.device):
        progress.has_tried_compiler = True
        autotuner.add_candidate(replace(autotuner.chosen, is_compiled=True))


def is_compiled_once(trainer: TrainState) -> bool:
    """Whether one program serves all steps, and is no longer than the network.

    Batches that differ in length would be compiled again and again, and a layer over time is written out step by step:
    a GRU over three seconds of sound kept the compiler busy for more than half an hour.
    """
    is_over_time = any(isinstance(layer, nn.RNNBase) for layer in trainer.model.modules())
    return trainer.learner.steps_repeat and not is_over_time


def note_score(trainer: TrainState, score: float) -> bool:
    """Keep the weights when they are the best so far; lower the rate on a plateau."""
    progress, sign = trainer.progress, 1 if trainer.learner.better == "higher" else -1
    if progress.best is None or sign * score > sign * progress.best:
        progress.best, progress.best_epoch, progress.waited = score, progress.epoch + 1, 0
        trainer.best_weights = {k: v.detach().clone() for k, v in trainer.evaluated.state_dict().items()}
        return True
    progress.waited += 1
    if trainer.config.schedule == "plateau" and progress.waited % PLATEAU_PATIENCE == 0:
        progress.plateau *= PLATEAU_FACTOR
    return False


def take_best(trainer: TrainState) -> None:
    """Put the best weights into the model, which has learnt enough."""
    if trainer.best_weights:
        trainer.model.load_state_dict(trainer.best_weights)
    release(trainer.model, trainer.team)
    trainer.model.eval()
