"""Do batches differ, and is each one like the whole? Sorted data teach one class after the other."""

import numpy as np
import torch

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "are examples shuffled"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "same-batch": (
        "overfitting",
        "plateau",
        "imbalance",
        "labels-unrelated",
        "underfitting",
        "batch-norm",
    ),
    "not-shuffled": (
        "overfitting",
        "plateau",
        "underfitting",
        "imbalance",
        "learning-rate-high",
        "learning-rate-low",
        "batch-norm",
        "prediction-preprocessing",
        "saturation",
        "optimizer-reset",
    ),
}
LESSON = "12_gradient_descent"
FEWEST = 6  # batches
MOST_ALIKE = 3.0  # times the variance between batches that chance gives


def ask(case: Case) -> list[Finding]:
    """Prints of batches, and the targets' variance between batches against that of shuffled ones."""
    prints = [fact.print_ for fact in case.observed.steps if fact.batch_size]
    if len(prints) >= 20 and len(set(prints)) == 1 and case.run is None and _has_more(case):
        sentence = f"all {len(prints):,} steps saw the same {case.observed.steps[0].batch_size} examples"
        mend = "go through the loader in a for loop: next(iter(loader)) begins anew every time"
        return [Finding("same-batch", sentence, mend, {"steps": len(prints), "different batches": 1}, lesson=LESSON)]
    ratio, spread = _between(case)
    if ratio < MOST_ALIKE or case.run is not None:
        return []
    return [
        Finding(
            "not-shuffled",
            f"the targets of a batch are alike: they differ between batches {ratio:.1f} times as much as in shuffled "
            "data, so that the model learns one kind after the other and forgets the first",
            "shuffle the training examples: DataLoader(…, shuffle=True)",
            {"variance between batches, relative to shuffled": ratio, **spread},
            strength=min(1.0, 0.5 + ratio / 20),
            lesson=LESSON,
        )
    ]


def _has_more(case: Case) -> bool:
    """Whether the loader's data hold more than one batch; a whole set in every step is one way to train."""
    size = case.observed.steps[0].batch_size
    known = [len(d) for d in case.observed.datasets if hasattr(d, "__len__")]
    return any(count > size for count in known) or size <= 8


def _between(case: Case) -> tuple[float, dict[str, float]]:
    """Variance of batch means over what chance gives (1 for shuffled data)."""
    batches = []
    for tape in case.observed.tapes:
        target = tape.target
        size = tape.batch_size
        if target is None or size < 4 or target.dim() == 0 or len(target) != size or target.numel() > 4 * size:
            return 0.0, {}
        batches.append(target.detach().reshape(size, -1)[:, 0])
    if len(batches) < FEWEST:
        return 0.0, {}
    everything = torch.cat(batches).double()
    if case.classes and everything.unique().numel() <= 50:
        columns = [[(b == value).double() for b in batches] for value in everything.unique()]
    else:
        columns = [[b.double() for b in batches]]
    ratios = []
    for column in columns:
        whole = torch.cat(column)
        expected = float(whole.var()) * float(np.mean([1 / len(b) for b in column]))
        between = float(torch.stack([b.mean() for b in column]).var())
        if expected > 0:
            ratios.append(between / expected)
    return (float(np.mean(ratios)) if ratios else 0.0), {"batches": len(batches)}
