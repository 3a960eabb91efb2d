"""Is learning held back too much? The same training without dropout, and without weight decay."""

from deepglass.diagnosis import Finding, changes
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.changes import DROPOUTS

TITLE = "dropout and weight decay"
NEEDS = "replay"
COST = 2.3
EXPLAINS = {
    "dropout": ("underfitting", "plateau", "learning-rate-low", "learning-rate-high", "dead-units", "imbalance"),
    "weight-decay": (
        "underfitting",
        "plateau",
        "learning-rate-low",
        "learning-rate-high",
        "vanishing-gradients",
        "initialisation",
        "dead-units",
        "imbalance",
        "input-ignored",
    ),
}
HEAVY_DROPOUT, HEAVY_DECAY = 0.6, 0.02
LESSON = "17_holding_back"


def ask(case: Case) -> list[Finding]:
    """Of what is heavy, whether learning without it helps; not where the steps lack what the run met."""
    return [] if case.left_out else [*_dropout(case), *_decay(case)]


def _dropout(case: Case) -> list[Finding]:
    heaviest = max((m.p for m in case.leaves if isinstance(m, DROPOUTS)), default=0.0)
    if heaviest < HEAVY_DROPOUT:
        return []

    score = case.try_out("without dropout", change=changes.leave_out_dropout)
    return [_finding(case, "dropout", f"dropout of {heaviest:g}", score)] if case.helps(score, 0.25) else []


def _decay(case: Case) -> list[Finding]:
    groups = [g for o in case.observed.stepping.values() for g in o.param_groups]
    decay = max((float(g.get("weight_decay") or 0.0) for g in groups), default=0.0)
    rate = float(case.observed.settings.get("lr", 0.0))
    if decay < HEAVY_DECAY and decay * rate < 1e-3:
        return []
    score = case.try_out("without weight decay", weight_decay=0.0)
    return [_finding(case, "weight-decay", f"a weight decay of {decay:g}", score)] if case.helps(score, 0.25) else []


def _finding(case: Case, cause: str, what: str, score: float) -> Finding:
    option = {"dropout": "--dropout", "weight-decay": "--weight-decay"}[cause]
    return Finding(
        cause,
        f"with {what} the same steps end at a loss of {case.baseline.score:.4g}, without it at {score:.4g} (a constant "
        f"answer: {case.chance:.4g})",
        "lower it" + (f" ({option})" if case.run is not None else "") + ": it is meant for models that fit too well",
        {"loss": case.baseline.score, "loss without": score},
        "tried",
        1.0,
        LESSON,
    )
