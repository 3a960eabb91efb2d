"""Losses by name, as an object of PyTorch's, or as a function of one's own; and which one suits outputs and target.

What is known of a loss decides what it is given: classes are whole numbers within range, values have the shape of the
outputs. Of a loss that somebody wrote nothing is known: it gets outputs and target as they are.

References:
    Rosasco et al. (2004), Are Loss Functions All the Same? https://doi.org/10.1162/089976604773135104 (hinge)
    Huber (1964), Robust Estimation of a Location Parameter, https://doi.org/10.1214/aoms/1177703732
"""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.catalogue import unknown
from deepglass.core.errors import OptionError

Kind = Literal["classes", "binary", "values", "own"]
LossFunction = Callable[..., Tensor]


@dataclass(frozen=True)
class Loss:
    """A loss and what is known of it.

    name: As on the screen.
    kind: "classes" takes one whole number per example, "binary" one 0 or 1 per output, "values" numbers of the shape of
        the outputs, "own" whatever comes.
    mean: Of (outputs, target): one number.
    each: Of (outputs, target): one number for every element; None where only the mean can be had.
    is_of_probabilities: Whether outputs are probabilities already.
    required, most: How many of outputs, target and weights it asks for, and how many it takes.
    """

    name: str
    kind: Kind
    mean: LossFunction
    each: LossFunction | None = None
    is_of_probabilities: bool = False
    required: int = 2
    most: int = 2


def hinge(outputs: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """max(0, 1 - y·s) of scores s, with y = -1 or 1; of several scores the margin of the true one to each other.

    Shape:
        - outputs: (B,), (B, 1) or (B, K)
        - target: 0 and 1 in the shape of one output, or (B,) classes of K
        - output: () or the unreduced losses
    """
    if outputs.shape != target.shape:
        return F.multi_margin_loss(outputs, target.long(), reduction=reduction)
    losses = (1 - (2 * target - 1) * outputs).clamp(min=0)
    return losses if reduction == "none" else losses.mean()


NAMED: dict[str, tuple[Kind, LossFunction]] = {
    "cross-entropy": ("classes", F.cross_entropy),
    "nll": ("classes", F.nll_loss),
    "bce": ("binary", F.binary_cross_entropy_with_logits),
    "mse": ("values", F.mse_loss),
    "mae": ("values", F.l1_loss),
    "huber": ("values", F.huber_loss),
    "smooth-l1": ("values", F.smooth_l1_loss),
    "poisson": ("values", F.poisson_nll_loss),
    "hinge": ("binary", hinge),
}
ALSO_CALLED = {
    "ce": "cross-entropy", "crossentropy": "cross-entropy", "log": "cross-entropy",
    "categorical-crossentropy": "cross-entropy", "sparse-categorical-crossentropy": "cross-entropy",
    "binary-cross-entropy": "bce", "binary-crossentropy": "bce", "bce-with-logits": "bce",
    "mean-squared-error": "mse", "squared-error": "mse", "l2": "mse",
    "mean-absolute-error": "mae", "absolute-error": "mae", "l1": "mae",
}  # fmt: skip
KINDS_OF_MODULES: dict[str, Kind] = {  # of torch.nn
    "CrossEntropyLoss": "classes", "NLLLoss": "classes", "MultiMarginLoss": "classes",
    "BCEWithLogitsLoss": "binary", "BCELoss": "binary", "MultiLabelSoftMarginLoss": "binary",
    "MSELoss": "values", "L1Loss": "values", "SmoothL1Loss": "values", "HuberLoss": "values",
    "PoissonNLLLoss": "values", "KLDivLoss": "values",
}  # fmt: skip
KINDS_OF_FUNCTIONS = {function: kind for kind, function in NAMED.values()} | {F.binary_cross_entropy: "binary"}


def loss_of(given: Any) -> Loss:
    """A loss from its name, an object or a function.

    Raises:
        OptionError: If there is none of that name, or it cannot be called, or has weights that nobody would learn.
    """
    if isinstance(given, str):
        return named(given)
    if isinstance(given, type) and issubclass(given, nn.Module):
        raise OptionError(f"loss: got the class {given.__name__}; give an object, {given.__name__}()")
    if isinstance(given, nn.Module):
        return _of_module(given)
    if callable(given):
        return _of_function(given)
    raise OptionError(f"loss: expected a name ({', '.join(NAMED)}), an object or a function, got {given!r}")


def named(name: str) -> Loss:
    """A loss by its name; underscores, capitals and usual other names are understood.

    Raises:
        OptionError: If there is none; suggests the nearest.
    """
    plain = name.lower().replace("_", "-").replace(" ", "-").removesuffix("-loss")
    plain = ALSO_CALLED.get(plain, plain)
    if plain not in NAMED:
        hint = unknown("loss", name, [*NAMED, *ALSO_CALLED]).partition(" Known:")[0]
        raise OptionError(f"loss: {hint} Known: {', '.join(NAMED)}; or give a function of (outputs, target)")
    kind, function = NAMED[plain]
    return Loss(plain, kind, function, partial(function, reduction="none"))


def of_probabilities() -> Loss:
    """Binary cross-entropy of outputs that are probabilities already."""
    function = F.binary_cross_entropy
    return Loss("bce", "binary", function, partial(function, reduction="none"), is_of_probabilities=True)


def _of_module(module: nn.Module) -> Loss:
    if any(True for _ in module.parameters()):
        raise OptionError(
            f"loss: {type(module).__name__} has weights of its own, which nobody would learn: make them part of the "
            "module"
        )
    name = type(module).__name__
    kind = KINDS_OF_MODULES.get(name, "own") if type(module).__module__.startswith("torch.nn") else "own"
    each = None
    if kind != "own":
        each = copy.copy(module)
        each.reduction = "none"
    required, most = _arity(module.forward) if kind == "own" else (2, 2)
    return Loss(name, kind, module, each, name == "BCELoss", required, most)


def _of_function(function: Any) -> Loss:
    inner, name = function, getattr(function, "__name__", type(function).__name__)
    while isinstance(inner, partial):
        inner = inner.func
    kind = KINDS_OF_FUNCTIONS.get(inner, "own")
    each = partial(function, reduction="none") if kind != "own" else None
    name = getattr(inner, "__name__", name)
    required, most = _arity(function) if kind == "own" else (2, 2)
    return Loss(name, kind, function, each, inner is F.binary_cross_entropy, required, most)


def _arity(function: Any) -> tuple[int, int]:
    """How many of outputs, target and weights a function asks for, and how many it takes."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 2, 2
    by_order = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    has_any = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return sum(p.default is p.empty for p in by_order), 3 if has_any else len(by_order)
