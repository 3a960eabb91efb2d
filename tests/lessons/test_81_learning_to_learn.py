"""What lesson 81 claims of a start that was meta-learnt, one that was pre-trained, and odd tasks (L07)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried

pytestmark = pytest.mark.slow("trains the two starts of the lesson")


@pytest.fixture(scope="module")
def lesson():
    return opened("81_learning_to_learn").module


def test_five_steps_from_the_meta_learnt_start_are_better_in_95_of_100_new_sines(lesson):
    assert lesson.NEW == 100
    assert lesson.better_in() >= 95


def test_before_the_first_step_both_are_about_as_far_off(lesson):
    ours, theirs = (lesson.mean_errors(which)[0] for which in lesson.STEPS)
    assert abs(ours / theirs - 1) < 0.15


def test_the_pre_trained_net_needs_50_steps_or_more_for_one_of_the_other(lesson):
    needed = lesson.steps_needed()
    assert needed is None or needed >= 50


def test_the_rate_of_the_pre_trained_net_is_the_best_of_several(lesson):
    off = {rate: lesson.errors("pre-trained", lesson.new(), rate=rate)[-1].mean() for rate in (0.003, 0.01, 0.03, 0.1)}
    off = {rate: value for rate, value in off.items() if np.isfinite(value)}
    assert min(off, key=off.get) == lesson.RATE["pre-trained"]


def test_an_8_high_sine_overshoots_and_a_shorter_step_mends_it(lesson):
    long, short = (lesson.asked_for("8 high", rate) for rate in (0.1, 0.02))
    assert long[1] < 0.5 * long[0]
    assert np.all(np.diff(long[1:]) > 0)
    assert long[-1] > long[0]
    assert short[-1] < 0.5 * short[0]


def test_twice_as_fast_no_step_length_helps(lesson):
    for rate in (0.01, 0.02, 0.05, 0.1):
        off = lesson.asked_for("twice as fast", rate)
        assert off[-1] > 0.9 * off[0], rate


def test_the_film_shows_the_meta_learnt_net_closing_in(lesson):
    said = [frame.caption for frame in lesson.film()]
    assert said[0].startswith("0 steps")
    assert len(said) == lesson.TAKEN + 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2 * ((w - rate * 2 * (w * x - y) * x) * asked_x - asked_y) * asked_x", "first-order"),
        ("2 * (w * asked_x - asked_y) * asked_x", "before the step"),
    ],
)
def test_slips_are_told_apart(line, said):
    code = f"def through_the_step(w, x, y, asked_x, asked_y, rate):\n    return {line}"
    assert said in tried("through_the_step", code).message
