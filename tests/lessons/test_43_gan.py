"""What lesson 43 claims about a generator and a discriminator (K05)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("43_gan").module


@pytest.fixture(scope="module")
def seen():
    return opened("43_gan").defs["seen"]


def test_who_never_saw_a_real_point_comes_to_most_of_the_places(lesson, seen):
    late = [lesson.found(seen[turn]["made"]) for turn in (500, 600, 700, 800)]
    assert lesson.found(seen[0]["made"])[0] <= 1
    assert np.mean([places for places, _ in late]) >= 6
    assert np.mean([near for _, near in late]) > 0.25
    assert lesson.spread(seen[800]["made"]) > 1  # a ring, as the real points


def test_if_the_forger_learns_five_times_as_often_it_makes_a_heap_that_moves(lesson):
    _, *later = [made for _, made in lesson.broken(5, 0)]
    widths = [lesson.spread(made) for made in later]
    assert max(widths) < 0.6
    assert np.median(widths) < 0.3 < 1.2 < lesson.spread(lesson.ring()[0])
    assert max(lesson.found(made)[0] for made in later) <= 2
    middles = np.array([np.median(made, 0) for made in later])
    assert np.linalg.norm(middles - middles.mean(0), axis=1).max() > 0.3


def test_taking_the_steps_back_mends_it(lesson):
    *_, (_, made) = lesson.broken(1, 0)
    assert lesson.found(made)[0] >= 4
    assert lesson.spread(made) > 1


def test_a_penalty_calms_two_steps(lesson):
    calm = [lesson.found(made)[0] for _, made in lesson.broken(2, 1)[2:]]
    assert np.mean(calm) >= 4


def test_and_it_does_not_calm_five(lesson):
    assert max(lesson.found(made)[0] for _, made in lesson.broken(5, 1)) <= 2


def test_the_loss_rests_where_neither_gains_and_starts_there_too(lesson, seen):
    losses = seen[800]["losses"]
    assert losses[0] == pytest.approx(lesson.SAME, abs=0.15)  # who has learnt nothing
    assert 0.9 < losses[-100:].mean() < 1.5
    assert -2 * np.log(0.5) == pytest.approx(lesson.SAME)


def test_the_best_verdict_is_the_share_of_real_ones():
    p, q, s = 0.3, 0.1, np.linspace(0.001, 0.999, 999)
    assert s[np.argmin(-p * np.log(s) - q * np.log(1 - s))] == pytest.approx(p / (p + q), abs=1e-3)


def test_the_slope_of_the_loss_is_the_one_in_the_formula():
    D, eps = -0.8, 1e-5
    slope = (np.logaddexp(0, -D - eps) - np.logaddexp(0, -D + eps)) / (2 * eps)
    assert slope == pytest.approx(-(1 - 1 / (1 + np.exp(-D))), rel=1e-6)


@pytest.mark.parametrize(
    ("line", "said"),
    [("np.logaddexp(0, verdicts).mean()", "sign"), ("np.logaddexp(0, -verdicts).sum()", "mean")],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("forgers_loss", f"def forgers_loss(verdicts):\n    return {line}").message
