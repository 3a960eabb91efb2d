"""Optimisers by name, with weight decay only where it belongs.

SGD, momentum and Nesterov (Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html), RMSprop
(Hinton 2012, lecture 6e), Adam (Kingma & Ba 2015, https://arxiv.org/abs/1412.6980), AdamW (Loshchilov & Hutter 2019,
https://arxiv.org/abs/1711.05101). Biases, normalisations and other vectors are not decayed: they do not overfit.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from deepglass.core.effects import Unused
from deepglass.training.config import TrainConfig
from deepglass.training.fast.adam import FusedAdam
from deepglass.training.parallel.fsdp import is_divided

WITH_MOMENTUM = ("momentum", "nesterov")


def unused_options(asked: Mapping[str, Any], config: TrainConfig) -> Iterator[Unused]:
    """What the optimiser has no use for."""
    if "momentum" in asked and config.optimizer not in WITH_MOMENTUM:
        why = f"{config.optimizer} does not take it"
        yield Unused("momentum", why, f"leave it out, or choose --optimizer {' or '.join(WITH_MOMENTUM)}")


def build_optimizer(
    model: nn.Module,
    config: TrainConfig,
    rates: Mapping[str, float] | None = None,
    parameters: Iterable[nn.Parameter] | None = None,
    betas: tuple[float, float] | None = None,
) -> Optimizer:
    """The optimiser that `config` names, in its fastest implementation for the device.

    Args:
        model: What requires a gradient in it is trained.
        config: Names optimiser, learning rate and weight decay.
        rates: Factors of the learning rate by the name of the parameter; 1 where nothing is said.
        parameters: Of the model, those that are trained; None for all.
        betas: Of Adam and AdamW; None for PyTorch's own.
    """
    _leave_the_compiler_asleep()
    learning_rate = float(config.learning_rate)  # type: ignore[arg-type]
    groups = parameter_groups(model, config.weight_decay or 0.0, learning_rate, rates or {}, parameters)
    adams = {} if betas is None else {"betas": betas}
    fused = _can_fuse(model)
    match config.optimizer:
        case "sgd":
            return torch.optim.SGD(groups, lr=learning_rate, fused=fused)
        case "momentum":
            return torch.optim.SGD(groups, lr=learning_rate, momentum=config.momentum, fused=fused)
        case "nesterov":
            return torch.optim.SGD(groups, lr=learning_rate, momentum=config.momentum, nesterov=True, fused=fused)
        case "rmsprop":
            return torch.optim.RMSprop(groups, lr=learning_rate)
        case "adam":
            return torch.optim.Adam(groups, lr=learning_rate, fused=fused, **adams)
        case _:
            return torch.optim.AdamW(groups, lr=learning_rate, fused=fused, **adams)


def unhooked_step(optimizer: Optimizer) -> Callable[[], None]:
    """The update of an optimiser without what PyTorch wraps around it: profiler marks, hooks, graph breaks.

    The graph break alone imports PyTorch's compiler, three seconds, on the first step.
    """
    function: Any = type(optimizer).step
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    without_gradient = torch.no_grad()(function)
    is_whole = not any(is_divided(p) for group in optimizer.param_groups for p in group["params"])
    if isinstance(optimizer, torch.optim.Adam) and optimizer.defaults["fused"] and is_whole:  # AdamW too
        return FusedAdam(optimizer, lambda: without_gradient(optimizer))
    return lambda: without_gradient(optimizer)


def parameter_groups(
    model: nn.Module,
    weight_decay: float,
    learning_rate: float,
    rates: Mapping[str, float],
    parameters: Iterable[nn.Parameter] | None = None,
) -> list[dict]:
    """Matrices and kernels, which are decayed, and vectors and scalars, which are not; the fastest learners first.

    Each group is one launch of a fused optimiser: who learns alike is in one.

    Args:
        model: Names its parameters.
        weight_decay: Of matrices and kernels.
        learning_rate: Of whoever has no factor among the rates.
        rates: Factors of it by the name of the parameter.
        parameters: Those that are trained; None for all.
    """
    wanted = None if parameters is None else {id(parameter) for parameter in parameters}
    members: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and (wanted is None or id(parameter) in wanted):
            decay = weight_decay if parameter.dim() >= 2 else 0.0
            members.setdefault((rates.get(name, 1.0), decay), []).append(parameter)
    alike = sorted(members.items(), reverse=True, key=lambda item: item[0])
    return [{"params": own, "lr": rate * learning_rate, "weight_decay": decay} for (rate, decay), own in alike]


def _leave_the_compiler_asleep() -> None:
    """Save the three seconds that PyTorch takes to import its compiler when the first optimiser is made.

    Some methods of `Optimizer` are wrapped so that a compiled program leaves them alone; on its first call the wrapper
    imports the compiler to ask it for that. Where the compiler is not loaded, the answer is the method itself.
    """
    if "torch._dynamo" in sys.modules:
        return
    for method in vars(Optimizer).values():
        inner = getattr(method, "__wrapped__", None)
        if inner is not None and getattr(inner, "__dynamo_disable", None) is None:
            inner.__dynamo_disable = inner


def _can_fuse(model: nn.Module) -> bool:
    return all(p.device.type in ("cpu", "cuda") and p.is_floating_point() for p in model.parameters())
