"""Is softmax, or a sigmoid, taken twice? Loss functions that take logits apply their own."""

import torch

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.observing.observed import LossCall
from deepglass.diagnosis.observing.observer import is_distribution

TITLE = "is softmax taken once"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "double-softmax": (
        "underfitting",
        "plateau",
        "learning-rate-low",
        "vanishing-gradients",
        "output-range",
        "input-scale",
        "one-batch",
        "overfitting",
        "initialisation",
        "dropout",
        "weight-decay",
        "saturation",
    ),
}
LESSON = "52_why_not_learn"


def ask(case: Case) -> list[Finding]:
    """What came into loss functions that want logits, and into softmax itself."""
    calls = case.observed.losses
    entropies = [call for call in calls if call.name == "cross_entropy" and call.input.dim() > 1]
    if entropies and all(is_distribution(call.input, 1) for call in entropies):
        return [_finding("cross_entropy", "probabilities that sum to one", "softmax", len(entropies))]
    binary = [call for call in calls if call.name == "binary_cross_entropy_with_logits"]
    if len(binary) > 2 and all(_looks_like_odds(call) for call in binary):
        return [_finding("binary_cross_entropy_with_logits", "values between 0 and 1 only", "sigmoid", len(binary))]
    twice = [call for call in case.observed.softmaxes if call.of_distribution]
    once = [call for call in case.observed.softmaxes if not call.of_distribution]
    if twice and len(twice) >= min(3, len(once)) and len({call.shape for call in twice}) <= 2:
        return [_finding(twice[0].name, "probabilities that sum to one", "softmax", len(twice))]
    return []


def _looks_like_odds(call: LossCall) -> bool:
    """Whether all values lie between 0 and 1; logits of many examples do not, as a rule."""
    x = call.input
    inside = bool(((x >= 0) & (x <= 1)).all())
    return inside and x.numel() >= 4 and not torch.equal(x, torch.zeros_like(x))


def _finding(function: str, got: str, twice: str, calls: int) -> Finding:
    return Finding(
        "double-softmax",
        f"{function} got {got} in {calls:,} of {calls:,} steps, and takes the {twice} of them once more: the answer "
        "can never be sure, and the gradients are small",
        f"give the loss logits: remove the {twice} at the end of the model (use it when you predict)",
        {"calls": calls},
        lesson=LESSON,
    )
