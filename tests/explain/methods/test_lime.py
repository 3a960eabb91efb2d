"""LIME: a linear model comes back, the same seed gives the same bytes, the interval and R² say what they should."""

import numpy as np
from numpy.testing import assert_allclose

from deepglass.explain.methods import lime

WEIGHTS = np.array([3.0, -2.0, 0.0, 0.5, 1e-3])


def linear(present):
    return 0.25 + present @ WEIGHTS


def noisy(present):
    """A line, and something that no line can say."""
    return linear(present) + np.sin(present @ np.array([17.0, 31.0, 59.0, 83.0, 97.0]))


def test_a_linear_model_is_given_back():
    line = lime.fit(linear, 5)
    assert_allclose(line.weights, WEIGHTS, atol=1e-10)
    assert abs(line.intercept - 0.25) < 1e-10
    assert line.r2 == 1.0 or abs(line.r2 - 1) < 1e-9
    assert_allclose(line.low, WEIGHTS, atol=1e-10)
    assert_allclose(line.high, WEIGHTS, atol=1e-10)


def test_the_same_seed_gives_the_same_bytes():
    first, second, other = lime.fit(noisy, 5, seed=3), lime.fit(noisy, 5, seed=3), lime.fit(noisy, 5, seed=4)
    for name in ("weights", "low", "high"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
        assert getattr(first, name).tobytes() != getattr(other, name).tobytes()


def test_what_no_line_can_say_lowers_r2_and_widens_the_interval():
    line = lime.fit(noisy, 5)
    assert line.r2 < 0.9
    assert (line.low < line.weights).all()
    assert (line.weights < line.high).all()


def test_more_neighbours_narrow_the_interval():
    few, many = lime.fit(noisy, 5, 200), lime.fit(noisy, 5, 3_200)
    assert (many.high - many.low).mean() < 0.5 * (few.high - few.low).mean()


def test_a_model_that_never_changes_is_explained_by_nothing():
    line = lime.fit(lambda present: np.full(len(present), 7.0), 3)
    assert_allclose(line.weights, 0, atol=1e-10)
    assert line.r2 == 1.0


def test_near_neighbours_count_more():
    present = np.array([[True] * 4, [True, True, True, False], [True, False, False, False]])
    nearness = lime.kernel(present)
    assert nearness[0] == 1
    assert nearness[0] > nearness[1] > nearness[2]
