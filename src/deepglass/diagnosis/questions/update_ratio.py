"""How far do weights move in a step, relative to their size? About a thousandth is usual.

Karpathy (2022), Building makemore, part 3, https://github.com/karpathy/nn-zero-to-hero
"""

import statistics

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "update to weight ratio"
NEEDS = "replay"
COST = 0.2
EXPLAINS = {"update-ratio": ("plateau",)}
LARGE, SMALL = 0.5, 1e-7


def ask(case: Case) -> list[Finding]:
    """Median over layers of matrices, in the sampled steps behind the first ones; where much was left unlearnt."""
    if case.own_progress > 0.6:
        return []
    ratios = [
        fact.update / fact.weight
        for step, facts in case.observed.weights.items() if step > 3
        for name, fact in facts.items() if fact.weight > 0 and "weight" in name
    ]  # fmt: skip
    if len(ratios) < 3:
        return []
    usual = statistics.median(ratios)
    if SMALL < usual < LARGE:
        return []
    word = "a large part of" if usual >= LARGE else "next to nothing of"
    mend = "lower the learning rate" if usual >= LARGE else "raise the learning rate, or look why gradients are small"
    sentence = f"a step changes {word} the weights: {usual:.2g} of their size (a thousandth is usual)"
    return [Finding("update-ratio", sentence, mend, {"update / weight": usual}, "symptom", 0.4, "52_why_not_learn")]
