"""Do labels belong to their inputs? Simple models are asked, also with the labels moved by a few rows."""

import math

import numpy as np

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.probes import link

TITLE = "do labels belong to their inputs"
NEEDS = "replay"
COST = 2.6
EXPLAINS = {
    "labels-unrelated": (
        "overfitting",
        "underfitting",
        "plateau",
        "learning-rate-low",
        "learning-rate-high",
        "labels-noisy",
        "little-data",
        "imbalance",
        "dropout",
        "initialisation",
    ),
    "labels-shifted": (
        "labels-unrelated",
        "little-data",
        "overfitting",
        "underfitting",
        "plateau",
        "labels-noisy",
        "learning-rate-low",
        "learning-rate-high",
    ),
}
FEWEST = 60  # examples
SHIFTS = (1, -1, 2, -2)
CLEAR = 0.15  # of skill that a moved table must gain
LESSON = "52_why_not_learn"


def ask(case: Case) -> list[Finding]:
    """Skill of simple models, and of what the training reached on examples it did not learn from."""
    known = case.known or case.known_places
    if known is None or len(known[1]) < FEWEST:
        return []
    (X, y), own, is_class = known, case.link, case.classes > 0
    if case.known is not None and case.examples is not None and (shift := _shift(X, y, is_class, own.skill)):
        return [shift]
    if own.is_there or _generalises(case):
        return []
    again = link(X, y, is_class, seed=1)
    if again.is_there:
        return []
    unit = "points of accuracy above the most frequent class" if is_class else "R²"
    value = f"{100 * own.skill:.1f} {unit}" if is_class else f"{unit} {own.skill:.2f}"
    return [
        Finding(
            "labels-unrelated",
            f"nothing links inputs and labels: cross-validated linear models and forests reach {value} on {len(y):,} "
            "examples, no more than chance",
            "look at ten examples with their labels as the model gets them: were rows sorted, shuffled or joined apart "
            "from each other?",
            {"skill": own.skill, "standard error": own.error, "examples": len(y)},
            "seen",
            0.9,
            LESSON,
        )
    ]


def _shift(X: np.ndarray, y: np.ndarray, is_class: bool, skill: float) -> Finding | None:
    """Labels that fit the rows beside them."""
    if skill > 0.3:
        return None
    found = {}
    for shift in SHIFTS:
        moved = np.roll(y, shift)[abs(shift) : len(y) - abs(shift)]
        found[shift] = link(X[abs(shift) : len(y) - abs(shift)], moved, is_class).skill
    best = max(found, key=lambda shift: found[shift])
    if found[best] < skill + CLEAR:
        return None
    rows = f"{abs(best)} row{'s' if abs(best) > 1 else ''} {'down' if best > 0 else 'up'}"
    return Finding(
        "labels-shifted",
        f"labels fit other rows: moved by {rows} simple models reach a skill of {found[best]:.2f}, as they are "
        f"{skill:.2f}",
        "look where rows were added, left out or sorted in the inputs or in the labels alone",
        {"skill": skill, "skill moved": found[best], "rows": best},
        strength=0.95,
        lesson=LESSON,
    )


def _generalises(case: Case) -> bool:
    """Whether the loss on held-out examples was below that of a constant answer."""
    if case.run is not None:
        losses = [e["val_loss"] for e in case.run.history if math.isfinite(e.get("val_loss", math.nan))]
        return bool(losses) and min(losses) < 0.9 * case.chance
    return case.eval_loss is not None and case.eval_loss < 0.9 * case.chance
