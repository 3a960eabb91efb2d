"""The state of one training: what it learns from, where it is, and how it ended.

Checkpoints, stopping, profiling and recorded steps work on this state; the loop (`loop.py`) adds the order of things.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from deepglass.core.device import channels_last, choose_device, keep_freed_memory
from deepglass.core.errors import OptionError, TrainingError
from deepglass.core.run_folder import RunFolder
from deepglass.data.examples import Batch, Examples
from deepglass.training.async_scalar import AsyncScalar
from deepglass.training.autotune import Autotuner, ComputePlan
from deepglass.training.averaging import WeightMean
from deepglass.training.config import TrainConfig
from deepglass.training.initializers import initialize
from deepglass.training.learner import Learner
from deepglass.training.parallel.processes import join
from deepglass.training.parallel.wrap import share_network
from deepglass.training.plan import Plan
from deepglass.training.private.training import NAME as PRIVATE
from deepglass.training.private.training import PrivateLearning
from deepglass.training.progress import Watcher
from deepglass.training.transfer import Transfer, rates_of
from deepglass.training.update import ActiveUpdate, StepHook, activated, updates_of
from deepglass.training.writer import Writer

MEAN = "mean"  # the hook of --ema


@dataclass
class Progress:
    """The progress of a training: all of it is written to a checkpoint."""

    step: int = 0
    epoch: int = 0  # whole epochs done
    position: int = 0  # steps done inside the current epoch
    examples: int = 0
    seen: list[int] = field(default_factory=list)  # of the examples, those from which each of several updates learnt
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0  # validations since the best
    plateau: float = 1.0  # what the plateau schedule has multiplied the rate by
    seconds: float = 0.0
    has_tried_compiler: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class TrainResult:
    """How a training ended. The model holds its best weights."""

    model: nn.Module
    history: list[dict[str, Any]]
    best_epoch: int
    reason: str  # why it ended, as a sentence
    way: ComputePlan  # how its steps were computed
    choices: list[str]  # what was chosen for speed, in words
    interrupted: bool = False
    profile: dict[str, Any] | None = None  # where the time went, if that was asked
    repetition: dict[str, Any] = field(default_factory=dict)  # steps, plan and ways, for `fit(..., repetition=)`
    privacy: dict[str, Any] = field(default_factory=dict)  # what a private training promised and spent


class TrainState(ABC):
    """All that one training holds, and what can be asked of it.

    Args:
        model: Any module; it is moved to the device.
        learner: Gives the loss of a batch and the validation metrics.
        train: Training examples; val: validation examples.
        config: With every field resolved.
        folder: Where checkpoint, weights and history go; None writes nothing.
        sample_weights: (N,) how often each example is drawn; None draws each once per epoch.
        watcher: Is told of every step and epoch.
        transfer: Which layers learn when, and how fast; None lets all learn alike.
    """

    plan: Plan
    autotuner: Autotuner
    is_paused: Callable[[Progress], bool] = staticmethod(lambda progress: False)  # asked after every epoch

    def __init__(
        self,
        model: nn.Module,
        learner: Learner,
        train: Examples,
        val: Examples,
        config: TrainConfig,
        folder: RunFolder | None,
        sample_weights: Tensor | None,
        watcher: Watcher,
        transfer: Transfer | None,
    ):
        keep_freed_memory()
        self.threads = torch.get_num_threads()  # of all that is not a training step
        self.device = choose_device(config.device)
        self.team = join()
        initialize(model, config.initializer)
        self.model = model if config.shard else channels_last(model.to(self.device))
        self.learner, self.config, self.folder, self.watcher = learner, config, folder, watcher
        self.train, self.val = train.to(self.device), val.to(self.device)
        self.sample_weights = sample_weights
        self.batch_size = min(config.batch_size or len(train), len(train))
        self.steps_per_epoch = math.ceil(len(train) / self.batch_size)
        self.team.require_same({"training examples": len(train), "steps an epoch": self.steps_per_epoch})
        self.transfer = transfer
        if transfer is not None:
            transfer.leave_open(self.model)
        self.has_several = len(learner.updates(self.model)) > 1
        self.network = share_network(self.model, self.team, config, self.device, transfer, self.has_several)
        declared = updates_of(learner, self.model)  # only now: who divides a model makes new weights of it
        self.updates = activated(declared, self.model, config, rates_of(transfer, learner.rates(self.model)))
        self.private = self._private_learning() if config.private else None
        self.mean = WeightMean(self.model, config.ema) if config.ema else None
        self.hooks = self._all_hooks()
        self.best_weights: dict[str, Tensor] = {}
        sums = (len(self.updates),) if self.has_several else ()
        self.loss_sum = torch.zeros(sums, dtype=torch.float64, device=self.device)  # over the current epoch
        self.async_loss = AsyncScalar(self.device, 50 if self.team.size == 1 else 1)  # several look seldom as it is
        self.progress, self.last_save, self.is_interrupted = Progress(seen=[0] * sum(sums)), -math.inf, False
        self.writer = Writer()
        self.team.draw_apart(config.seed)

    def _all_hooks(self) -> dict[str, StepHook]:
        """What follows every step: the running mean of the weights, and what the learner adds."""
        hooks = dict(self.learner.hooks(self.model))
        if MEAN in hooks:
            raise TrainingError(f"a hook is called {MEAN!r}, as the running mean of --ema is: rename it")
        if hooks and self.config.shard:
            raise OptionError(
                "--shard divides every weight, and a hook of this training follows whole ones: leave it out"
            )
        own = {MEAN: self.mean, PRIVATE: self.private}
        return hooks | {name: hook for name, hook in own.items() if hook is not None}

    def _private_learning(self) -> PrivateLearning:
        """Raises OptionError where several updates take turns: no step is a sum over examples then."""
        if self.has_several:
            raise OptionError("--private bounds one step per example, here several updates take turns: leave it out")
        return PrivateLearning(self.model, self.config, len(self.train), self.steps_per_epoch, self.device)

    @property
    def evaluated(self) -> nn.Module:
        """The model that is judged and kept: the running mean of its weights where there is one."""
        return self.model if self.mean is None else self.mean.model

    @property
    def learning_rate(self) -> float:
        """Of the first update, now."""
        return self.updates[0].optimizer.param_groups[0]["lr"]

    def mean_losses(self, sums: list[float]) -> dict[str, float]:
        """What the epoch costs per example: the loss, and of several updates also the part of each.

        Args:
            sums: Over the examples from which each update has learnt in this epoch.
        """
        if not self.has_several:
            return {"loss": sums[0] / max(1, self.progress.examples)}
        parts = zip(self.updates, sums, self.progress.seen, strict=True)
        means = {f"loss_{update.name}": total / max(1, seen) for update, total, seen in parts}
        return {"loss": sum(means.values()), **means}

    @abstractmethod
    def run(self) -> TrainResult:
        """Train until the plan is done."""

    @abstractmethod
    def step(self, batch: Batch) -> Tensor:
        """One step of learning; returns its loss (), or those of several updates (U,)."""

    @abstractmethod
    def learn(self, batch: Batch, compute_plan: ComputePlan) -> Tensor:
        """What a device can do of a step by itself."""

    @abstractmethod
    def loss(self, update: ActiveUpdate, batch: Batch, compute_plan: ComputePlan) -> Tensor:
        """What an update makes smaller."""

    @abstractmethod
    def validate(self) -> dict[str, float]:
        """The validation metrics."""

    @abstractmethod
    def is_save_due(self) -> bool:
        """Whether it is time to write a checkpoint."""

    @abstractmethod
    def save_checkpoint(self, is_last: bool = False) -> None:
        """Write all of it into the folder."""


class Profiler(Protocol):
    """Runs a training and finds out where its time went (`profiling/profiler.py`)."""

    def run(self, trainer: TrainState) -> TrainResult: ...
