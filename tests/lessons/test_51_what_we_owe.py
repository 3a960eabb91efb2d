"""What lesson 51 claims of mistakes and who bears them, of decisions, and of cards (Q07)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("51_what_we_owe").module


def test_the_same_model_is_mostly_wrong_when_it_alarms_where_few_are_ill(lesson):
    said, is_ill = lesson.judged()
    assert ((said > 0.5) == is_ill).mean() > 0.96
    found, alarmed = lesson.rates()
    hospital, town = (lesson.alarms_right(share, found, alarmed) for share in (is_ill.mean(), lesson.ASKED))
    assert hospital > 0.95
    assert 0.25 < town < 0.45  # "about one third"


def test_bayes_is_what_counting_people_says(lesson):
    for share in lesson.SHARES:
        counted = lesson.screened(share)
        right = counted["found"] / (counted["found"] + counted["false alarms"])
        assert lesson.alarms_right(share, *lesson.rates()) == pytest.approx(right)
        assert counted["found"] + counted["missed"] == pytest.approx(share * lesson.PEOPLE)


def harm(found, ratio):
    return ratio * found["missed"] + found["false alarms"]


@pytest.mark.parametrize("share", [0.3, 0.02, 0.005])
def test_no_other_cut_does_less_harm(lesson, share):
    for ratio in lesson.RATIOS:
        own = harm(lesson.screened(share, lesson.least_harm(share, ratio)), ratio)
        others = [harm(lesson.screened(share, cut), ratio) for cut in np.linspace(0.0, 1.0, 101)]
        assert own <= min(others) + 1e-6


def test_who_fears_misses_more_alarms_more(lesson):
    alarms = [lesson.screened(0.005, lesson.least_harm(0.005, ratio))["false alarms"] for ratio in lesson.RATIOS]
    assert alarms == sorted(alarms)
    assert alarms[-1] > alarms[0]


def test_a_cut_at_one_half_may_do_more_harm_than_no_screening(lesson):
    town = lesson.screened(lesson.ASKED)
    nobody = lesson.ASKED * lesson.PEOPLE
    assert harm(town, 1) > nobody
    assert harm(town, 10) < 10 * nobody  # and less, to whom a miss is worse


def test_the_card_is_that_of_a_run_and_says_what_nobody_measured(lesson):
    facts = lesson.card()
    told = lesson.told(facts)
    assert facts["data"]["licence"].startswith("CC BY 4.0")
    assert told["groups tested"] == "none"
    assert told["columns about people"].startswith("none")
    assert facts["energy"]["is_measured"] is False
    assert facts["energy"]["kilowatt_hours"] > 0
    assert "estimate" in told["energy"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [("found / (found + alarmed)", "share"), ("share * found / (share * found + alarmed)", "1 − share")],
)
def test_slips_are_told_apart(answer, said):
    assert said in tried("right_alarms", f"def right_alarms(share, found, alarmed):\n    return {answer}").message
