"""What lesson 16 claims about overfitting and underfitting."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("16_overfitting").module


def test_the_error_on_seen_points_only_falls_and_on_new_ones_it_turns(lesson):
    seen, new = lesson.both_errors(range(lesson.MOST + 1))
    assert (np.diff(seen) <= 1e-9).all()
    best = int(new.argmin())
    assert 3 <= best <= 7
    assert new[best] < 1.5 * lesson.NOISE
    assert new[0] > 2 * new[best]  # underfitting: both are high
    assert seen[0] > 2 * lesson.NOISE
    assert new[-1] > 1000 > 1e-6 > seen[-1]  # overfitting: the gap


def test_variance_is_what_the_formula_says_and_bias_falls_with_the_degree(lesson):
    parts = {degree: lesson.bias_and_variance(degree) for degree in (1, 5, 11)}
    for degree, (_, variance) in parts.items():
        assert variance == pytest.approx(lesson.NOISE**2 * (degree + 1) / 15, rel=0.05)
    assert parts[1][0] > 20 * parts[5][0]
    assert sum(parts[5]) < min(sum(parts[1]), sum(parts[11]))


def test_a_small_net_underfits_and_a_large_one_overfits_the_same_points(lesson):
    small, large = lesson.net_errors(1), lesson.net_errors(60)
    turn = large[:, 1].argmin()
    assert small[-1].min() > 1.5 * large[turn, 0]
    assert 0 < turn < len(large) // 2
    assert large[-1, 0] < 0.6 * large[turn, 0]  # seen: still falling
    assert large[-1, 1] > 1.3 * large[turn, 1]  # new: risen again


def test_more_points_mend_it_but_do_not_mend_a_straight_line(lesson):
    _, few = lesson.both_errors([1, 12], 15)
    _, many = lesson.both_errors([1, 12], 300)
    assert few[1] > 10 > 1.2 * lesson.NOISE > many[1]
    assert many[0] > 1.8 * lesson.NOISE


def test_past_the_peak_the_smallest_of_the_exact_fits_comes_down_again(lesson):
    few, as_many, more = lesson.both_errors([5, 14, 399])[1]
    assert as_many > 100 * more
    assert more < 2.5 * few


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("predict = fit(x, y)\n    return 0.0, 0.0", "keep them out of the fit"),
        ("e = (fit(x[~is_held], y[~is_held])(x) - y) ** 2\n    return e[~is_held].mean(), 0.0", "on the new points"),
        (
            "e = (fit(x[~is_held], y[~is_held])(x) - y) ** 2\n    return e[is_held].mean(), e[~is_held].mean()",
            "comes first",
        ),
    ],
)
def test_a_fit_that_peeks_is_told_which_points_it_saw(body, said):
    message = tried("honest", f"def honest(fit, x, y, is_held):\n    {body}").message
    assert "Held back: x = [3.0]" in message
    assert said in message
