"""Can it learn one batch by heart? A model that cannot has a defect that more data and more time do not mend.

Karpathy (2019), A recipe for training neural networks, https://karpathy.github.io/2019/04/25/recipe/
(overfit one batch).
"""

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "can it learn one batch by heart"
NEEDS = "replay"
COST = 2.5
EXPLAINS: dict[str, tuple[str, ...]] = {"one-batch": ("underfitting", "plateau", "learning-rate-low")}
RATES = (3e-3, 3e-2, 3e-4)
STEPS = 150


def ask(case: Case) -> list[Finding]:
    """Adam on one batch, at three rates; the best of them against a constant answer."""
    tape = case.tapes[0]
    if tape.batch_size < 2 or (case.own_progress > 0.8 and case.chance > case.best):
        return []
    scores = []
    for rate in RATES:
        scores.append(case.learn(tapes=[tape], steps=STEPS, optimizer="adam", lr=rate, clip=False).score)
        if scores[-1] < 0.3 * case.chance:
            return []
    best = min(scores)
    if best < 0.6 * abs(case.chance) or case.chance <= 0:
        return []
    return [
        Finding(
            "one-batch",
            f"one batch of {tape.batch_size} examples cannot be learnt by heart: after {STEPS} steps its loss is "
            f"{best:.4g}, a "
            f"constant answer has {case.chance:.4g}",
            "look at the model and the loss before data and settings: shrink them until one batch is learnt",
            {"loss": best, "chance": case.chance, "steps": STEPS},
            "symptom",
            0.6,
            "52_why_not_learn",
        )
    ]
