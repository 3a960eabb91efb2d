"""Does batch norm answer in evaluation as it does in training? Small batches and odd momenta spoil its running "
"means."""

import math

import torch
from torch import nn

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.judging import BATCH_NORMS
from deepglass.diagnosis.observing.tape import replay

TITLE = "batch norm: are running means right"
NEEDS = "replay"
COST = 0.3
EXPLAINS = {
    "batch-norm": (
        "overfitting",
        "plateau",
        "underfitting",
    )
}
SMALL, SMALLEST = 4, 2  # examples, whose mean and variance are mostly noise: of vectors, and of anything
LESSON = "18_batch_normalisation"


def ask(case: Case) -> list[Finding]:
    """Loss of the trained model in both modes, and the size of batches."""
    norms = [m for m in case.leaves if isinstance(m, BATCH_NORMS)]
    sizes = [fact.batch_size for fact in case.observed.steps if fact.batch_size]
    if not norms or not sizes:
        return []
    training, judging = _losses(case)
    usual = sorted(sizes)[len(sizes) // 2]
    evidence = {"batch size": usual, "loss in training mode": training, "loss in evaluation mode": judging}
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
