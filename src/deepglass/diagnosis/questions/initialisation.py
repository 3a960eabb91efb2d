"""Does the network begin well: unsure, and with weights that differ? Training from PyTorch's own first weights tells.

Karpathy (2019), A recipe for training neural networks, https://karpathy.github.io/2019/04/25/recipe/
(the loss at the start is that of chance).
"""

from torch import Tensor, nn

from deepglass.diagnosis import Finding, changes
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.judging import BATCH_NORMS

TITLE = "first weights, and the loss at the start"
NEEDS = "replay"
COST = 2.4
EXPLAINS = {
    "initialisation": (
        "dead-units",
        "saturation",
        "vanishing-gradients",
        "exploding-gradients",
        "learning-rate-high",
        "learning-rate-low",
        "underfitting",
        "plateau",
        "input-ignored",
        "one-batch",
        "update-ratio",
        "overfitting",
        "imbalance",
        "batch-norm",
    ),
}
LESSON = "15_initialisation"
SYMMETRIC = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Embedding)


def ask(case: Case) -> list[Finding]:
    """Where training has left much unlearnt: whether drawing the weights anew helps."""
    first = _first_loss(case)
    alike = _alike(case)
    # weights that are alike make one unit of a layer, also where something is learnt
    if case.own_progress > 0.85 and not alike:
        return []
    if any(id(p) in case.observed.loaded for p in case.observed.parameters.values()):
        return []
    score = case.try_out("weights drawn anew", change=changes.draw_anew)
    if not case.helps(score, 0.25 if alike else 0.3):
        return []
    what = (
        f"all units of {', '.join(alike[:3])} begin with the same weights, and so learn the same"
        if alike
        else f"the loss begins at {first:.4g} (a constant answer: {case.chance:.4g})"
    )
    return [
        Finding(
            "initialisation",
            f"{what}; from PyTorch's own first weights the same steps end at {score:.4g} in place of "
            f"{case.baseline.score:.4g}",
            "leave out the own initialisation, or use nn.init.kaiming_normal_ (ReLU) or xavier_uniform_ (tanh)"
            + (" (--initializer)" if case.run is not None else ""),
            {"loss at the start": first, "chance": case.chance, "loss": case.baseline.score, "loss with own": score},
            "tried",
            min(1.0, 0.3 + case.progress(score) - max(0.0, case.progress(case.baseline.score))),
            LESSON,
        )
    ]


def _first_loss(case: Case) -> float:
    return case.observed.train_losses()[0]


def _alike(case: Case) -> list[str]:
    """Layers whose units all begin with the same weights."""
    found = []
    for module in case.observed.initial.values():
        for name, part in module.named_modules():
            weight = getattr(part, "weight", None)
            if isinstance(part, SYMMETRIC) and isinstance(weight, Tensor) and weight.shape[0] > 1:
                rows = weight.detach().flatten(1)
                if bool((rows == rows[:1]).all()) and not isinstance(part, BATCH_NORMS):
                    found.append(name or type(part).__name__)
    return found
