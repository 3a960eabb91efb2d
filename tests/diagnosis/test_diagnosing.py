"""Causes come before what they explain; a question that fails takes nothing with it; no time, no questions."""

import time

import pytest

from deepglass.core import catalogue
from deepglass.core.console import console
from deepglass.diagnosis import FOLDER, Diagnosis, Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.diagnosing import diagnose, questions, ranked
from deepglass.diagnosis.observing.observed import Observed
from deepglass.diagnosis.wording import from_record, record, verdict
from tests.diagnosis.loops import classes, net, sgd, shuffled, watched


def finding(cause: str, kind: str = "symptom", strength: float = 0.5) -> Finding:
    return Finding(cause, "", "", kind=kind, strength=strength)  # type: ignore[arg-type]


def order(*found: Finding) -> list[str]:
    return [one.cause for one in ranked(list(found))]


def test_a_cause_comes_before_what_it_explains_however_strong_that_is():
    assert (
        order(finding("dead-units", "seen", 1.0), finding("learning-rate-high", "tried", 0.1))[0]
        == "learning-rate-high"
    )
    assert order(finding("learning-rate-low", "tried", 1.0), finding("no-step", "seen", 0.2))[0] == "no-step"


def test_seen_comes_before_tried_and_tried_before_symptoms():
    causes = order(
        finding("plateau", "symptom", 1.0), finding("dropout", "tried", 0.6), finding("broadcast", "seen", 0.3)
    )
    assert causes == ["broadcast", "dropout", "plateau"]


def test_the_strongest_of_a_kind_comes_first_and_each_cause_once():
    assert order(finding("mode", "seen", 0.3), finding("leakage", "seen", 0.9), finding("mode", "seen", 0.5)) == [
        "leakage", "mode",
    ]  # fmt: skip


def test_no_cause_explains_one_that_explains_it():
    explains = {c: n for q in questions() for c, n in catalogue.constant(FOLDER, q, "EXPLAINS", {}).items()}
    both = {(a, b) for a, names in explains.items() for b in names if a in explains.get(b, ())}
    assert both == set()


def test_questions_are_asked_in_the_order_of_their_cost():
    costs = [catalogue.constant(FOLDER, name, "COST") for name in questions()]
    assert costs == sorted(costs)


@pytest.mark.slow("two whole diagnoses")
def test_a_healthy_training_has_no_findings_and_a_sick_one_its_cause_first():
    healthy = diagnose(watched(net(), shuffled(classes(count=256))))
    assert healthy.findings == []
    assert len(healthy.asked) == len(questions())
    sick = diagnose(watched(net(), shuffled(classes(count=256)), optimizer=sgd(300.0)))
    assert sick.findings[0].cause == "learning-rate-high"
    assert "learning rate high" in verdict(sick)
    assert from_record(record(sick)).findings[0].cause == "learning-rate-high"


def test_without_time_nothing_is_asked_and_that_is_said():
    found = diagnose(Case("late", Observed(), deadline=time.monotonic() - 1))
    assert found.findings == []
    assert set(found.left_out.values()) == {"no time was left"}


def test_a_question_that_fails_leaves_the_others(monkeypatch):
    from deepglass.diagnosis.questions import frozen

    monkeypatch.setattr(frozen, "ask", lambda case: 1 / 0)
    found = diagnose(watched(net(), shuffled(classes())), only=["frozen", "steps"])
    assert found.asked == ["steps"]
    assert "ZeroDivisionError" in found.left_out["frozen"]


@pytest.mark.parametrize(
    ("steps", "left_out", "expected"),
    [
        (0, {}, "no training was seen"),
        (30, {"frozen": "no time was left", "sign": "asked of runs only"}, "time was up before 1 of 1 questions"),
    ],
)
def test_what_was_not_asked_is_said(steps, left_out, expected, capsys, monkeypatch):
    from deepglass.cli.diagnose import say

    monkeypatch.setattr(console, "mode", "normal")
    say(Diagnosis("a run", [], [], left_out, 1.0, {"steps": steps}))
    out = capsys.readouterr()
    said = out.out + out.err
    assert expected in said
    assert ("no training was seen" in said) == (steps == 0)
