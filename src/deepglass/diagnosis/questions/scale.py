"""Are inputs and targets of a size that a network learns from? The same training on standardised numbers tells.

LeCun, Bottou, Orr and Müller (1998), Efficient BackProp, https://doi.org/10.1007/3-540-49430-8_2 (inputs of mean 0 and
standard deviation 1).
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case, Modules
from deepglass.diagnosis.observing.tape import Tape

TITLE = "scale of inputs and targets"
NEEDS = "replay"
COST = 2.0
EXPLAINS = {
    "input-scale": ("learning-rate-high", "learning-rate-low", "dead-units", "saturation", "exploding-gradients", "underfitting",
                    "plateau", "initialisation", "vanishing-gradients", "input-ignored", "one-batch", "update-ratio",
                    "weight-decay", "clipping", "overfitting", "dropout"),
    "target-scale": ("learning-rate-high", "learning-rate-low", "exploding-gradients", "underfitting", "plateau", "saturation",
                     "initialisation", "one-batch", "dead-units", "update-ratio", "input-scale", "clipping",
                     "weight-decay", "dropout", "input-ignored"),
}  # fmt: skip
REGRESSIONS = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
LESSON = "21_preprocessing"
ODD = 3.0  # standard deviations or ratios beyond which a scale is worth an experiment


class Rescaled(nn.Module):
    """A module whose answers are brought to the scale of the targets."""

    def __init__(self, module: nn.Module, mean: float, spread: float):
        super().__init__()
        self.module, self.mean, self.spread = module, mean, spread

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs) * self.spread + self.mean


def ask(case: Case) -> list[Finding]:
    """Targets first: where both are odd, the one that helps more is the cause."""
    return [*_of_targets(case), *_of_inputs(case)]


def _of_targets(case: Case) -> list[Finding]:
    targets = [t.target for t in case.tapes if t.target is not None]
    if case.classes or not targets or not all(t.is_floating_point() for t in targets):
        return []
    values = torch.cat([t.flatten().float() for t in targets])
    mean, spread = float(values.mean()), float(values.std())
    if not math.isfinite(spread) or spread <= 0 or (abs(mean) < ODD and 1 / 10 < spread < ODD):
        return []
    last = id(case.tapes[0].calls[-1].module)
    judged = case.tapes[0].judged
    square = judged is None or judged.name == "mse_loss"

    def rescale(modules: Modules) -> None:
        modules[last] = Rescaled(modules[last], mean, spread)

    score = case.try_out("standardised targets", change=rescale, weight=1 / spread**2 if square else 1 / spread)
    if not case.helps(score):
        return []
    return [
        Finding(
            "target-scale",
            f"targets have mean {mean:.4g} and standard deviation {spread:.4g}; with standardised targets the same steps "
            f"end at a loss of {score:.4g} in place of {case.baseline.score:.4g} (a constant answer: {case.chance:.4g})",
            "standardise the targets (subtract the mean, divide by the standard deviation of the training targets) and "
            "turn answers back",
            {"mean": mean, "standard deviation": spread, "loss": case.baseline.score, "loss with standardised": score},
            "tried",
            min(1.0, case.progress(score) - max(0.0, case.progress(case.baseline.score))),
            LESSON,
        )
    ]


def _of_inputs(case: Case) -> list[Finding]:
    statistics = {}
    for place, x in enumerate(case.tapes[0].inputs):
        if x.is_floating_point() and x.dim() >= 2:
            statistics[place] = _statistics(case, place)
    odd = {
        place: s for place, s in statistics.items()
        if s["largest mean"] > ODD or s["largest spread"] > ODD or s["largest spread"] < 1 / 20 or s["ratio"] > 20
    }  # fmt: skip
    if not odd:
        return []

    def standardised(tape: Tape) -> dict[int, Tensor]:
        return {
            id(tape.inputs[i]): (tape.inputs[i] - s["mean"]) / s["spread"]
            for i, s in odd.items()
            if i < len(tape.inputs)
        }

    score = case.try_out("standardised inputs", swap=standardised)
    if not case.helps(score):
        return []
    s = next(iter(odd.values()))
    numbers = {key: s[key] for key in ("largest mean", "smallest spread", "largest spread")}
    return [
        Finding(
            "input-scale",
            f"inputs have means up to {s['largest mean']:.4g} and standard deviations from {s['smallest spread']:.3g} to "
            f"{s['largest spread']:.4g}; standardised, the same steps end at a loss of {score:.4g} in place of "
            f"{case.baseline.score:.4g} (a constant answer: {case.chance:.4g})",
            "standardise every column or channel by its mean and standard deviation in the training data",
            numbers | {"loss": case.baseline.score, "loss with standardised": score},
            "tried",
            min(1.0, case.progress(score) - max(0.0, case.progress(case.baseline.score))),
            LESSON,
        )
    ]


def _statistics(case: Case, place: int) -> dict[str, Any]:
    """Mean and standard deviation of every column (of tables and series) or channel (of pictures)."""
    parts = [t.inputs[place].float() for t in case.tapes if len(t.inputs) > place]
    parts = [p for p in parts if p.shape[1:] == parts[0].shape[1:]]
    x = torch.cat(parts)
    axes = [0, *range(2, x.dim())] if x.dim() == 4 else [*range(x.dim() - 1)]
    mean, spread = x.mean(axes, keepdim=True), x.std(axes, keepdim=True)
    spread = torch.where(spread > 1e-8 * (1 + mean.abs()), spread, torch.ones_like(spread))
    used = spread.flatten()
    return {
        "mean": mean,
        "spread": spread,
        "largest mean": float(mean.abs().max()),
        "largest spread": float(used.max()),
        "smallest spread": float(used.min()),
        "ratio": float(used.max() / used.min().clamp(min=1e-12)),
    }
