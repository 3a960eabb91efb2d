"""Measures over seeds are those of the paper: a trimmed mean, a rank statistic, and an interval that covers."""

import numpy as np
import pytest
from scipy import stats

from deepglass.evaluate.intervals import wilson
from deepglass.evaluate.metrics import returns


@pytest.mark.parametrize("shape", [(4, 1), (10, 1), (7, 3), (5, 26)])
def test_the_interquartile_mean_is_a_trimmed_mean(shape):
    scores = np.random.default_rng(0).lognormal(size=shape)
    assert returns.interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores, 0.25, axis=None), abs=1e-9)


def test_the_probability_of_improvement_is_mann_and_whitneys():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 6, (9, 4)), rng.integers(0, 5, (7, 4))
    expected = np.mean([stats.mannwhitneyu(a[:, i], b[:, i]).statistic / (9 * 7) for i in range(4)])
    assert returns.probability_of_improvement(a, b) == pytest.approx(expected, abs=1e-9)
    assert returns.probability_of_improvement(a, a) == 0.5


def test_what_is_above_the_best_counts_as_the_best():
    assert returns.optimality_gap(np.array([[0.5, 2.0], [1.0, 0.0]])) == pytest.approx((0.5 + 0 + 0 + 1) / 4)
    assert returns.median(np.array([[1.0, 5.0, 2.0], [3.0, 7.0, 0.0]])) == 2.0


def test_the_interval_covers_and_tells_one_run_from_many():
    rng = np.random.default_rng(2)
    intervals = [
        returns.stratified_interval(returns.interquartile_mean, rng.normal(3, 1, (20, 1)), resamples=300, seed=i)
        for i in range(60)
    ]
    assert np.mean([low <= 3 <= high for low, high in intervals]) >= 0.8
    assert np.isnan(returns.stratified_interval(returns.interquartile_mean, np.ones((1, 3)))).all()


def test_each_environment_keeps_its_own_runs():
    scores = np.array([[0.0, 100.0], [1.0, 101.0], [2.0, 102.0]])
    low, high = returns.stratified_interval(lambda drawn: float(drawn[:, 0].max()), scores, resamples=200)
    assert 0 <= low <= high <= 2


def test_the_share_that_reaches_its_goal_leads_where_there_is_a_goal():
    earned, steps = np.arange(20.0), np.full(20, 5)
    found = returns.evaluate(earned, steps, np.arange(20) < 19)
    assert found["headline"][0] == "goals_reached"
    assert found["goals_reached"]["value"] == 0.95
    assert (found["goals_reached"]["low"], found["goals_reached"]["high"]) == pytest.approx(wilson(19, 20))
    assert "goals_reached" not in returns.evaluate(earned, steps)
