"""Are inputs and targets of a size that a network learns from? The same training on standardised numbers tells.

LeCun, Bottou, Orr and Müller (1998), Efficient BackProp, https://doi.org/10.1007/3-540-49430-8_2 (inputs of mean 0 and
standard deviation 1).
"""

from typing import Any

from deepglass.diagnosis import Finding, changes
from deepglass.diagnosis.case import Case, Modules

TITLE = "scale of inputs and targets"
NEEDS = "replay"
COST = 2.0
EXPLAINS = {
    "input-scale": (
        "learning-rate-high",
        "learning-rate-low",
        "dead-units",
        "saturation",
        "exploding-gradients",
        "underfitting",
        "plateau",
        "initialisation",
        "vanishing-gradients",
        "input-ignored",
        "one-batch",
        "update-ratio",
        "weight-decay",
        "clipping",
        "overfitting",
        "dropout",
    ),
    "target-scale": (
        "learning-rate-high",
        "learning-rate-low",
        "exploding-gradients",
        "underfitting",
        "plateau",
        "saturation",
        "initialisation",
        "one-batch",
        "dead-units",
        "update-ratio",
        "input-scale",
        "clipping",
        "weight-decay",
        "dropout",
        "input-ignored",
    ),
}
REGRESSIONS = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
LESSON = "21_preprocessing"
ODD = 3.0  # standard deviations or ratios beyond which a scale is worth an experiment


def ask(case: Case) -> list[Finding]:
    """Targets first: where both are odd, the one that helps more is the cause; where neither helps alone, both are."""
    return [*_of_targets(case), *_of_inputs(case)] or _of_both(case)


def _of_both(case: Case) -> list[Finding]:
    """A network learns neither from large numbers to small ones nor the other way round in the usual steps."""
    odd = _odd_inputs(case)
    if case.target_scale is None or not odd or not _is_odd(*case.target_scale):
        return []
    mean, spread = case.target_scale
    last = id(case.tapes[0].calls[-1].module)

    def rescale(modules: Modules) -> None:
        modules[last] = changes.Rescaled(modules[last], mean, spread)

    score = case.try_out(
        "standardised inputs and targets",
        change=rescale,
        weight=_weight(case, spread),
        swap=lambda tape: changes.standardised(tape, odd),
    )
    if not case.helps(score):
        return []
    s = next(iter(odd.values()))
    return [
        Finding(
            "target-scale",
            f"targets have mean {mean:.4g} and standard deviation {spread:.4g}, inputs means up to "
            f"{s['largest mean']:.4g} and standard deviations up to {s['largest spread']:.4g}; with both standardised "
            f"the same steps end at a loss of {score:.4g} in place of {case.baseline.score:.4g} (a constant answer: "
            f"{case.chance:.4g})",
            "standardise inputs and targets by the mean and standard deviation of the training data, and turn answers "
            "back",
            {"mean": mean, "standard deviation": spread, "loss": case.baseline.score, "loss with both": score},
            "tried",
            min(1.0, case.progress(score) - max(0.0, case.progress(case.baseline.score))),
            LESSON,
        )
    ]


def _is_odd(mean: float, spread: float) -> bool:
    return abs(mean) >= ODD or not 1 / 10 < spread < ODD


def _weight(case: Case, spread: float) -> float:
    """Of the loss, so that it is that of standardised targets."""
    judged = case.tapes[0].judged
    return 1 / spread**2 if judged is None or judged.name == "mse_loss" else 1 / spread


def _odd_inputs(case: Case) -> dict[int, dict[str, Any]]:
    """By place the statistics of inputs that are far from mean 0 and standard deviation 1."""
    return {
        place: s for place, s in case.statistics.items()
        if s["largest mean"] > ODD or s["largest spread"] > ODD or s["largest spread"] < 1 / 20 or s["ratio"] > 20
    }  # fmt: skip


def _of_targets(case: Case) -> list[Finding]:
    if case.target_scale is None:
        return []
    mean, spread = case.target_scale
    if not _is_odd(mean, spread):
        return []
    last = id(case.tapes[0].calls[-1].module)

    def rescale(modules: Modules) -> None:
        modules[last] = changes.Rescaled(modules[last], mean, spread)

    score = case.try_out("standardised targets", change=rescale, weight=_weight(case, spread))
    if not case.helps(score):
        return []
    return [
        Finding(
            "target-scale",
            f"targets have mean {mean:.4g} and standard deviation {spread:.4g}; with standardised targets the "
            "same steps "
            f"end at a loss of {score:.4g} in place of {case.baseline.score:.4g} (a constant answer: "
            f"{case.chance:.4g})",
            "standardise the targets (subtract the mean, divide by the standard deviation of the training targets) and "
            "turn answers back",
            {"mean": mean, "standard deviation": spread, "loss": case.baseline.score, "loss with standardised": score},
            "tried",
            min(1.0, case.progress(score) - max(0.0, case.progress(case.baseline.score))),
            LESSON,
        )
    ]


def _of_inputs(case: Case) -> list[Finding]:
    odd = _odd_inputs(case)
    if not odd:
        return []

    score = case.try_out("standardised inputs", swap=lambda tape: changes.standardised(tape, odd))
    if not case.helps(score):
        return []
    s = next(iter(odd.values()))
    numbers = {key: s[key] for key in ("largest mean", "smallest spread", "largest spread")}
    return [
        Finding(
            "input-scale",
            f"inputs have means up to {s['largest mean']:.4g} and standard deviations from "
            f"{s['smallest spread']:.3g} to "
            f"{s['largest spread']:.4g}; standardised, the same steps end at a loss of {score:.4g} in place of "
            f"{case.baseline.score:.4g} (a constant answer: {case.chance:.4g})",
            "standardise every column or channel by its mean and standard deviation in the training data",
            numbers | {"loss": case.baseline.score, "loss with standardised": score},
            "tried",
            min(1.0, case.progress(score) - max(0.0, case.progress(case.baseline.score))),
            LESSON,
        )
    ]
