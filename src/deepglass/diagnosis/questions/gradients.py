"""Do gradients keep their size on the way back? Layer by layer, relative to the weights.

References:
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks,
    https://proceedings.mlr.press/v9/glorot10a.html
"""

import math

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.observing.tape import replay

TITLE = "vanishing and exploding gradients"
NEEDS = "replay"
COST = 0.3
EXPLAINS = {
    "vanishing-gradients": (
        "underfitting",
        "plateau",
        "learning-rate-low",
        "one-batch",
        "input-ignored",
        "update-ratio",
    ),
    "exploding-gradients": (
        "plateau",
        "underfitting",
        "update-ratio",
    ),
}
SMALL, LARGE = 1e-4, 1e3  # of the first layer's gradient against the last layer's, for one weight
DEEP = 4  # layers, below which nothing vanishes
LESSON = "11_backpropagation"


def ask(case: Case) -> list[Finding]:
    """At the first weights, where training has left much unlearnt."""
    if case.own_progress > 0.6:
        return []
    modules = case.fresh()
    loss = replay(case.tapes[0], modules)
    loss.backward()
    sizes = [
        (name, float(p.grad.norm()) / math.sqrt(p.numel()))
        for module in modules.values() for name, p in module.named_parameters()
        if p.grad is not None and p.dim() >= 2
    ]  # fmt: skip
    if len(sizes) < DEEP:
        return []
    (first, begin), (last, end) = sizes[0], sizes[-1]
    ratio = begin / end if end else math.inf
    evidence = {first: begin, last: end, "ratio": ratio}
    if not math.isfinite(begin) or ratio > LARGE:
        sentence = f"gradients grow on their way back: {begin:.2g} per weight in {first}, {end:.2g} in {last}"
        mend = "clip gradients (clip_grad_norm_ to 1), add normalisation, or draw smaller first weights"
        return [Finding("exploding-gradients", sentence, mend, evidence, "symptom", 0.7, LESSON)]
    if ratio < SMALL and end > 0:
        sentence = f"gradients vanish on their way back: {begin:.2g} per weight in {first}, {end:.2g} in {last}"
        mend = "use ReLU in place of sigmoid or tanh, add normalisation or residual connections, or make it less deep"
        return [Finding("vanishing-gradients", sentence, mend, evidence, "seen", 0.7, LESSON)]
    return []
