"""Does the input matter at all? Examples are exchanged under the model; its answers should change."""

import torch

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "does the answer depend on the input"
NEEDS = "replay"
COST = 0.2
EXPLAINS = {
    "input-ignored": ("underfitting", "plateau", "learning-rate-low", "imbalance", "one-batch", "labels-unrelated")
}
LEAST = 1e-5  # of the answers' size: below it, they are all the same


def ask(case: Case) -> list[Finding]:
    """The spread of answers over examples, at the first weights and at the last."""
    tape = max(case.tapes, key=lambda t: t.batch_size)
    inputs = [x for x in tape.inputs if len(x) > 1]
    if tape.batch_size < 4 or not inputs or not any(bool((x != x[:1]).any()) for x in inputs):
        return []
    spreads = {}
    for name, modules in (("at the start", case.fresh()), ("at the end", case.trained())):
        for module in modules.values():
            module.eval()
        with torch.no_grad():
            answer = case.outputs(tape, modules).float()
        if len(answer) % tape.batch_size or not bool(torch.isfinite(answer).all()):
            return []
        rows = answer.reshape(tape.batch_size, -1)
        spreads[name] = float(rows.std(dim=0).mean() / (rows.abs().mean() + 1e-12))
    if spreads["at the start"] > LEAST or spreads["at the end"] > LEAST:
        return []
    return [
        Finding(
            "input-ignored",
            "the answer is the same for every example, before training and after it: the input does not reach it",
            "follow one example through the model (deepglass trace) to the layer where all become alike",
            {f"spread of the answers {when}": value for when, value in spreads.items()},
            "symptom",
            0.8,
            "11_backpropagation",
        )
    ]
