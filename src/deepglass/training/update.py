"""Updates: which weights a step of training changes, towards which loss, and how fast.

    most learners      one update: all weights, the learner's loss
    a GAN              two that take turns: the discriminator towards telling, the generator towards fooling it

A learner declares its updates (`Learner.updates`); each gets an optimiser of its own. While one learns, the weights of
the others stand still and get no gradient. What changes after a step without a gradient, such as a running mean of the
weights or a teacher, is a `StepHook`. The loop, checkpoints, the profiler and the stop-watch know only these.

References:
    Goodfellow et al. (2014), Generative Adversarial Nets, https://arxiv.org/abs/1406.2661 (updates in turn)
    Heusel et al. (2017), GANs Trained by a Two Time-Scale Update Rule, https://arxiv.org/abs/1706.08500 (`rate`)
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from deepglass.core.errors import TrainingError
from deepglass.core.wording import counted, listing
from deepglass.data.examples import Batch
from deepglass.training.config import TrainConfig
from deepglass.training.optimizers import build_optimizer, unhooked_step

USUAL = "all weights"  # the name of the one update of a learner that declares none

Loss = Callable[[nn.Module, Batch], Tensor]


@dataclass(frozen=True)
class Update:
    """One of the changes that a step of training makes.

    Args:
        name: Of what learns, such as "generator": names the loss in the history and the optimiser in a checkpoint.
        parameters: The weights that it changes; two updates may share some.
        loss: (model, batch) → a scalar that it makes smaller.
        rate: Factor of the learning rate; the schedule is the same for all updates.
        betas: Of Adam and AdamW, where one of them is used; None takes PyTorch's own, 0.9 and 0.999.
        every: Takes part in every step whose number this divides: 5 learns in one step of five.
    """

    name: str
    parameters: Iterable[nn.Parameter]
    loss: Loss
    rate: float = 1.0
    betas: tuple[float, float] | None = None
    every: int = 1

    def __post_init__(self):
        object.__setattr__(self, "parameters", tuple(self.parameters))  # `module.parameters()` can be read but once


class StepHook(Protocol):
    """What changes after every step, by itself: a running mean of the weights, the weights of a teacher."""

    def update(self) -> None:
        """A step was taken: follow it."""
        ...

    def state_dict(self) -> Mapping[str, Any]:
        """What a resumed training needs; tensors, numbers, text, lists and dicts of them."""
        ...

    def load_state_dict(self, state: Any) -> None:
        """Take back what `state_dict` gave."""
        ...


class ActiveUpdate:
    """An update at work: with its optimiser, its learning rates, and the weights that stand still meanwhile.

    Args:
        update: As the learner declares it.
        model: Whose weights these are.
        config: Names optimiser, learning rate and weight decay.
        rates: Factors of the learning rate by the name of the parameter; 1 where nothing is said.
        others: Weights of the other updates, which get no gradient from this one.
    """

    def __init__(
        self,
        update: Update,
        model: nn.Module,
        config: TrainConfig,
        rates: Mapping[str, float] | None = None,
        others: Sequence[nn.Parameter] = (),
    ):
        self.name, self.loss, self.every = update.name, update.loss, update.every
        self.parameters, self.others = list(update.parameters), others
        scaled = replace(config, learning_rate=update.rate * float(config.learning_rate))  # type: ignore[arg-type]
        self.optimizer = build_optimizer(model, scaled, rates, self.parameters, update.betas)
        self.change_weights = unhooked_step(self.optimizer)
        self.base_rates = [group["lr"] for group in self.optimizer.param_groups]

    def is_due(self, step: int) -> bool:
        """Whether it takes part in a step."""
        return step % self.every == 0

    @cached_property
    def compiled_loss(self) -> Loss:
        """The loss behind PyTorch's compiler, which leaves alone what it cannot compile, random numbers included."""
        import torch._dynamo

        torch._dynamo.config.suppress_errors = True
        warnings.filterwarnings("ignore", module=r"torch\._(dynamo|inductor)")  # advice to their authors
        return torch.compile(self.loss, options={"fallback_random": True})

    def set_rates(self, factor: float, plateau: float) -> None:
        """Let it learn at its own rates times what the schedule, and its plateaus, say."""
        for group, rate in zip(self.optimizer.param_groups, self.base_rates, strict=True):
            group["lr"] = rate * factor * plateau

    def forget_gradients(self) -> None:
        """Begin anew: nothing of an earlier step counts."""
        for parameter in self.parameters:
            parameter.grad = None

    def clip_gradients(self, largest: float | None) -> None:
        """Shorten the gradient of all its weights together where it is longer; None and 0 leave it."""
        if largest:
            nn.utils.clip_grad_norm_(self.parameters, largest)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside, the weights of the other updates stand still: nothing is computed for them."""
        held = [parameter for parameter in self.others if parameter.requires_grad]
        for parameter in held:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in held:
                parameter.requires_grad_(True)


def updates_of(learner: Any, model: nn.Module) -> list[Update]:
    """The updates that a learner declares; where it declares none, one of all weights towards its loss.

    Raises:
        TrainingError: If they do not fit the model, or each other.
    """
    declared = list(learner.updates(model))
    if declared:
        _require_fit(declared, model)
        return declared
    return [Update(USUAL, (p for p in model.parameters() if p.requires_grad), learner.loss)]


def activated(
    updates: Sequence[Update], model: nn.Module, config: TrainConfig, rates: Mapping[str, float] | None = None
) -> list[ActiveUpdate]:
    """All updates of a training at work."""
    active = []
    for update in updates:
        own = {id(parameter) for parameter in update.parameters}
        others = {id(p): p for other in updates for p in other.parameters if id(p) not in own}
        active.append(ActiveUpdate(update, model, config, rates, list(others.values())))
    return active


def summed_loss(updates: Sequence[Update | ActiveUpdate]) -> Loss:
    """The losses of all updates together: what a step computes, where nothing is to be learnt from it."""
    first, *others = updates
    if not others:
        return first.loss
    return lambda model, batch: torch.stack([update.loss(model, batch).float() for update in updates]).sum()


def _require_fit(updates: Sequence[Update], model: nn.Module) -> None:
    """Raises TrainingError where a training of these updates would not do what they say."""
    names = [update.name for update in updates]
    if len(set(names)) < len(names):
        raise TrainingError(f"expected updates of different names, got {listing(names)}: rename one of them")
    if min(update.every for update in updates) != 1:
        raise TrainingError("no update takes part in every step: expected every=1 of one of them, or of all")
    known = {id(parameter): name for name, parameter in model.named_parameters()}
    for update in updates:
        if update.rate <= 0 or update.every < 1:
            raise TrainingError(f"update {update.name!r}: expected a rate above 0 and every of 1 or more")
        if not any(parameter.requires_grad for parameter in update.parameters):
            raise TrainingError(f"update {update.name!r} has no weight that learns: name some, or leave it out")
        if foreign := sum(id(parameter) not in known for parameter in update.parameters):
            raise TrainingError(
                f"update {update.name!r} names {counted(foreign, 'weight')} that the model does not hold, so nothing "
                "would keep what they learn: make them a part of the model"
            )
    taken = {id(parameter) for update in updates for parameter in update.parameters}
    left = [name for name, p in model.named_parameters() if p.requires_grad and id(p) not in taken]
    if left:
        raise TrainingError(
            f"{counted(len(left), 'weight')} would never learn ({listing(left)}): name them in an update, or call "
            "requires_grad_(False)"
        )
