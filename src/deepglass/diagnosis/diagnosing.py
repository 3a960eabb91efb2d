"""Ask all questions in the order of their cost, within a time budget, and rank what they find."""

import time
from typing import Any

from deepglass.core import catalogue
from deepglass.diagnosis import FOLDER, ORDER, Diagnosis, Finding
from deepglass.diagnosis.case import Case

NO_TIME = "no time was left"
BUDGET = 60.0  # seconds of a diagnosis, all together
EXPLAINS_ALL = ("tried", "symptom")  # what a defect that was seen directly can explain


def questions() -> list[str]:
    """Cheapest first; the folder is the list."""
    return sorted(catalogue.entries(FOLDER), key=lambda name: (catalogue.constant(FOLDER, name, "COST"), name))


def diagnose(case: Case, only: list[str] | None = None) -> Diagnosis:
    """Ask, and rank.

    Args:
        case: What is asked about; its deadline ends the questions.
        only: Names of questions; all by default.
    """
    import torch

    began, found, asked, left_out = time.monotonic(), [], [], {}
    for name in questions() if only is None else only:
        reason = _reason_against(case, name)
        if reason:
            left_out[name] = reason
            continue
        try:
            with torch.random.fork_rng(devices=[]):
                found += catalogue.load(FOLDER, name).ask(case)
            asked.append(name)
        except Exception as error:  # a question must not take the answers of the others with it
            left_out[name] = f"{type(error).__name__}: {error}"[:200]
    return Diagnosis(case.about, ranked(found), asked, left_out, time.monotonic() - began, facts_of(case))


def _reason_against(case: Case, name: str) -> str:
    needs = catalogue.constant(FOLDER, name, "NEEDS")
    if case.time_left <= 0:
        return NO_TIME
    if needs == "replay" and not case.can_replay:
        return "the steps could not be taken again"
    if needs == "run" and case.run is None:
        return "asked of runs only"
    return ""


def ranked(found: list[Finding]) -> list[Finding]:
    """The true cause first: what others explain comes behind them, then seen before tried before symptoms, then
    the strongest."""
    explains = {cause: names for file in questions() for cause, names in _explains(file).items()}
    causes = {finding.cause for finding in found}

    def depth(finding: Finding) -> int:
        return sum(finding.cause in explains.get(cause, ()) for cause in causes if cause != finding.cause)

    unique: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda f: -f.strength):
        unique.setdefault(finding.cause, finding)
    return sorted(unique.values(), key=lambda f: (depth(f) > 0, ORDER.index(f.kind), depth(f), -f.strength, f.cause))


def _explains(file: str) -> dict[str, tuple[str, ...]]:
    return catalogue.constant(FOLDER, file, "EXPLAINS", {})


def facts_of(case: Case) -> dict[str, Any]:
    """What was observed, in numbers."""
    observed = case.observed
    losses = observed.train_losses()
    facts: dict[str, Any] = {
        "steps": sum(fact.stepped for fact in observed.steps),
        "parameters": sum(p.numel() for p in observed.parameters.values()),
        "ended": observed.ended,
    }
    if losses:
        facts |= {"first loss": losses[0], "last loss": case.ended}
    if case.can_replay:
        facts |= {"loss of the best constant answer": case.chance}
    return facts | case.noted
