"""CUDA graphs: a small training step recorded once and replayed, so that nothing waits for Python to launch kernels.

    trainer.learn(batch, way)     before   a hundred launches from Python
                                  after    copy the batch into place, one launch

A small network on a GPU takes milliseconds per step, of which the arithmetic is a tenth. Recorded are forward, loss,
backward, clipping and the change of the weights, with a learning rate that is read from the device; the rate itself,
the hooks after the step, and a last batch of another size stay outside. Updates that take turns are not recorded. The
first steps run as they are, and are timed. A step that takes long has no use for a graph, and one that is not faster
when replayed goes on without.

References:
    Gray (2019), Getting Started with CUDA Graphs, https://developer.nvidia.com/blog/cuda-graphs/
    PyTorch, CUDA semantics: CUDA Graphs, https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from statistics import median

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

from deepglass.core.console import console
from deepglass.core.device import wait_for
from deepglass.data.examples import Batch
from deepglass.training.autotune import ComputePlan
from deepglass.training.state import TrainState

FEWEST_STEPS = 200  # a capture costs about as much as a hundred small steps
WARM_STEPS = 5  # as they are: memory is found, the optimiser makes its moments, and the time of a step is seen
LONG_STEP = 0.03  # seconds beyond which some hundred launches, ten microseconds each, are a small part of a step
TRIAL_STEPS = 5  # replayed and timed before the graph may stay

Body = Callable[[], Tensor]
Replay = Callable[[], None]
Record = Callable[[Body], tuple[Replay, Tensor]]  # gives what replays the body, and where its loss will be


def use_graph(trainer: TrainState) -> None:
    """Let a trainer replay its steps where that can be faster and is known to be right."""
    if not reason_against(trainer):
        trainer.learn = ReplayedLearning(trainer, record_on_gpu)


def reason_against(trainer: TrainState) -> str:
    """Why steps must be launched one by one; empty where they may be replayed.

    A recording repeats what the first step did: nothing in it may be decided anew by Python. Tasks promise that
    (`steps_repeat`); of a module and a loss that somebody else wrote it is not known.
    """
    config = trainer.config
    if config.cuda_graphs == "off":
        return "--cuda-graphs off"
    if trainer.device.type != "cuda":
        return "the device launches without Python"
    if config.cuda_graphs != "on" and not trainer.learner.steps_repeat:
        return "the loss is not known to do the same at every step"
    if trainer.team.size > 1:
        return "gradients travel between processes"
    if config.private:
        return "the size of a private batch is drawn anew"
    if config.mixup or config.cutmix:
        return "mixing draws its shares in Python"
    if trainer.transfer is not None:
        return "which layers learn changes between epochs"
    if len(trainer.updates) > 1:
        return "several updates take turns"
    optimizer = trainer.updates[0].optimizer
    if not isinstance(optimizer, SGD | Adam | AdamW):
        return f"{type(optimizer).__name__} looks at its step count in Python"
    if trainer.plan.total_steps - trainer.progress.step < FEWEST_STEPS:
        return "too few steps are left"
    return ""


class ReplayedLearning:
    """Takes the place of `trainer.learn`: plain at first, then a recording where that is faster.

    Args:
        trainer: Whose steps these are.
        record: Records a step; `record_on_gpu`, or a stand-in.
    """

    def __init__(self, trainer: TrainState, record: Record):
        self.plain = trainer.learn
        self.optimizer, self.device, self.record = trainer.updates[0].optimizer, trainer.device, record
        self.rates = [torch.zeros((), device=self.device) for _ in self.optimizer.param_groups]
        self.way: ComputePlan | None = None  # how the recorded step computes
        self.buffers: list[Tensor] = []
        self.replay: Replay | None = None
        self.plain_seconds: list[float] = []
        self.replayed_seconds: list[float] = []
        self.is_over = False  # decided against a graph

    def __call__(self, batch: Batch, way: ComputePlan) -> Tensor:
        """A step of learning; returns its loss, which the next step overwrites."""
        self.way = self.way or way
        is_other = self.buffers and not fits(batch, self.buffers)  # an epoch may end in a smaller batch
        if self.is_over or is_other or way != self.way:
            return self.plain(batch, way)
        if len(self.plain_seconds) < WARM_STEPS:
            return self.warm_step(batch, way)
        if self.replay is None and not self.begin(way):
            return self.plain(batch, way)
        if len(self.replayed_seconds) < TRIAL_STEPS:
            return self.trial_step(batch)
        return self.replayed(batch)

    def warm_step(self, batch: Batch, way: ComputePlan) -> Tensor:
        """A step as it is, timed, beside the main stream as PyTorch wants it before a capture.

        The loss is given without its graph: notes of autograd that outlive a step would belong to another stream.
        """
        self.buffers = self.buffers or [torch.empty_like(part) for part in batch]
        with aside(self.device):
            return self.timed(self.plain_seconds, lambda: self.plain(batch, way).detach())

    def begin(self, way: ComputePlan) -> bool:
        """Record a step, unless steps are long; whether there is a recording."""
        self.is_over = median(self.plain_seconds) > LONG_STEP
        if self.is_over:
            return False
        try:
            self.replay, self.loss = self.record(lambda: self.body(way))
        except (RuntimeError, AssertionError) as error:  # what a capture forbids, and what PyTorch checks before it
            self.is_over = True
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            console.say(f"  no CUDA graph, steps are launched one by one: {reason}")
        return not self.is_over

    def body(self, way: ComputePlan) -> Tensor:
        """What is recorded: a step on the buffers, its learning rate read from the device."""
        with rates_on_device(self.optimizer, self.rates):
            return self.plain(tuple(self.buffers), way)

    def replayed(self, batch: Batch) -> Tensor:
        """Put the batch and the learning rates where the recording reads them, and replay; nothing waits."""
        assert self.replay is not None
        for buffer, part in zip(self.buffers, batch, strict=True):
            buffer.copy_(part, non_blocking=True)
        for rate, group in zip(self.rates, self.optimizer.param_groups, strict=True):
            rate.fill_(group["lr"])
        self.replay()
        return self.loss

    def trial_step(self, batch: Batch) -> Tensor:
        """A replayed step, timed; the last of them decides, and says what came of it."""
        loss = self.timed(self.replayed_seconds, lambda: self.replayed(batch))
        if len(self.replayed_seconds) == TRIAL_STEPS:
            plain, replayed = median(self.plain_seconds), median(self.replayed_seconds)
            self.is_over = replayed >= plain
            times = f"{1000 * replayed:.2f} ms instead of {1000 * plain:.2f}"
            console.say(f"  {'no CUDA graph' if self.is_over else 'CUDA graph'}: a step takes {times}")
        return loss

    def timed(self, seconds: list[float], learn: Callable[[], Tensor]) -> Tensor:
        """Learn, and wait for the device to see how long that took: in a few steps of a training only."""
        wait_for(self.device)
        started = time.perf_counter()
        loss = learn()
        wait_for(self.device)
        seconds.append(time.perf_counter() - started)
        return loss


def fits(batch: Batch, buffers: list[Tensor]) -> bool:
    """Whether a batch has the shapes and types of the recorded one."""
    return len(batch) == len(buffers) and all(
        part.shape == buffer.shape and part.dtype == buffer.dtype for part, buffer in zip(batch, buffers)
    )


@contextmanager
def rates_on_device(optimizer: Optimizer, rates: list[Tensor]) -> Iterator[None]:
    """Inside, the optimiser reads its learning rates from the device and promises to stay there."""
    groups = optimizer.param_groups
    before = [{name: group[name] for name in ("lr", "capturable") if name in group} for group in groups]
    for group, rate in zip(groups, rates, strict=True):
        group["lr"] = rate
        if "capturable" in group:
            group["capturable"] = rate.device.type == "cuda"
    try:
        yield
    finally:
        for group, kept in zip(groups, before, strict=True):
            group.update(kept)


def aside(device: torch.device) -> AbstractContextManager:
    """A stream beside the main one; who uses it waits before and after."""
    return torch.cuda.stream(torch.cuda.Stream(device)) if device.type == "cuda" else nullcontext()


def record_on_gpu(body: Body) -> tuple[Replay, Tensor]:
    """Record the kernels that `body` launches; none of them runs now. Other threads may use the GPU meanwhile."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        loss = body()
    return graph.replay, loss.detach()
