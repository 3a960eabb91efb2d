"""Can the answer reach the targets? An activation at the output bounds it."""

import torch

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "can the answer reach the targets"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "output-range": (
        "underfitting",
        "plateau",
        "saturation",
        "dead-units",
        "target-scale",
        "one-batch",
        "learning-rate-low",
        "learning-rate-high",
        "initialisation",
        "input-scale",
        "vanishing-gradients",
    ),
}
REGRESSIONS = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
ENOUGH = 0.02  # share of the targets beyond the bound


def ask(case: Case) -> list[Finding]:
    """Bounds that all recorded answers keep exactly, against the targets."""
    calls = [c for c in case.observed.losses if isinstance(c.target, torch.Tensor)]
    numbers = [c for c in calls if c.name in REGRESSIONS]
    if len(numbers) > 2:
        answers = torch.cat([c.input.flatten().float() for c in numbers])
        targets = torch.cat([c.target.flatten().float() for c in numbers])
        low, high, kind = _bounds(case, answers)
        beyond = float(((targets < low - 1e-6) | (targets > high + 1e-6)).float().mean())
        if kind and beyond > ENOUGH:
            return [_of_numbers(kind, low, high, beyond, targets)]
    logits = [c for c in calls if c.name == "cross_entropy" and c.input.dim() == 2]
    if len(logits) > 2:
        answers = torch.cat([c.input.flatten().float() for c in logits])
        if bool((answers >= 0).all()) and float((answers == 0).float().mean()) > 0.02:
            sentence = (
                "all logits are 0 or more, and many are exactly 0: a ReLU at the output keeps the model from saying no"
            )
            mend = "remove the ReLU behind the last layer"
            zeros = float((answers == 0).float().mean())
            return [
                Finding("output-range", sentence, mend, {"share of zeros": zeros}, strength=0.9, lesson="09_losses")
            ]
        if _last_activation(case) in ("Tanh", "tanh", "Sigmoid", "sigmoid") and float(answers.abs().max()) <= 1:
            sentence = "all logits lie between -1 and 1: an activation at the output keeps the model from being sure"
            largest = float(answers.abs().max())
            mend = "remove the activation behind the last layer"
            return [
                Finding("output-range", sentence, mend, {"largest logit": largest}, strength=0.8, lesson="09_losses")
            ]
    return []


def _bounds(case: Case, answers: torch.Tensor) -> tuple[float, float, str]:
    kind = _last_activation(case).lower()
    if kind == "relu" or (bool((answers >= 0).all()) and float((answers == 0).float().mean()) > 0.02):
        return 0.0, float("inf"), "a ReLU"
    if kind in ("sigmoid", "hardsigmoid"):
        return 0.0, 1.0, "a sigmoid"
    if kind in ("tanh", "hardtanh", "softsign"):
        return -1.0, 1.0, "a tanh"
    if kind in ("softplus",):
        return 0.0, float("inf"), "a softplus"
    if kind in ("softmax",):
        return 0.0, 1.0, "a softmax"
    return float("-inf"), float("inf"), ""


def _last_activation(case: Case) -> str:
    """The name of what made the answer, read off the graph of the last recorded step."""
    for tape in case.observed.tapes[-1:]:
        for out in tape.outputs[:1]:
            node = out.grad_fn
            for _ in range(6):  # views and squeezes between
                name = type(node).__name__.replace("Backward0", "").replace("Backward1", "")
                if name in (
                    "View",
                    "UnsafeView",
                    "Squeeze",
                    "Unsqueeze",
                    "Select",
                    "Reshape",
                    "Flatten",
                    "Alias",
                    "Slice",
                ):
                    node = node.next_functions[0][0] if node is not None and node.next_functions else None
                    continue
                return name
    return ""


def _of_numbers(kind: str, low: float, high: float, beyond: float, targets: torch.Tensor) -> Finding:
    span = f"between {low:g} and {high:g}" if high < float("inf") else f"{low:g} or more"
    return Finding(
        "output-range",
        f"{kind} at the output keeps all answers {span}, but {beyond:.0%} of the targets lie beyond "
        f"({float(targets.min()):.3g} to {float(targets.max()):.3g})",
        "remove the activation behind the last layer, or bring the targets into its range",
        {"share beyond": beyond, "lowest target": float(targets.min()), "highest target": float(targets.max())},
        strength=min(1.0, 0.5 + beyond),
        lesson="08_activations",
    )
