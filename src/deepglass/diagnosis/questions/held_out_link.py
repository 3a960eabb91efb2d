"""Does what links inputs and targets in training hold for the examples of the evaluation, too?

A simple model that has learnt from training examples is asked about those of the evaluation. Where it answers new
training examples and not these, though a simple model of their own finds the same strong link within them, they are
prepared in another way: another vocabulary, columns or channels in another order, another scale.
"""

import numpy as np
from torch import Tensor

from deepglass.diagnosis import Finding, probes
from deepglass.diagnosis.case import Case

TITLE = "do examples of the evaluation speak the language of training"
NEEDS = "replay"
COST = 2.65
EXPLAINS: dict[str, tuple[str, ...]] = {}  # as its namesake of the question whether inputs are alike
FEWEST, MOST = 40, 1000  # examples
LOST, LINKED = 0.5, 0.15  # share of the skill that is lost; skill that there must be at all, within both
LESSON = "21_preprocessing"


def ask(case: Case) -> list[Finding]:
    """Of examples of the evaluation that were compared with their targets."""
    pair = _pair(case)
    if pair is None:
        return []
    (X, y), (Xn, yn) = pair
    is_class = case.classes > 0
    within = probes.link(X, y, is_class).skill
    if within < LINKED:
        return []
    across = probes.transferred(X, y, Xn, yn, is_class)
    if across > (1 - LOST) * within or (own := probes.link(Xn, yn, is_class).skill) < max(LINKED, across + LINKED):
        return []
    unit = "points of accuracy above the most frequent class" if is_class else "R²"
    numbers = [f"{100 * s:.0f}" if is_class else f"{s:.2f}" for s in (within, own, across)]
    return [
        Finding(
            "prediction-preprocessing",
            f"a simple model finds the link within the training examples ({numbers[0]} {unit}) and within those of the "
            f"evaluation ({numbers[1]}); what it has learnt from the first fails on the second ({numbers[2]}): their "
            "inputs are prepared in another way, or come from elsewhere",
            "prepare all examples by the same steps, fitted to the training data alone: one vocabulary, one order of "
            "columns and channels, one scale",
            {"within training": within, "within evaluation": own, "from training to evaluation": across},
            "tried",
            0.85,
            LESSON,
        )
    ]


def _pair(case: Case) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]] | None:
    """Features and targets of training and of evaluation, in one form; None where they are not known, or too few."""
    learnt, judged = case.rows or case.examples, case.held_out
    if learnt is None or judged is None or min(len(learnt[1]), len(judged[1])) < FEWEST:
        return None
    if not _fits(learnt[0], judged[0]) or learnt[1][0].numel() != 1 or judged[1][0].numel() != 1:
        return None
    n, m = min(MOST, len(learnt[1])), min(MOST, len(judged[1]))
    widest = max(learnt[0][:n].shape[-1], judged[0][:m].shape[-1]) if learnt[0].dim() == 2 else 0
    if not learnt[0].is_floating_point() and widest < 2:
        return None
    X, Xn = probes.features_of((learnt[0][:n], judged[0][:m]))
    return (X, learnt[1][:n].reshape(-1).double().numpy()), (Xn, judged[1][:m].reshape(-1).double().numpy())


def _fits(a: Tensor, b: Tensor) -> bool:
    """Whether both are of one kind; texts may be of different lengths."""
    is_same = a.shape[1:] == b.shape[1:] or (a.dim() == b.dim() == 2 and not a.is_floating_point())
    return a.is_floating_point() == b.is_floating_point() and is_same
