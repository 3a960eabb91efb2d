"""Are there numbers that are none, in the data or on the way?"""

import math

import torch

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "are all numbers finite"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "not-finite-data": (
        "learning-rate-high",
        "exploding-gradients",
        "input-scale",
        "target-scale",
        "plateau",
        "underfitting",
        "initialisation",
        "labels-unrelated",
        "one-batch",
        "dead-units",
        "saturation",
        "input-ignored",
    ),
}


def ask(case: Case) -> list[Finding]:
    """NaN and infinity in inputs and targets."""
    for what in ("inputs", "target"):
        bad = total = 0
        for tape in case.observed.tapes:
            values = tape.inputs if what == "inputs" else [tape.target]
            for value in values:
                if isinstance(value, torch.Tensor) and value.is_floating_point():
                    bad += int((~torch.isfinite(value)).sum())
                    total += value.numel()
        allowed = what == "inputs" and all(math.isfinite(x) for x in case.observed.train_losses())  # masks hold -inf
        if bad and not allowed:
            sentence = f"{bad:,} of {total:,} numbers in the {what} of the recorded steps are NaN or infinite"
            mend = "fill or leave out these examples before training: one of them makes every weight NaN"
            return [
                Finding("not-finite-data", sentence, mend, {"bad": bad, "numbers": total}, lesson="21_preprocessing")
            ]
    return []
