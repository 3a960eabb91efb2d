"""Intervals around forecasts: they hold what they promise where nothing changes, and are not invented."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.preprocess.windows import Steps, Windows
from deepglass.tasks._forecast_intervals import ForecastIntervals, fewest, gaps_of, intervals_of
from deepglass.tasks.forecasting import Config, Task


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


def one_window(deviation: float) -> Windows:
    """A quiet past of a series whose deviation in training is known: it swings by a tenth of that."""
    steps = Steps.of_one(torch.zeros(6, 1), torch.zeros(6, 0), torch.zeros(6, 1))
    return Windows(replace(steps, spread=steps.spread * deviation), torch.tensor([4]), 4, 2)


def interval(is_steady: bool) -> ForecastIntervals:
    return ForecastIntervals(0.8, np.array([[-1.0], [-2.0]]), np.array([[1.0], [3.0]]), 20, np.array([is_steady]))


def test_ends_have_the_unit_of_the_data_and_stay_above_the_lowest_value():
    forecasts, window = np.full((1, 2, 1), 5.0), one_window(100.0)
    lower, upper = interval(is_steady=False).around(forecasts, window, np.array([0.0]))
    assert lower[0, :, 0].tolist() == [0, 0]
    assert upper[0, :, 0].tolist() == pytest.approx([15, 35])
    below, _ = interval(is_steady=False).around(forecasts, window, np.array([np.nan]))
    assert below[0, :, 0].tolist() == pytest.approx([-5, -15])


def test_a_quiet_past_makes_no_narrow_interval_where_truths_tie():
    _, upper = interval(is_steady=True).around(np.full((1, 2, 1), 5.0), one_window(100.0), np.array([0.0]))
    assert upper[0, :, 0].tolist() == [105, 305]


def drawn(kind: str, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Truths that tie (count,), and the best forecasts of them."""
    rate = np.exp(0.5 * np.sin(np.arange(count)))
    if kind == "visits":
        return rng.poisson(1.5 * rate).astype(float), 1.5 * rate
    if kind == "seldom":
        return (rng.random(count) < 0.06).astype(float), np.full(count, 0.06)
    if kind == "rain":
        return np.where(rng.random(count) < 0.3, 5 * rng.exponential(size=count), 0.0), np.full(count, 1.5)
    return np.where(rng.random(count) < 0.5, rng.normal(400, 20, count), 0.0), np.full(count, 200.0)  # all or nothing


@pytest.mark.parametrize("coverage", [0.8, 0.9])
@pytest.mark.parametrize("kind", ["visits", "seldom", "rain", "orders"])
def test_truths_that_tie_are_held_although_later_forecasts_lie_a_little_elsewhere(kind, coverage):
    """A tie that lies on the edge is lost as a whole: half of the truths, or nine tenths."""
    rng, lowest = np.random.default_rng(0), np.array([0.0])
    truths, forecasts = (part[:, None, None] for part in drawn(kind, rng, 800))
    gaps = gaps_of(truths, truths - forecasts, lowest, (1 - coverage) / 2)
    found = intervals_of(truths - forecasts, np.arange(800)[:, None], coverage, gaps)
    assert found.is_steady.all()
    truths, forecasts = (part[:, None, None] for part in drawn(kind, rng, 4000))
    for shift in np.array([-0.01, 0.0, 0.01]) * np.abs(truths - forecasts).mean():
        lower, upper = np.fmax(forecasts + shift + found.low, 0), forecasts + shift + found.high
        assert coverage - 0.05 < ((lower <= truths) & (truths <= upper)).mean() < 1
        assert (upper - lower).mean() < 1.3 * max(1, np.quantile(truths, (1 + coverage) / 2))


def test_measured_values_are_not_spread():
    truths, errors = np.random.default_rng(0).normal(size=(2, 50, 3, 2))
    assert not gaps_of(truths, errors, np.array([np.nan, truths[..., 1].min()]), 0.1).any()


def test_large_whole_numbers_hardly_tie():
    rng = np.random.default_rng(0)
    assert not gaps_of(rng.integers(500, 900, (50, 3, 1)) * 1.0, rng.normal(0, 40, (50, 3, 1)), np.zeros(1), 0.1).any()


def test_zero_is_zero_in_what_a_forecast_is_compared_with():
    """Standardised in float32 and back it is a trifle less, and outside of an interval that begins at zero."""
    values = np.random.default_rng(0).poisson(0.4, 300).astype(float)
    times = pd.date_range("2024-01-01", periods=300)
    task = Task(DataConfig(), Config(horizon=5, calendar="none"), 0)
    ready = task.prepare(Table(pd.DataFrame({"day": times, "sold": values}), "shop"))
    assert set(np.unique(ready.test.futures())) <= set(values)


def test_they_survive_their_state():
    found = intervals_of(*errors(50), 0.8)
    again = ForecastIntervals.from_state(json.loads(json.dumps(found.state())))
    assert again.state() == found.state()


def test_those_of_runs_that_knew_no_ties_are_as_they_were():
    state = interval(is_steady=True).state()
    del state["is_steady"]
    assert not ForecastIntervals.from_state(state).is_steady.any()
