"""What lesson 52 claims of trainings that do not learn, and of the questions that find out why."""

import math

import pytest

from deepglass.diagnosis.questions import one_batch
from tests.lessons.opened import opened
from tests.lessons.tried import tried

CAUSES = {
    "A": "dead-units",
    "B": "labels-unrelated",
    "D": "double-softmax",
    "E": "forgotten-zero-grad",
    "F": "update-ratio",
}


@pytest.fixture(scope="module")
def lesson():
    return opened("52_why_not_learn").module


def test_one_training_learns_and_five_do_not(lesson):
    ended = {letter: lesson.training(fault)[0][-6:].mean() for letter, fault in lesson.CASES.items()}
    assert ended.pop("C") < 0.6
    assert min(ended.values()) > 1.0
    assert sorted(lesson.CASES.values()) == sorted(lesson.FAULTS)


@pytest.mark.parametrize("letter", CAUSES)
def test_the_question_of_diagnose_finds_the_fault_and_it_is_mended(lesson, letter):
    finding = lesson.found(letter)
    assert finding.cause == CAUSES[letter]
    losses, net = lesson.training(lesson.CASES[letter], mended_at=0)
    assert losses[-6:].mean() < 0.6
    assert lesson.right(net) > 0.8


def test_a_healthy_training_is_not_accused(lesson):
    from deepglass.core import catalogue
    from deepglass.diagnosis import FOLDER

    assert lesson.found("C") is None
    case = lesson.watched("C")[0]
    for file, _, _ in list(lesson.FAULTS.values())[1:]:
        assert catalogue.load(FOLDER, file).ask(case) == []


@pytest.mark.parametrize(
    ("letter", "question", "low", "high"),
    [
        ("A", "silent units", 1.0, 1.0),
        ("B", "simple model", -0.2, 0.1),
        ("D", "sums to one", 1.0, 1.0),
        ("E", "old gradients", 1.0, 1.0),
        ("F", "update to weight", 0.0, 1e-6),
    ],
)
def test_each_fault_is_seen_in_one_measurement_that_is_healthy_elsewhere(lesson, letter, question, low, high):
    assert low <= lesson.measured(letter, question) <= high
    assert not low <= lesson.measured("C", question) <= high


def test_one_batch_by_heart_divides_the_suspects_and_shuffled_labels_pass(lesson):
    left = {letter: lesson.measured(letter, "one batch by heart") for letter in lesson.CASES}
    assert {letter for letter, loss in left.items() if loss > 0.5} == {"A", "D"}
    assert left["B"] < 0.05
    assert lesson.right(lesson.watched("B")[2]) < 0.2
    assert one_batch.ask(lesson.watched("A")[0])  # as `diagnose` asks it


def test_loss_at_the_start_is_that_of_chance(lesson):
    for letter in lesson.CASES:
        assert lesson.measured(letter, "loss at the start") == pytest.approx(math.log(10), abs=0.1)


def test_mended_on_the_way_four_recover_and_silent_units_do_not(lesson):
    for fault in list(lesson.FAULTS)[1:]:
        read = lesson.right(lesson.training(fault, 2 * lesson.STEPS, 30)[1])
        assert (read > 0.6) == (fault != "silent units"), fault


def test_a_symptom_has_a_cause_of_its_own(lesson):
    assert lesson.measured("E", "silent units") > 0.2
    assert lesson.found("E").cause == "forgotten-zero-grad"


def test_softmax_taken_twice_cannot_be_surer_than_the_lesson_says(lesson):
    import torch
    from torch.nn import functional as F

    best = float(F.cross_entropy(torch.eye(10)[:1], torch.tensor([0])))
    assert best == pytest.approx(-math.log(math.e / (math.e + 9)))
    assert lesson.measured("D", "one batch by heart") > best


@pytest.mark.parametrize(
    ("body", "said"), [("(h == 0).mean()", "share of zeros"), ("(h == 0).all(axis=1).mean()", "column")]
)
def test_slips_are_told_apart(body, said):
    assert said in tried("silent_units", f"def silent_units(h):\n    return {body}").message
