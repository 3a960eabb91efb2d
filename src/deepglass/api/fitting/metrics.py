"""Scores beside the loss, shown after every epoch: by name, or as functions of (outputs, target).

A score is computed once over all validation examples, not averaged over batches. By name, outputs become answers as
the loss means them: the largest of several logits, yes from a logit of 0 on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from deepglass.api.fitting.objective import Objective, answer_in
from deepglass.api.fitting.targets import TargetPlan
from deepglass.core.catalogue import unknown
from deepglass.core.errors import OptionError

HIGHER, LOWER = "higher", "lower"
ERRORS = ("loss", "error", "mae", "mse", "rmse", "perplexity", "distance", "nll")  # in a name: lower is better


@dataclass(frozen=True)
class Metric:
    """A score: a function of (outputs, target), and which direction is better."""

    name: str
    function: Callable[[Any, Any], Any]
    better: str

    def __call__(self, outputs: Any, target: Any) -> float:
        """The score as a number.

        Raises:
            OptionError: If the function fails, or gives something else.
        """
        try:
            return float(self.function(outputs, target))
        except Exception as error:  # a function of one's own may raise whatever it likes
            raise OptionError(
                f"metrics: {self.name} fails on (outputs, target): {type(error).__name__}: {error}"
            ) from error


def metrics_of(given: Any, objective: Objective) -> list[Metric]:
    """Metrics from a name, a function, several of these, or a dict of names and these.

    Raises:
        OptionError: If a name is unknown, or a metric does not fit the loss.
    """
    if given is None:
        return []
    if not (isinstance(given, str | Mapping | list | tuple | set) or callable(given)):
        raise OptionError(f"metrics: expected names ({', '.join(NAMED)}) or functions, got {given!r}")
    if isinstance(given, Mapping):
        found = [_metric(one, objective, str(name)) for name, one in given.items()]
    else:
        found = [_metric(one, objective) for one in ([given] if isinstance(given, str) or callable(given) else given)]
    names = [metric.name for metric in found]
    if repeated := next((name for name in names if names.count(name) > 1 or name == "loss"), None):
        raise OptionError(f"metrics: {repeated!r} is there already: give it another name in a dict")
    return found


def direction(monitor: str, better: str | None, metrics: list[Metric]) -> str:
    """Which direction of the monitored score is better.

    Raises:
        OptionError: If there is no such score, or the direction is none.
    """
    known = {"loss": LOWER} | {metric.name: metric.better for metric in metrics}
    if monitor not in known:
        raise OptionError(f"monitor: {unknown('score', monitor, list(known))}; name it in metrics=")
    if better not in (None, HIGHER, LOWER):
        raise OptionError(f"better: expected 'higher' or 'lower', got {better!r}")
    return better or known[monitor]


def answers_of(outputs: Any, plan: TargetPlan | None) -> Tensor:
    """Outputs as answers: classes, 0 or 1, or the values themselves.

    Raises:
        OptionError: If there is no single target that says what they mean.
    """
    said = answer_in(outputs)
    if plan is None or not isinstance(said, Tensor):
        raise OptionError("metrics: a name needs one target with a loss by name; give a function of (outputs, target)")
    if plan.loss.kind == "values":
        return said
    if said.dim() > 1 and plan.num_classes is not None:
        return said.movedim(-1, 1).argmax(dim=1) if plan.classes_last else said.argmax(dim=1)
    if plan.loss.kind == "classes":
        return said.argmax(dim=1)
    return (said >= (0.5 if plan.loss.is_of_probabilities else 0.0)).to(said.dtype)


def _metric(given: Any, objective: Objective, name: str = "") -> Metric:
    if isinstance(given, str):
        plain = given.lower().replace("-", "_")
        if plain not in NAMED:
            raise OptionError(
                f"metrics: {unknown('metric', given, list(NAMED))}; or give a function of (outputs, target)"
            )
        function, better = NAMED[plain]
        plan = objective.only
        if plan is None:
            raise OptionError(
                f"metrics: {given!r} needs one target with a loss by name; give a function of (outputs, target)"
            )
        if (plain in OF_CLASSES) == (plan.loss.kind == "values"):
            raise OptionError(
                f"metrics: {given!r} does not fit {plan.loss.name}: choose among {', '.join(_fitting(plan))}"
            )
        return Metric(name or plain, lambda outputs, target: function(answers_of(outputs, plan), target), better)
    if not callable(given):
        raise OptionError(f"metrics: expected names ({', '.join(NAMED)}) or functions, got {given!r}")
    name = name or getattr(given, "__name__", type(given).__name__).strip("<>")
    return Metric(name, given, LOWER if any(word in name.lower() for word in ERRORS) else HIGHER)


def _fitting(plan: TargetPlan) -> list[str]:
    return [name for name in NAMED if (name in OF_CLASSES) != (plan.loss.kind == "values")]


# -- by name --------------------------------------------------------------------------------------------------------


def accuracy(answers: Tensor, target: Tensor) -> float:
    """Share of answers that are right."""
    target = target.argmax(dim=1) if target.dim() > answers.dim() else target
    return float((answers == target).double().mean())


def f1(answers: Tensor, target: Tensor) -> float:
    """2·precision·recall / (precision + recall), the mean over the classes that occur."""
    scores = []
    for label in torch.unique(target).tolist():
        is_said, is_true = answers == label, target == label
        scores.append(2 * int((is_said & is_true).sum()) / max(1, int(is_said.sum()) + int(is_true.sum())))
    return sum(scores) / len(scores)


def mae(answers: Tensor, target: Tensor) -> float:
    """Mean absolute error."""
    return float((answers - target).double().abs().mean())


def mse(answers: Tensor, target: Tensor) -> float:
    """Mean squared error."""
    return float((answers - target).double().square().mean())


def rmse(answers: Tensor, target: Tensor) -> float:
    """Root of the mean squared error."""
    return mse(answers, target) ** 0.5


def r2(answers: Tensor, target: Tensor) -> float:
    """1 - squared error / squared deviation from the mean."""
    return 1 - mse(answers, target) / max(float(target.double().var(unbiased=False)), 1e-300)


OF_CLASSES = ("accuracy", "f1")
NAMED: dict[str, tuple[Callable[[Tensor, Tensor], float], str]] = {
    "accuracy": (accuracy, HIGHER), "f1": (f1, HIGHER),
    "mae": (mae, LOWER), "mse": (mse, LOWER), "rmse": (rmse, LOWER), "r2": (r2, HIGHER),
}  # fmt: skip
