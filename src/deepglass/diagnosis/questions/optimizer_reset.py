"""Is the optimiser kept? One that is made anew forgets its momentum, and Adam takes full steps again and again."""

from itertools import pairwise

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "is the optimiser kept between steps"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {"optimizer-reset": ("learning-rate-high", "learning-rate-low", "plateau", "underfitting")}
MANY = 4  # optimisers of the same weights


def ask(case: Case) -> list[Finding]:
    """Optimisers that hold the same weights and take few steps each."""
    observed = case.observed
    used = [fact.optimizer for fact in observed.steps if fact.stepped]
    kinds = len(set(used))
    if kinds < MANY or not observed.stepping:
        return []
    changes = sum(a != b for a, b in pairwise(used))
    returns = changes - (kinds - 1)  # two that take turns come back
    groups = {frozenset(id(p) for g in o.param_groups for p in g["params"]) for o in observed.stepping.values()}
    if returns > 0 or len(groups) > 0.5 * kinds:
        return []
    keeps_state = any(len(o.state) for o in observed.stepping.values())
    return [
        Finding(
            "optimizer-reset",
            f"{kinds:,} optimisers were made for the same weights, {len(used) / kinds:.1f} steps each: what they "
            "remember (momentum, scale of the gradients, step count) is lost every time",
            "make the optimiser once, before the loop",
            {"optimisers": kinds, "steps each": round(len(used) / kinds, 2)},
            strength=1.0 if keeps_state else 0.3,
            lesson="13_optimisers",
        )
    ]
