"""Does the optimiser know all weights? Those that it does not know stay as they were drawn."""

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "are all weights in an optimiser"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "not-in-optimizer": (
        "underfitting",
        "plateau",
        "learning-rate-low",
        "input-ignored",
        "forgotten-zero-grad",
        "one-batch",
    ),
}


def ask(case: Case) -> list[Finding]:
    """Weights of modules that were called while training, and of no optimiser that stepped."""
    observed = case.observed
    if not observed.stepping:
        return []
    known = observed.parameters
    optimized, registered = observed.optimized, {id(p) for p in known.values()}
    missing = {name: p for name, p in known.items() if p.requires_grad and id(p) not in optimized}
    loose = {
        name: p for key, (name, p) in observed.called.items()
        if key not in registered and key not in optimized and p.requires_grad
    }  # fmt: skip
    # heads that are never called, or whose gradient is never asked for, are nobody's mistake
    missing = {name: p for name, p in missing.items() if id(p) in observed.called or p.grad is not None}
    found = missing | loose
    total = sum(p.numel() for p in known.values()) + sum(p.numel() for p in loose.values())
    count = sum(p.numel() for p in found.values())
    loaded = sum(p.numel() for p in found.values() if id(p) in observed.loaded)
    if not count or loaded > 0.5 * count or case.run is not None:
        return []
    names = ", ".join(list(found)[:4]) + (" …" if len(found) > 4 else "")
    why = "are called but are no part of the model (a plain list of layers?)" if loose else "are in no optimiser"
    mend = (
        "keep layers in nn.ModuleList, or as attributes, so that model.parameters() finds them"
        if loose
        else "give the optimiser model.parameters(), after the last change of the model"
    )
    return [
        Finding(
            "not-in-optimizer",
            f"{count:,} of {total:,} weights ({names}) {why}: they never change",
            mend,
            {"weights without optimiser": count, "weights": total},
            strength=min(1.0, 0.5 + count / max(1, total)),
            lesson="13_optimisers",
        )
    ]
