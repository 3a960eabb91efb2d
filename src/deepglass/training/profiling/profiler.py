"""Where the time of a training goes: data, forward, backward, optimiser, evaluation, checkpoints, the loop, start-up.

    profiler = Profiler()
    fitted = loop.fit(..., profiler=profiler)
    profiler.profile.findings[0].change                 # what to change first

The profiler puts itself around the calls that the loop makes and leaves the loop as it is, so a training without it
pays nothing. A few steps run under PyTorch's profiler, which slows them, and are left out of the sums. What would
disturb the training is measured after its last step, on a copy of the model: arithmetic, and how much longer a larger
batch would take. What follows from the numbers is left to `findings.py`.
"""

import copy
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch
from torch import Tensor

from deepglass.core import roofline
from deepglass.core.device import autocast, name_of, wait_for
from deepglass.data.examples import Batch
from deepglass.training.autotune import ComputePlan
from deepglass.training.profiling.findings import find
from deepglass.training.profiling.profile import Operation, Profile
from deepglass.training.profiling.stopwatch import stopwatch_for
from deepglass.training.state import TrainResult, TrainState
from deepglass.training.update import ActiveUpdate, summed_loss
from deepglass.zoo.flop_counter import counted

PHASES = ("data", "forward", "backward", "optimiser", "evaluation", "checkpoint", "the loop", "start-up")
WATCHED = "under PyTorch's profiler"  # the phase that is left out of the sums
WATCHED_STEPS = 5  # that run under it, once it is chosen how they are computed
OPERATIONS = 8  # that are listed
SILENT = "6"  # one above the highest level of Kineto's log
LONG_STEP = 0.05  # seconds of a step beyond which the cost of its launches is too small to be looked for
PRECISIONS = ("float32", "bfloat16")  # whose matrix rate is measured
QUICK_SIDE = 1024  # of the matrices on a processor: half of what `doctor --bench` takes, and an eighth of the time
REPEATS = 8  # of a short measurement


