"""Are units alive? A ReLU that is 0 for every example learns nothing, nor does a tanh or sigmoid at its end.

Lu, Shin, Su and Karniadakis (2020), Dying ReLU and Initialization, https://arxiv.org/abs/1903.06733
"""

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.changes import Modules
from deepglass.diagnosis.judging import set_judging
from deepglass.diagnosis.observing.tape import replay

TITLE = "dead and saturated units"
NEEDS = "replay"
COST = 0.4
EXPLAINS = {
    "dead-units": (
        "underfitting",
        "plateau",
        "vanishing-gradients",
        "learning-rate-low",
        "input-ignored",
        "one-batch",
        "imbalance",
    ),
    "saturation": ("underfitting", "plateau", "vanishing-gradients", "learning-rate-low"),
}
LESSON = "08_activations"
MOST_DEAD, MOST_SATURATED = 0.9, 0.8  # share of the units of a layer
BOUNDED = {"tanh": 1.0, "sigmoid": 1.0, "softsign": 1.0}
ZEROING = ("relu", "relu_", "relu6", "leaky_relu")


class _Activities(TorchFunctionMode):
    """Collects what activation functions give, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Tensor]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if (name in ZEROING or name in BOUNDED) and isinstance(result, Tensor):
            self.found.append((name, result.detach().clone()))
        return result


def ask(case: Case) -> list[Finding]:
    """Units of every activation over recorded batches: at the first weights and at the last."""
    if case.own_progress > 0.9:
        return []
    first, last = (_shares(case, modules) for modules in (case.fresh(), case.trained()))
    found = []
    for kind, most in (("dead", MOST_DEAD), ("saturated", MOST_SATURATED)):
        worst = max(((share, i) for i, (k, share, _) in enumerate(last) if k == kind), default=(0.0, 0))
        if worst[0] >= most:
            began = first[worst[1]][1] if worst[1] < len(first) else 0.0
            found.append(_finding(kind, worst[0], began, worst[1], last[worst[1]][2]))
    return found


def _shares(case: Case, modules: Modules) -> list[tuple[str, float, int]]:
    """For every activation: which kind of trouble it can have, the share of its units in it, their number."""
    set_judging(modules)
    found: list[list[tuple[str, Tensor]]] = []
    with torch.no_grad():
        for tape in case.tapes[:4]:
            with _Activities() as seen:
                replay(tape, modules)
            found.append(seen.found)
    shares = []
    for i, (name, _) in enumerate(found[0]):
        values = [f[i][1] for f in found if len(f) > i and f[i][1].shape[1:] == found[0][i][1].shape[1:]]
        x = torch.cat(values).float()
        units = x.movedim(1, -1) if x.dim() == 4 else x
        units = units.reshape(-1, units.shape[-1])
        if name in BOUNDED:
            low = 0.02 if name == "sigmoid" else -0.98
            shares.append(
                ("saturated", float(((units > 0.98) | (units < low)).all(dim=0).float().mean()), units.shape[1])
            )
        else:
            dead = (units <= 0).all(dim=0) if name != "leaky_relu" else torch.zeros(units.shape[1], dtype=torch.bool)
            shares.append(("dead", float(dead.float().mean()), units.shape[1]))
    return shares


def _finding(kind: str, share: float, began: float, place: int, units: int) -> Finding:
    since = "since the start" if began > 0.8 * share else f"{began:.0%} at the start"
    trouble = {
        "dead": "give 0 for every example, so no gradient comes through",
        "saturated": "are at the end of their range for every example, so hardly any gradient comes through",
    }[kind]
    mend = {
        "dead": "draw the first weights as PyTorch does, lower the learning rate, standardise inputs, or use "
        "LeakyReLU or GELU",
        "saturated": "standardise inputs, draw smaller first weights, lower the learning rate, or use ReLU inside",
    }[kind]
    return Finding(
        "dead-units" if kind == "dead" else "saturation",
        f"{share:.0%} of the {units} units of activation {place + 1} {trouble} ({since})",
        mend,
        {"share": share, "share at the start": began, "units": units, "activation": place + 1},
        "symptom",
        share,
        LESSON,
    )
