"""Does the input hold the answer? One column or place that alone gives every target; and rows that are judged "
"and learnt."""

import numpy as np
import torch
from torch import Tensor

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "leakage and duplicates"
NEEDS = "observed"
COST = 0.5
EXPLAINS = {"leakage": ("overfitting", "input-scale"), "duplicates": ("overfitting", "leakage")}
EXACT = 0.998  # rank correlation, or share of rows that one column answers rightly
FEWEST = 60
LESSON = "20_honest_evaluation"


def ask(case: Case) -> list[Finding]:
    """Columns against targets, and inputs of evaluation against inputs of training."""
    return _of_run(case) if case.run is not None else [*_columns(case), *_seen_again(case)]


def _columns(case: Case) -> list[Finding]:
    known = case.examples or case.rows
    if (
        known is None
        or len(known[1]) < FEWEST
        or not known[0].is_floating_point()
        or known[0].shape[1:] == known[1].shape[1:]
    ):
        return []
    X, y = known[0].flatten(1).double(), known[1].reshape(len(known[1]), -1).double()
    if X.shape[1] > 3000 or y.shape[1] > 64 or X.shape[1] < 2:
        return []
    for place in range(y.shape[1]):
        target = y[:, place]
        if float(target.std()) == 0:
            continue
        skill = _class_skill(X, target) if case.classes else _correlation(X, target)
        best = int(skill.argmax())
        if float(skill[best]) > EXACT and float(skill.sort().values[-min(2, len(skill))]) < 1.1:
            return [_column(best, known[0].shape, float(skill[best]), bool(case.classes))]
    return []


def _correlation(X: Tensor, y: Tensor) -> Tensor:
    a, b = X - X.mean(0), (y - y.mean())[:, None]
    return ((a * b).sum(0) / (a.norm(dim=0) * b.norm() + 1e-12)).abs()


def _class_skill(X: Tensor, y: Tensor) -> Tensor:
    """Share of rows whose class is told by cutting one column, of classes that are intervals of it."""
    found = []
    for column in X.T[:400]:
        order = column.argsort()
        labels, values = y[order], column[order]
        if float(values[-1] - values[0]) == 0:
            found.append(0.0)
            continue
        changes = int((labels[1:] != labels[:-1]).sum())
        needed = len(y.unique()) - 1
        groups = len(column.unique())
        pure = _purity(values, labels) if groups <= 30 else 0.0
        found.append(max(pure, 1.0 - max(0, changes - needed) / len(y) if changes <= needed + 2 else 0.0))
    return torch.tensor(found)


def _purity(values: Tensor, labels: Tensor) -> float:
    """Share of rows that the most frequent class of their value answers."""
    right = 0
    for value in values.unique():
        right += int(labels[values == value].long().bincount().max())
    return right / len(labels)


def _column(best: int, shape: torch.Size, skill: float, is_class: bool) -> Finding:
    where = (
        f"column {best + 1}" if len(shape) == 2 else f"place {[int(i) + 1 for i in np.unravel_index(best, shape[1:])]}"
    )
    what = "gives the class of every row" if is_class else f"is the target (correlation {skill:.4f})"
    return Finding(
        "leakage",
        f"{where} of the inputs alone {what}: the answer is among what is asked",
        "leave it out, unless it is known before the answer is; in a series, let the window end before the target",
        {"skill of the column alone": skill, "column": best + 1},
        strength=0.9,
        lesson=LESSON,
    )


def _seen_again(case: Case) -> list[Finding]:
    """Examples that are judged and were learnt from."""
    calls = [c for c in case.observed.evals if c.inputs]
    learnt = {key for tape in case.observed.tapes if tape.inputs for key in _keys(tape.inputs[0])}
    judged = {key for call in calls for key in _keys(call.inputs[0])}
    steps = case.observed.steps
    seen_all = len({fact.print_ for fact in steps}) <= len(case.observed.tapes) or case.examples is not None
    share = len(judged & learnt) / len(judged) if judged else 0.0
    if len(judged) < 10 or share < 0.05 or not learnt or (share < 0.3 and not seen_all):
        return []
    inputs = calls[0].inputs[0]
    if (not inputs.is_floating_point() and inputs.flatten(1).shape[1] < 8) or inputs[0].numel() < 4:
        return []  # few different inputs are possible
    what = "all" if share > 0.99 else f"{share:.0%} of"
    return [
        Finding(
            "duplicates",
            f"{what} the {len(judged):,} examples of the evaluation were learnt from: what it says is how well "
            "they are "
            "remembered",
            "judge on examples that training has not seen; split before copies are made, and copies together",
            {"judged": len(judged), "seen in training": len(judged & learnt), "share": share},
            strength=0.5 + 0.4 * share,
            lesson=LESSON,
        )
    ]


def _keys(x: Tensor) -> list[bytes]:
    return [row.numpy().tobytes() for row in x.detach().cpu().float().flatten(1)[:512]] if x.dim() > 1 else []


def _of_run(case: Case) -> list[Finding]:
    """What `deepglass check` finds in the data of a run."""
    from deepglass.data.check import inspect

    found = inspect(case.job.data, case.job.data_config)
    results = []
    if found.leakage:
        first = found.leakage[0]
        name, skill = first.get("column"), float(first.get("skill", 1.0))
        sentence = f"column {name} alone removes {skill:.0%} of the error: the answer is among what is asked"
        mend = f"leave it out, unless it is known before the answer is (--ignore {name})"
        results.append(
            Finding("leakage", sentence, mend, {"column": name, "skill": skill}, strength=skill, lesson=LESSON)
        )
    if found.crossing:
        sentence = f"{found.crossing:,} examples of validation or test are in the training data too"
        results.append(
            Finding("duplicates", sentence, "take copies out, or keep them together (--group)",
                    {"crossing": found.crossing}, strength=0.6, lesson=LESSON)
        )  # fmt: skip
    return results
