"""Why does it not learn? The contract of a diagnosis, whatever is asked about.

    a script ── runs under hooks ──┐
    a run ── its data and model ───┼─ Case: what was observed, steps that can be taken again ─ questions/ ─ Findings
    a module and data ─────────────┘

`observing/` watches steps of training and records them so that they can be taken again, `case.py` takes them again with
one thing changed, `questions/` has one file per question. A question has literals, TITLE, NEEDS ("observed" where what
was watched is enough, "replay" where steps are taken again) and COST (seconds, about), and one function, `ask(case)`,
which gives its findings.

Causes and symptoms: a finding whose cause is explained by another finding comes behind it (`EXPLAINS`); of the others
those that were seen directly come first, then those that an experiment has confirmed, then symptoms.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

FOLDER = "diagnosis/questions"

Kind = Literal["seen", "tried", "symptom"]
ORDER: tuple[Kind, ...] = ("seen", "tried", "symptom")


@dataclass(frozen=True)
class Finding:
    """One answer: what is wrong, how that was measured, and what mends it.

    Attributes:
        cause: Its name, such as "forgotten-zero-grad".
        sentence: What was found, in words.
        mend: The option or the line that mends it.
        evidence: Numbers that were measured, by name.
        kind: "seen" directly, "tried" in an experiment that changed this alone, or a "symptom" of something else.
        strength: How much of what could be learnt it costs, or how sure it is: 0 to 1.
        lesson: Of the course, that explains it.
    """

    cause: str
    sentence: str
    mend: str
    evidence: dict[str, Any] = field(default_factory=dict)
    kind: Kind = "seen"
    strength: float = 1.0
    lesson: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """All findings, the true cause first.

    Attributes:
        about: What was asked about; findings: ranked.
        asked: Questions that were answered; left_out: those that were not, with the reason.
        seconds: Of the whole; facts: what was observed, in numbers.
        error: Of the script, where it has crashed.
    """

    about: str
    findings: list[Finding]
    asked: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    error: str = ""
