"""Do weights stay as they were drawn? Frozen weights that nobody has trained are frozen by accident."""

from torch import nn

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "is nothing frozen by accident"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {"frozen": ("underfitting", "plateau", "learning-rate-low", "not-in-optimizer", "one-batch")}
LEAST = 0.02  # share of the weights, below which nothing is said
FIXED = (nn.Embedding,)  # often loaded from elsewhere by hand


def ask(case: Case) -> list[Finding]:
    """Weights with requires_grad False that were not loaded."""
    observed = case.observed
    parameters = observed.parameters
    if not any(fact.stepped for fact in observed.steps) and not observed.steps:
        return []
    total = sum(p.numel() for p in parameters.values())
    frozen = {
        name: p for name, p in parameters.items()
        if not p.requires_grad and p.is_floating_point() and id(p) not in observed.loaded and _looks_random(p)
    }  # fmt: skip
    count = sum(p.numel() for p in frozen.values())
    if case.run is not None or not frozen or count < LEAST * total:
        return []
    names = ", ".join(list(frozen)[:4]) + (" …" if len(frozen) > 4 else "")
    return [
        Finding(
            "frozen",
            f"{count:,} of {total:,} weights ({names}) have requires_grad False and were never loaded: they stay at "
            "the random numbers that they began with",
            "remove requires_grad = False, or load trained weights into these layers first",
            {"frozen weights": count, "weights": total},
            strength=min(1.0, 0.5 + count / total),
            lesson="27_transfer",
        )
    ]


def _looks_random(p: nn.Parameter) -> bool:
    """Whether it is a matrix whose values differ, or one bias of such a layer."""
    return p.dim() >= 2 and p.shape[0] > 1 and float(p.detach().std()) > 0
