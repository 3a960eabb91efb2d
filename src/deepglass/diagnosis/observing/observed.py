"""What was seen while something trained: plain facts, which questions read."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.diagnosis.observing.tape import Entry, Tape


@dataclass
class StepFact:
    """One backward pass and what followed it."""

    loss: float
    sign: int = 1  # -1 where the number that was made smaller is the loss with a minus
    rate: float = 0.0  # learning rate of the step
    is_training: bool = True  # mode of the modules
    batch_size: int = 0
    print_: int = 0  # of the inputs: equal batches have equal prints
    stale: bool = False  # gradients of an earlier step were still there
    without_gradient: bool = False  # the optimiser stepped, and no weight had a gradient
    stepped: bool = False
    optimizer: int = 0  # the how-manieth optimiser object of the script


@dataclass
class WeightFact:
    """One sampled step of one parameter."""

    gradient: float | None  # norm; None where there was none
    update: float  # norm of the change
    weight: float  # norm before it


@dataclass
class LossCall:
    """A loss function as it was called in a training step."""

    name: str
    input: Tensor
    target: Any
    kwargs: dict[str, Any]
    step: int


@dataclass
class EvalCall:
    """An outermost call without gradients, and what followed it."""

    module: nn.Module
    inputs: list[Tensor]
    is_training: bool
    step: int
    outputs: list[Tensor] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    loss: float | None = None


@dataclass
class SoftmaxCall:
    """A softmax or log-softmax anywhere in the first steps."""

    name: str
    shape: tuple[int, ...]
    dim: int
    of_distribution: bool  # what came in was already one, along the same dimension
    inside: bool  # a module


@dataclass
class Observed:
    """All of it.

    Attributes:
        modules: Outermost modules in the order of their first call; initial: copies made before it.
        tapes: Of steps that can be taken again; evals: of calls without gradients.
        steps: Facts of all steps; weights: by step, then by the name of a parameter.
        losses: Calls of loss functions; softmaxes: of softmax.
        optimizers: All that were made; stepping: those that stepped.
        loaded: Ids of parameters that were filled from a file or another model.
        called: Ids of parameters of all modules that were called while training, with a name.
        clips: (largest norm asked for, norm) of calls of `clip_grad_norm_`; values where `clips_values`.
        eval_losses: (step, loss) of loss functions without gradients.
        datasets: Of data loaders, in the order in which these were made.
        ended: Why watching ended.
    """

    modules: list[nn.Module] = field(default_factory=list)
    initial: dict[int, nn.Module] = field(default_factory=dict)
    tapes: list[Tape] = field(default_factory=list)
    evals: list[EvalCall] = field(default_factory=list)
    steps: list[StepFact] = field(default_factory=list)
    weights: dict[int, dict[str, WeightFact]] = field(default_factory=dict)
    losses: list[LossCall] = field(default_factory=list)
    softmaxes: list[SoftmaxCall] = field(default_factory=list)
    optimizers: list[torch.optim.Optimizer] = field(default_factory=list)
    stepping: dict[int, torch.optim.Optimizer] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)  # of the first optimiser that stepped, at its first step
    loaded: set[int] = field(default_factory=set)
    called: dict[int, tuple[str, nn.Parameter]] = field(default_factory=dict)
    clips: list[tuple[float, float]] = field(default_factory=list)
    clips_values: bool = False
    eval_losses: list[tuple[int, float]] = field(default_factory=list)
    eval_modes: list[tuple[int, bool]] = field(default_factory=list)  # (step, training) of calls without gradients
    datasets: list[Any] = field(default_factory=list)
    never_called_backward: bool = True
    ended: str = "the end"

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        """Of all outermost modules, by name."""
        found: dict[int, tuple[str, nn.Parameter]] = {}
        for i, module in enumerate(self.modules):
            for name, p in module.named_parameters():
                found.setdefault(id(p), (name if i == 0 else f"{type(module).__name__}.{name}", p))
        return dict(found.values())

    @property
    def optimized(self) -> set[int]:
        """Ids of all parameters of optimisers that stepped."""
        return {id(p) for o in self.stepping.values() for group in o.param_groups for p in group["params"]}

    def train_losses(self) -> list[float]:
        """By step, with the sign of the loss."""
        return [fact.loss * fact.sign for fact in self.steps]
