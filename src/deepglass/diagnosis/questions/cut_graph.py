"""Do gradients reach every layer? detach(), .data, no_grad and rounding cut the way back."""

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "do gradients reach every layer"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "cut-graph": ("underfitting", "plateau", "learning-rate-low", "vanishing-gradients", "one-batch", "input-ignored")
}


def ask(case: Case) -> list[Finding]:
    """Weights that are in the optimiser, were called, and never got a gradient."""
    observed = case.observed
    sampled = list(observed.weights.values())
    if len(sampled) < 2:
        return []
    names = {name for facts in sampled for name in facts}
    without = [name for name in names if all(f[name].gradient is None for f in sampled if name in f)]
    with_gradient = names - set(without)
    parameters = observed.parameters
    cut = {
        name: parameters[name] for name in sorted(without)
        if name in parameters and parameters[name].requires_grad and id(parameters[name]) in observed.called
    }  # fmt: skip
    if not cut or not with_gradient:
        return []
    count, total = sum(p.numel() for p in cut.values()), sum(p.numel() for p in parameters.values())
    listed = ", ".join(list(cut)[:4]) + (" …" if len(cut) > 4 else "")
    return [
        Finding(
            "cut-graph",
            f"{count:,} of {total:,} weights ({listed}) are used in the forward pass but never get a gradient: what "
            "comes after them does not lead back",
            "look for .detach(), .data, .item(), torch.no_grad(), argmax or NumPy between these layers and the loss",
            {"weights without gradient": count, "weights": total},
            strength=min(1.0, 0.5 + count / max(1, total)),
            lesson="11_backpropagation",
        )
    ]
