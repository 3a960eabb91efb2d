"""Is the loss a mean? A sum makes the steps as many times longer as there are examples, and those of the last "
"batch short."""

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "is the loss a mean over the batch"
NEEDS = "replay"
COST = 2.1
EXPLAINS = {
    "reduction": (
        "learning-rate-high",
        "exploding-gradients",
        "dead-units",
        "saturation",
        "update-ratio",
        "plateau",
        "underfitting",
        "target-scale",
        "input-scale",
        "initialisation",
    )
}


def ask(case: Case) -> list[Finding]:
    """A sum, where learning with the mean in its place helps."""
    summed = [c for c in case.observed.losses if c.kwargs.get("reduction") == "sum"]
    added = [t for t in case.tapes[:3] if t.tail and t.tail[-1].name == "sum" and t.batch_size > 1]
    if not summed and len(added) < min(2, len(case.tapes)):
        return []
    size = max(1, case.tapes[0].batch_size)
    score = case.try_out("mean in the place of the sum", weight=1 / size)
    if not case.helps(score):
        return []
    return [
        Finding(
            "reduction",
            f"the loss is a sum over {size} examples, so steps are {size} times as long as with the mean; with "
            "the mean "
            f"the same steps reach {score:.3g}, with the sum {case.baseline.score:.3g}",
            'use reduction="mean", or divide the learning rate by the batch size',
            {"with the sum": case.baseline.score, "with the mean": score, "batch size": size},
            "tried",
            1.0,
            "12_gradient_descent",
        )
    ]
