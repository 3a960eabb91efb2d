"""Does batch norm answer in evaluation as in training? Small batches and odd momenta spoil its running means."""

import math
from typing import Any

import torch
from torch import nn

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.changes import Modules
from deepglass.diagnosis.judging import BATCH_NORMS
from deepglass.diagnosis.observing.tape import replay

TITLE = "batch norm: are running means right"
NEEDS = "replay"
COST = 0.3
EXPLAINS = {
    "batch-norm": (
        "overfitting",
        "little-data",
        "plateau",
        "underfitting",
    )
}
SMALL, SMALLEST = 4, 2  # examples, whose mean and variance are mostly noise: of vectors, and of anything
KEPT, FAR = 0.5, 0.1  # share of the first running means; distance in standard deviations
LESSON = "18_batch_normalisation"


def ask(case: Case) -> list[Finding]:
    """Loss of the trained model in both modes, and the size of batches."""
    norms = [m for m in case.leaves if isinstance(m, BATCH_NORMS)]
    sizes = [fact.batch_size for fact in case.observed.steps if fact.batch_size]
    if not norms or not sizes:
        return []
    training, judging = _losses(case)
    usual = sorted(sizes)[len(sizes) // 2]
    evidence: dict[str, Any] = {
        "batch size": usual,
        "loss in training mode": training,
        "loss in evaluation mode": judging,
    }
    room = max(abs(case.chance), 1e-6)
    differs = math.isfinite(judging) and judging - training > 0.25 * room and case.progress(training) > 0.3
    if usual <= SMALLEST or (usual <= SMALL and any(isinstance(m, nn.BatchNorm1d) for m in norms)):
        sentence = (
            f"batch norm sees {usual} example{'s' if usual > 1 else ''} at a time: its mean and variance are "
            "mostly noise "
            f"(loss {training:.3g} in training mode, {judging:.3g} in evaluation mode)"
        )
        mend = "take larger batches (16 or more), or GroupNorm or LayerNorm in its place"
        return [Finding("batch-norm", sentence, mend, evidence, "seen", 0.9 if differs else 0.7, LESSON)]
    if kept := _remembered(case):
        momentum, share, far = kept
        sentence = (
            f"with a momentum of {momentum:g} the running means of batch norm are to {share:.0%} still the 0 and 1 "
            f"that they began with; what it meets lies {far:.2g} standard deviations away, unknown to evaluation"
        )
        mend = "leave momentum at 0.1: in PyTorch it is the share of the new batch, not that of the old ones"
        evidence |= {"momentum": momentum, "share of the first means": share, "distance": far}
        return [Finding("batch-norm", sentence, mend, evidence, "seen", 0.8, LESSON)]
    if differs or (not math.isfinite(judging) and math.isfinite(training)):
        moments = sorted({m.momentum for m in norms if m.momentum is not None})
        sentence = (
            f"on the same batches the loss is {training:.3g} in training mode and {judging:.3g} in evaluation "
            "mode: the "
            "running means of batch norm do not fit what it met"
        )
        mend = "leave momentum at 0.1, train longer, and keep batches alike (shuffled, not one per class)"
        return [Finding("batch-norm", sentence, mend, evidence | {"momentum": moments}, "seen", 0.8, LESSON)]
    return []


def _remembered(case: Case) -> tuple[float, float, float] | None:
    """Of the layer that forgets least: its momentum, the share of the first running means that is left after all
    steps, and how far off they are. None where most is forgotten, as it should be, where they were loaded, or where
    batches happen to be like them."""
    copies, loaded = case.trained(), case.observed.loaded
    slow = [
        twin for module in case.observed.modules for own, twin in zip(module.modules(), copies[id(module)].modules())
        if isinstance(twin, BATCH_NORMS) and twin.momentum is not None and twin.running_mean is not None
        and not any(id(p) in loaded for p in own.parameters())
    ]  # fmt: skip
    if not slow:
        return None
    slowest = min(slow, key=lambda norm: norm.momentum or 0.0)
    momentum = float(slowest.momentum or 0.0)
    share = (1 - momentum) ** len(case.observed.steps)
    far = _distance(case, copies, slowest) if share >= KEPT else 0.0
    return (momentum, share, far) if far > FAR else None


def _distance(case: Case, modules: Modules, norm: nn.Module) -> float:
    """Of what a layer meets to its running means: mean or log spread, the larger, in standard deviations."""
    met: list[torch.Tensor] = []
    norm.register_forward_pre_hook(lambda module, inputs: met.append(inputs[0].detach()))
    for module in modules.values():
        module.eval()
    with torch.no_grad():
        replay(case.tapes[0], modules)
    if not met or not isinstance(norm, BATCH_NORMS) or norm.running_mean is None or norm.running_var is None:
        return 0.0
    x = met[0].float().movedim(1, -1).flatten(0, -2)
    spread = x.std(0) + 1e-9
    moved = (x.mean(0) - norm.running_mean).abs() / spread
    return float(torch.maximum(moved, (norm.running_var.sqrt() / spread).log().abs()).median())


def _losses(case: Case) -> tuple[float, float]:
    """Of the trained model on the recorded batches, dropout off, batch norm in both modes."""
    found = []
    for is_training in (True, False):
        modules = case.trained()
        for module in modules.values():
            module.eval()
            for part in module.modules():
                if isinstance(part, BATCH_NORMS):
                    nn.Module.train(part, is_training)
        with torch.no_grad():
            found.append(float(sum(float(replay(t, modules)) for t in case.tapes[:12]) / len(case.tapes[:12])))
    return found[0], found[1]