class Profiler:
    """Watches one training. Made when the command begins, so that start-up is seen too."""

    profile: Profile

    def __init__(self):
        self.began = time.perf_counter()
        self.steps = self.examples = 0
        self.last_batch: Batch = ()
        self.window: Any = None  # PyTorch's profiler while it is on
        self.windows: list[tuple[int, Any]] = []  # how many steps, and what was seen
        self.window_began = 0

    def run(self, trainer: TrainState) -> TrainResult:
        """Run a training, then work out where its time went."""
        self.put_around(trainer)
        fitted = trainer.run()
        self.close_window()
        with roofline.at_threads(fitted.way.threads):
            self.profile = self.measured(trainer, fitted.way.precision)
        self.profile.findings = find(self.profile, trainer)
        fitted.profile = self.profile.record()
        return fitted

    # -- around the calls of the loop ---------------------------------------------------------------------------

    def put_around(self, trainer: TrainState) -> None:
        """Let every call that the loop makes tell the stopwatch what is being done."""
        self.trainer = trainer
        self.stopwatch = stopwatch_for(trainer.device, (*PHASES, WATCHED), "start-up", self.began)
        self.stopwatch.switch("the loop")  # start-up is held until the first step is done
        trainer.train = InPlaceOf(trainer.train, batch=self.during("data", trainer.train.batch))  # type: ignore[assignment]
        trainer.loss = self.during("forward", self.with_backward(trainer.loss))
        for update in trainer.updates:
            update.change_weights = self.during("optimiser", update.change_weights)
        for hook in trainer.hooks.values():
            hook.update = self.during("optimiser", hook.update)
        trainer.validate = self.without_window(self.during("evaluation", trainer.validate))
        trainer.save_checkpoint = self.without_window(self.during("checkpoint", trainer.save_checkpoint))
        trainer.step = self.counting(trainer.step)

    def during(self, phase: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, its time attributed to a phase."""

        def timed(*args: Any, **more: Any) -> Any:
            before = self.stopwatch.switch(phase)
            try:
                return call(*args, **more)
            finally:
                self.stopwatch.switch(before)

        return timed

    def with_backward(self, loss_of: Callable[..., Tensor]) -> Callable[..., Tensor]:
        """`loss_of`; the backward pass of what it gives will be timed as well."""

        def loss_of_batch(update: ActiveUpdate, batch: Batch, way: ComputePlan) -> Tensor:
            loss = loss_of(update, batch, way)
            loss.backward = self.during("backward", loss.backward)
            self.last_batch = batch
            return loss

        return loss_of_batch

    def counting(self, step: Callable[[Batch], Tensor]) -> Callable[[Batch], Tensor]:
        """`step`; the first ends the start-up, some run under PyTorch's profiler."""

        def counted_step(batch: Batch) -> Tensor:
            loss = step(batch)
            self.steps += 1
            self.examples += len(batch[-1])
            if self.steps == 1:
                self.stopwatch.hold(None)
            if self.steps == self.window_began + WATCHED_STEPS:
                self.close_window()
            if self.steps > 1 and not self.windows and self.window is None and self.trainer.autotuner.chosen:
                self.open_window()
            return loss

        return counted_step

    def without_window(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, before which PyTorch's profiler is stopped: it is to see steps alone."""

        def plain(*args: Any, **more: Any) -> Any:
            self.close_window()
            return call(*args, **more)

        return plain

    def open_window(self) -> None:
        """Start PyTorch's profiler."""
        self.stopwatch.hold(WATCHED)
        self.window, self.window_began = torch_profiler(self.trainer.device), self.steps
        self.window.__enter__()

    def close_window(self) -> None:
        """Stop PyTorch's profiler, if it is on."""
        if self.window is not None:
            self.window.__exit__(None, None, None)
            self.windows.append((self.steps - self.window_began, self.window))
            self.window = None
            self.stopwatch.hold(None)

    # -- after the last step ------------------------------------------------------------------------------------

    def measured(self, trainer: TrainState, precision: str) -> Profile:
        """All numbers together."""
        seconds = self.stopwatch.read()
        del seconds[WATCHED]
        steps = self.steps - 1 - sum(count for count, _ in self.windows)  # the first one is part of the start-up
        of_steps = sum(seconds[phase] for phase in ("data", "forward", "backward", "optimiser", "the loop"))
        computing = seconds["forward"] + seconds["backward"]
        threads = torch.get_num_threads()
        profile = Profile(name_of(trainer.device), precision, threads, trainer.batch_size, seconds)
        profile.steps, profile.step_seconds = self.steps, of_steps / max(1, steps)
        profile.examples_per_second = self.examples / max(1, self.steps) / max(1e-9, profile.step_seconds)
        profile.operations = operations_of(self.windows, trainer.device)
        if self.last_batch:
            model, loss = copy.deepcopy(trainer.model).train(), summed_loss(trainer.updates)
            passes = Passes(model, loss, self.last_batch, precision, trainer.device)
            profile.flops = passes.flops()
            profile.flops_per_second = profile.flops * max(0, steps) / max(1e-9, computing)
            profile.batch8_slowdown = passes.batch8_slowdown() if profile.step_seconds < LONG_STEP else None
        if profile.flops:
            side = QUICK_SIDE if trainer.device.type == "cpu" else None
            profile.rates = {name: roofline.matrix_rate(trainer.device, name, side, 0.1) for name in PRECISIONS}
        return profile


class InPlaceOf:
    """Stands in for an object: what is given here is its own, all else is the object's."""

    def __init__(self, inner: Any, **own: Any):
        self.inner = inner
        vars(self).update(own)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __len__(self) -> int:
        return len(self.inner)


@dataclass
class Passes:
    """Forward and backward passes that change nothing: the model is a copy, and what is drawn is drawn aside."""

    model: Any
    loss: Callable[[Any, Batch], Tensor]
    batch: Batch
    precision: str
    device: torch.device

    def run(self, batch: Batch) -> None:
        """One forward and one backward pass."""
        with torch.random.fork_rng(), autocast(self.precision, self.device):
            loss = self.loss(self.model, batch)
        loss.backward()
        self.model.zero_grad(set_to_none=True)

    def flops(self) -> int:
        """Of one pass over the whole batch."""
        with counted(self.model) as traffic:
            self.run(self.batch)
        return traffic.flops

    def batch8_slowdown(self) -> float:
        """How many times longer a pass takes for eight times as many examples."""
        return self.seconds(tuple(torch.cat([tensor] * 8) for tensor in self.batch)) / self.seconds(self.batch)

    def seconds(self, batch: Batch) -> float:
        """Of the quickest of a few passes: others can only be disturbed."""
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            self.run(batch)
            wait_for(self.device)
            times.append(time.perf_counter() - started)
        return min(times)


def torch_profiler(device: torch.device) -> Any:
    """PyTorch's profiler, without the lines that it writes to the terminal by itself."""
    os.environ.setdefault("KINETO_LOG_LEVEL", SILENT)
    on_device = [torch.profiler.ProfilerActivity.CUDA] if device.type == "cuda" else []
    return torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU, *on_device], acc_events=True)


def operations_of(windows: list[tuple[int, Any]], device: torch.device) -> list[Operation]:
    """The operations that take longest, from what PyTorch's profiler saw."""
    steps = sum(count for count, _ in windows)
    spent: dict[str, list[float]] = {}
    for _, window in windows:
        for event in window.events():
            if "#" in event.key or event.device_type.name != "CPU":  # a mark around several; a kernel of one
                continue
            own = event.self_device_time_total if device.type == "cuda" else event.self_cpu_time_total
            spent.setdefault(event.key, []).append(own)
    each = {name: typical_of_step(times, steps) for name, times in spent.items()} if steps else {}
    total = sum(each.values())
    longest = sorted(each.items(), key=lambda item: -item[1])[:OPERATIONS] if total else []
    return [
        Operation(name.removeprefix("aten::"), len(spent[name]) / steps, microseconds / 1000, microseconds / total)
        for name, microseconds in longest
    ]


def typical_of_step(times: list[float], steps: int) -> float:
    """The time of a step's calls of one operation, each call given in order; something else may disturb a step."""
    calls, rest = divmod(len(times), steps)
    if rest:  # not every step makes the same calls
        return sum(times) / steps
    return median(sum(times[step * calls : (step + 1) * calls]) for step in range(steps))
