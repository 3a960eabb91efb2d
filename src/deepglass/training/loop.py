"""The training loop: every step visible, nothing between the hardware and its work.

    for each epoch
        for each batch           the examples at the next indices
            for each update      forget; forward; backward; clip; change the weights      `Trainer.descend`
        validate                 keep the best weights, lower the rate on a plateau       `epoch_end.py`
        checkpoint               whole, atomically: a killed training resumes to the bit  `checkpoint.py`

The loop knows examples by index and a learner by what it declares (`learner.py`): nearly all have one update, networks
that learn in turn have several (`update.py`). It knows nothing of tables, pictures or words.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.core import seeds
from deepglass.core.device import autocast, denormals_flushed, wait_for
from deepglass.core.run_folder import RunFolder
from deepglass.data.examples import Batch, Examples, announce, works_ahead
from deepglass.training import checkpoint, epoch_end, schedules, stopping
from deepglass.training.autotune import AGREEING, Autotuner, ComputePlan, open_ways, that_agree, use_threads
from deepglass.training.config import TrainConfig
from deepglass.training.fast.cuda_graphs import use_graph
from deepglass.training.fast.gru_cpu import with_fast_gru
from deepglass.training.interrupt import Interrupt
from deepglass.training.learner import Learner
from deepglass.training.plan import Plan, seconds_of
from deepglass.training.progress import Watcher
from deepglass.training.state import Profiler, Progress, TrainResult, TrainState
from deepglass.training.transfer import Transfer
from deepglass.training.update import ActiveUpdate, summed_loss

JUDGING_COST = 0.5  # of an example, relative to training on it: no backward pass, but every metric


def fit(
    model: nn.Module,
    learner: Learner,
    train: Examples,
    val: Examples,
    config: TrainConfig,
    *,
    folder: RunFolder | None = None,
    resume: bool = False,
    deadline: float | None = None,
    reserve: float = 0.0,
    judged: int = 0,
    sample_weights: Tensor | None = None,
    watcher: Watcher | None = None,
    transfer: Transfer | None = None,
    profiler: Profiler | None = None,
    repetition: dict[str, Any] | None = None,
    is_paused: Callable[[Progress], bool] | None = None,
) -> TrainResult:
    """Train `model` and leave the best weights in it.

    Args:
        model: Any module; it is moved to the device.
        learner: Gives the loss of a batch, or the losses of several updates, and the validation metrics.
        train: Training examples; val: validation examples, which choose the best epoch.
        config: With every field resolved: epochs, batch_size, learning_rate, optimizer, schedule are not None.
        folder: Where checkpoint, weights and history go; None writes nothing.
        resume: Go on from the folder's checkpoint.
        deadline: `time.monotonic()` value of the hard stop; `reserve` seconds before it the last step is taken.
        judged: Examples that will be judged after the last step; the time for it is held back too.
        sample_weights: (N,) how often each example is drawn; None draws each once per epoch.
        watcher: Is told of every step and epoch.
        transfer: Which layers learn when, and how fast; None lets all learn alike.
        profiler: Finds out where the time goes.
        repetition: Of another training (`TrainResult.repetition`), whose steps are taken again without a clock.
        is_paused: Asked after every epoch whether to stop for now; `resume` goes on as if nothing had been.

    Raises:
        TrainingError: If the loss is not a number before a first epoch is done; if updates do not fit the model.
        OptionError: If updates that take turns cannot be computed as the options ask for.
        RunError: If the folder cannot be written to, or there is nothing to resume.
    """
    trainer = Trainer(model, learner, train, val, config, folder, sample_weights, watcher or Watcher(), transfer)
    trainer.plan = Plan.of(config.epochs or 1, trainer.steps_per_epoch, deadline)
    trainer.plan.reserve, trainer.plan.judging = reserve, JUDGING_COST * judged / trainer.batch_size
    trainer.plan.budget = seconds_of(config.budget) if config.budget else 0.0
    trainer.autotuner = Autotuner(trainer.open_ways(), trainer.threads, partial(wait_for, trainer.device))
    if repetition and trainer.team.size == 1:
        trainer.plan.repeat(repetition["steps"], repetition["plan"])
        trainer.autotuner.repeat(repetition["ways"])
        trainer.progress.has_tried_compiler = True
    if trainer.private is not None:
        trainer.progress.has_tried_compiler = True  # gradients of single examples are not compiled
    if is_paused is not None:
        trainer.is_paused = is_paused
    if resume:
        checkpoint.restore(trainer)
    with denormals_flushed(), with_fast_gru(trainer.model, trainer.device):
        try:
            if profiler is not None:
                return profiler.run(trainer)
            use_graph(trainer)
            return trainer.run()
        finally:
            use_threads(trainer.threads)
            trainer.writer.close()


class Trainer(TrainState):
    """The loop over the state of one training."""

    # -- learning -----------------------------------------------------------------------------------------------

    def descend(self, update: ActiveUpdate, batch: Batch, compute_plan: ComputePlan) -> Tensor:
        """The whole of learning: forget, forward, backward, clip, change the weights. Returns the loss ()."""
        update.forget_gradients()
        if self.private is not None:
            return self.descend_privately(update, batch, compute_plan)
        with autocast(compute_plan.precision, self.device):
            loss = self.loss(update, batch, compute_plan)
        loss.backward(self.team.gradient_scale(loss))
        if self.has_several:  # else the network itself has averaged them
            self.team.average_gradients(update.parameters)
        update.clip_gradients(self.config.clip_gradient)
        update.change_weights()
        return loss

    def descend_privately(self, update: ActiveUpdate, batch: Batch, compute_plan: ComputePlan) -> Tensor:
        """The same where no example may pull farther than any other, and noise hides which one did."""
        assert self.private is not None
        with autocast(compute_plan.precision, self.device):
            loss = self.private.learn(update, self.model, batch)
        update.change_weights()
        return loss

    def learn(self, batch: Batch, compute_plan: ComputePlan) -> Tensor:
        """What a device can do of a step by itself: a CUDA graph may take its place. Returns the loss (), or (U,)."""
        if not self.has_several:
            return self.descend(self.updates[0], batch, compute_plan)
        losses = torch.zeros_like(self.loss_sum)
        for i, update in enumerate(self.updates):
            if update.is_due(self.progress.step):
                with update.alone():
                    losses[i] = self.descend(update, batch, compute_plan).detach()
        return losses

    def loss(self, update: ActiveUpdate, batch: Batch, compute_plan: ComputePlan) -> Tensor:
        """What an update makes smaller."""
        return (update.compiled_loss if compute_plan.is_compiled else update.loss)(self.network, batch)

    def step(self, batch: Batch) -> Tensor:
        """One step: how it is computed, how fast all learn, learning itself, and what follows it."""
        compute_plan = self.autotuner.begin()
        self._follow_schedules()
        loss = self.learn(batch, compute_plan)
        for hook in self.hooks.values():
            hook.update()
        if chosen := self.autotuner.end():
            self.watcher.note(f"computes in {chosen}")
        return loss

    # -- the loop -----------------------------------------------------------------------------------------------

    def run(self) -> TrainResult:
        """Train until the plan is done, the time is up, nothing improves any more, or the user interrupts."""
        self.watcher.start(self.plan.total_steps, self.learner.monitor)
        if self.autotuner.chosen:
            self.watcher.note(f"computes in {self.autotuner.chosen}")
        if self.private is not None:
            self.watcher.note(str(self.private))
        progress = self.progress
        reason = ""
        if progress.history and progress.position == 0:
            reason = self.team.broadcast_from_rank0(lambda: stopping.why_over(self))
        with Interrupt() as interrupt:
            while not reason:
                reason = self.run_epoch(interrupt)
        self.save_checkpoint(is_last=True)
        epoch_end.take_best(self)
        reason += stopping.what_is_kept(progress)
        self.watcher.finish(reason)
        way, choices = self.autotuner.rest(), [words for words in (self.autotuner.words,) if words]
        repetition = {"steps": progress.step, "plan": self.plan.changes, "ways": self.autotuner.record}
        history, best = progress.history, progress.best_epoch
        fitted = TrainResult(self.model, history, best, reason, way, choices, self.is_interrupted)
        return replace(fitted, repetition=repetition, privacy=self.private.record() if self.private else {})

    def run_epoch(self, interrupt: Interrupt) -> str:
        """One epoch, or what is left of it; returns why training is over, or an empty string."""
        progress, started, first_step = self.progress, time.monotonic(), self.progress.step
        self._set_mode()
        self.learner.on_epochs_known(self.plan.total_steps / self.steps_per_epoch)
        batches = self._batches()
        parts = [self.team.part(indices) for indices in batches]
        announce(self.train, parts)
        for indices, part in zip(batches, parts, strict=True):
            if self._must_stop(interrupt, progress.step - first_step):
                break
            batch = self.train.batch(part) if len(part) else ()  # what is drawn privately may be nobody
            share = self.team.share(self.learner, batch, len(indices))
            loss = self.step(batch)
            del batch  # or two are in memory while the next one is read
            own = loss.detach() if self.team.size == 1 else loss.detach() * share
            self.loss_sum.add_(own, alpha=len(indices))
            self._count(len(indices))
            elapsed, taken = time.monotonic() - started, progress.step - first_step
            speed = taken * self.batch_size / elapsed
            self.watcher.step(progress.step, self.plan.total_steps, self._mean_loss(), speed)
        else:
            self._agree(interrupt, progress.step - first_step)
        is_finite = math.isfinite(self.team.total(self.loss_sum))  # a GPU is done with the epoch when this is read
        progress.seconds += time.monotonic() - started
        if not is_finite:
            return stopping.lost(self)
        return stopping.INTERRUPTED if self.is_interrupted else epoch_end.end_epoch(self)

    def validate(self) -> dict[str, float]:
        """The validation metrics of the model (or of the running mean of its weights)."""
        with autocast(self.autotuner.rest().precision, self.device):
            found = self.learner.validate(self.learner.outputs(self.evaluated, self.val))
        return {name: float(value) for name, value in found.items()}  # what NumPy counts is in no checkpoint

    def save_checkpoint(self, is_last: bool = False) -> None:
        """Write all of it, while training goes on; the last time, wait until it is written."""
        self.last_save = time.monotonic()
        checkpoint.write(self, wait=is_last)

    # -- the pieces of a step -----------------------------------------------------------------------------------

    def open_ways(self) -> list[ComputePlan]:
        """The ways to compute a step among which this training may choose; of precisions, those that agree."""
        ways = open_ways(self.config, self.device, self.plan.total_steps)
        if self.team.size > 1:  # each would choose by a clock of its own
            return ways[:1]
        if len({way.precision for way in ways}) == 1:
            return ways
        random = seeds.rng_state()
        batch = self.train.batch(torch.arange(min(AGREEING, self.batch_size)))
        seeds.set_rng_state(random)
        loss = summed_loss(self.updates)
        return that_agree(ways, lambda: loss(self.model.eval(), batch), self.device)

    def _batches(self) -> tuple[Tensor, ...]:
        """The indices of the batches that this epoch still has to take."""
        seed, progress = self.config.seed, self.progress
        if self.private is not None:
            rest = self.private.batches(progress.epoch)[progress.position :]
            return rest if works_ahead(self.train) else tuple(indices.to(self.device) for indices in rest)
        order = seeds.epoch_order(len(self.train), seed, progress.epoch, self.sample_weights)
        rest = order[progress.position * self.batch_size :].to("cpu" if works_ahead(self.train) else self.device)
        return rest.split(self.batch_size) if len(rest) else ()

    def _set_mode(self) -> None:
        """Training mode; what is frozen in this epoch stays out of it."""
        self.model.train()
        if self.transfer is not None:
            self.transfer.begin_epoch(self.model, self.progress.epoch)

    def _follow_schedules(self) -> None:
        """Set what depends on how far the training is: the learning rates, and what the learner changes with it."""
        position = self.plan.position(self.progress.step)
        self.learner.on_progress(position / self.plan.total_steps)
        factor = schedules.factor(str(self.config.schedule), position, self.plan.total_steps, self.config.warmup)
        for update in self.updates:
            update.set_rates(factor, self.progress.plateau)

    def _count(self, examples: int) -> None:
        """A step was taken with so many examples."""
        progress = self.progress
        for i in range(len(progress.seen)):
            progress.seen[i] += examples * self.updates[i].is_due(progress.step)
        progress.step, progress.position = progress.step + 1, progress.position + 1
        progress.examples += examples

    def _mean_loss(self) -> float | None:
        """Of the epoch so far, as this process sees it; None where looking would wait for a GPU."""
        if self.device.type != "cpu":
            return None
        if self.has_several:
            return self.team.size * self.mean_losses(self.loss_sum.tolist())["loss"]  # about
        own_examples = max(1, self.progress.examples) / self.team.size  # about
        return float(self.loss_sum) / own_examples

    # -- what is decided between two steps ----------------------------------------------------------------------

    def _must_stop(self, interrupt: Interrupt, taken: int) -> bool:
        """Whether no further step is taken; several processes decide that seldom, and where their plan ends."""
        step = self.progress.step
        return (self.team.should_sync(step) or step >= self.plan.total_steps) and self._agree(interrupt, taken)

    def _agree(self, interrupt: Interrupt, taken: int) -> bool:
        """Fit the plan and save, where a step was taken in this epoch; whether to stop. All processes do the same."""
        step, is_due, total_steps = self.progress.step, False, self.plan.total_steps
        if taken:
            total_steps = self.plan.fitted(step)
            is_due = self.is_save_due()
        is_late = self.plan.time_left() <= 0
        is_lost = not math.isfinite(self.async_loss.look(self.loss_sum))
        self.is_interrupted = interrupt.requested
        if self.team.size > 1:
            wish = (total_steps, is_late, is_due, self.is_interrupted, is_lost)
            total_steps, is_late, is_due, self.is_interrupted, is_lost = self.team.all_reduce_decisions(step, wish)
        self.plan.change(step, total_steps)
        if is_due:
            self.save_checkpoint()
        return self.plan.is_done(step) or is_late or is_lost or self.is_interrupted

    def is_save_due(self) -> bool:
        """Whether the last checkpoint is old enough for another."""
        return time.monotonic() - self.last_save > self.config.checkpoint_every
