"""Intervals around forecasts: they hold what they promise where nothing changes, and are not invented."""

import json

import numpy as np
import pytest

from deepglass.tasks._forecast_intervals import ForecastIntervals, fewest, intervals_of


def errors(count: int, horizon: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Skewed errors that grow with each step ahead (N, horizon, 1), and the time of each."""
    rng = np.random.default_rng(seed)
    size = np.sqrt(np.arange(1, horizon + 1))[:, None]
    return size * (rng.exponential(size=(count, horizon, 1)) - 1), np.arange(count)[:, None] + np.arange(horizon)


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
def test_they_hold_as_often_as_promised(coverage):
    found = intervals_of(*errors(400), coverage)
    new, _ = errors(5000, seed=1)
    held = (found.low <= new) & (new <= found.high)
    assert held.mean() == pytest.approx(coverage, abs=0.03)
    assert np.abs(held.mean(axis=(0, 2)) - coverage).max() < 0.06  # at every step ahead
    assert (np.diff(found.high[:, 0] - found.low[:, 0]) > 0).all()


def test_few_errors_make_wider_intervals():
    """One in n + 1 lies beyond the largest of n: with few errors the promise needs more room."""
    new, _ = errors(4000, seed=9)
    held = [
        ((found.low <= new) & (new <= found.high)).mean()
        for seed in range(60)
        if (found := intervals_of(*errors(12, seed=seed), 0.8))
    ]
    assert np.mean(held) >= 0.78


@pytest.mark.parametrize(("coverage", "count"), [(0.8, 4), (0.9, 9), (0.95, 19)])
def test_none_is_invented_from_too_little(coverage, count):
    assert fewest(coverage) == count
    few, moments = errors(count - 1, horizon=1)
    assert intervals_of(few, moments, coverage) is None
    assert intervals_of(*errors(count, horizon=1), coverage) is not None


def test_overlapping_windows_are_no_further_evidence():
    """Thirty windows over two times know two errors."""
    few = np.full((30, 4, 1), np.nan)
    few[:, 0] = 1.0
    assert intervals_of(few, np.tile([0, 1, 2, 3], (30, 1)) * 0, 0.8) is None


def test_what_is_not_known_is_passed_over():
    some, moments = errors(300)
    some[::3, 1] = np.nan
    assert np.isfinite(intervals_of(some, moments, 0.8).high).all()


def test_ends_have_the_unit_of_the_data_and_stay_above_the_lowest_value():
    found = ForecastIntervals(0.8, np.array([[-1.0], [-2.0]]), np.array([[1.0], [3.0]]), 20)
    lower, upper = found.around(np.full((1, 2, 1), 5.0), np.full((1, 1, 1), 10.0), np.array([0.0]))
    assert lower[0, :, 0].tolist() == [0, 0]
    assert upper[0, :, 0].tolist() == [15, 35]
    below, _ = found.around(np.full((1, 2, 1), 5.0), np.full((1, 1, 1), 10.0), np.array([np.nan]))
    assert below[0, :, 0].tolist() == [-5, -15]


def test_they_survive_their_state():
    found = intervals_of(*errors(50), 0.8)
    again = ForecastIntervals.from_state(json.loads(json.dumps(found.state())))
    assert again.state() == found.state()
