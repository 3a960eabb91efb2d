"""What lesson 6 claims about the best line. Both solvers against scikit-learn: tests/glass/test_classic.py."""

import numpy as np
import pytest

from deepglass.glass.classic import LinearRegression
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("06_linear_regression").module


def test_the_cars_are_ezekiels_fifty(lesson):
    """Slope, height and R² as every textbook prints them for these data."""
    assert len(lesson.SPEED) == len(lesson.FEET) == 50
    assert lesson.BEST.coef_[0] == pytest.approx(3.932409, abs=1e-6)
    assert lesson.BEST.intercept_ == pytest.approx(-17.579095, abs=1e-6)
    assert lesson.BEST.score(lesson.SPEED[:, None], lesson.FEET) == pytest.approx(0.6510794, abs=1e-6)


def test_the_walk_reaches_the_solution_of_the_normal_equation(lesson):
    X = np.column_stack([lesson.SCALED, np.ones(50)])
    solved = np.linalg.solve(X.T @ X, X.T @ lesson.FEET)
    walk, errors = lesson.descend(lesson.SCALED, (-10, 5), rate=0.25, steps=60)
    np.testing.assert_allclose(walk[-1], solved, atol=1e-6)
    assert (np.diff(errors) <= 1e-9).all()
    by_steps = LinearRegression("gradient").fit(lesson.SPEED[:, None], lesson.FEET)
    np.testing.assert_allclose(by_steps.coef_, lesson.BEST.coef_, atol=1e-6)


def test_every_beginning_ends_at_the_same_line(lesson):
    starts = np.random.default_rng(1).uniform(-500, 500, (20, 2))
    ends = np.array([lesson.descend(lesson.SCALED, start, rate=0.25, steps=80)[0][-1] for start in starts])
    np.testing.assert_allclose(ends, np.tile(ends[0], (20, 1)), atol=1e-6)


def test_what_is_left_has_nothing_to_do_with_the_speed(lesson):
    off = lesson.FEET - lesson.BEST.predict(lesson.SPEED[:, None])
    assert off.sum() == pytest.approx(0, abs=1e-9)
    assert off @ lesson.SPEED == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("scaled", [False, True])
def test_a_step_longer_than_the_longest_safe_one_climbs_out(lesson, scaled):
    x = lesson.SCALED if scaled else lesson.SPEED
    limit = lesson.longest_safe_step(x)
    assert lesson.descend(x, (0, 0), 0.95 * limit, steps=300)[1][-1] < lesson.descend(x, (0, 0), 0, steps=0)[1][0]
    errors = lesson.descend(x, (0, 0), 1.1 * limit, steps=300)[1]
    assert errors[-1] > errors[0]


def test_scaling_turns_a_creeping_walk_into_a_quick_one(lesson):
    lowest = np.mean((lesson.BEST.predict(lesson.SPEED[:, None]) - lesson.FEET) ** 2)
    raw = lesson.descend(lesson.SPEED, (0, 0), 0.9 * lesson.longest_safe_step(lesson.SPEED), steps=200)[1]
    scaled = lesson.descend(lesson.SCALED, (0, 0), 0.9 * lesson.longest_safe_step(lesson.SCALED), steps=200)[1]
    assert raw[-1] - lowest > 1
    assert scaled[60] - lowest < 0.01


def test_what_is_left_is_uncorrelated_with_the_speed_and_not_independent_of_it(lesson):
    off = lesson.FEET - lesson.BEST.predict(lesson.SPEED[:, None])
    assert np.corrcoef(off, lesson.SPEED)[0, 1] == pytest.approx(0, abs=1e-9)
    slow, fast = lesson.scatter_by_speed()
    assert fast > 1.2 * slow
    curve = np.polyval(np.polyfit(lesson.SPEED, lesson.FEET, 2), lesson.SPEED)
    assert ((lesson.FEET - curve) ** 2).mean() < (off**2).mean()


def test_a_forgotten_column_of_ones_is_named():
    assert "column of ones" in tried("best_line", "def best_line(x, y):\n    return x @ y / (x @ x), 0.0").message
    assert "two numbers" in tried("best_line", "def best_line(x, y):\n    return 3.0").message
