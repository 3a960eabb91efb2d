"""Scores of numbers equal scikit-learn's; relative errors only where they mean something."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate.metrics import regression

numbers = st.floats(-1e4, 1e4).map(lambda x: round(x, 3))


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_scores_equal_scikit_learn(pairs):
    predictions, targets = np.array(pairs).T
    result = regression.evaluate(predictions, targets)
    expected = {
        "mse": sk.mean_squared_error(targets, predictions),
        "rmse": sk.root_mean_squared_error(targets, predictions),
        "mae": sk.mean_absolute_error(targets, predictions),
        "median_ae": sk.median_absolute_error(targets, predictions),
    }
    for name, value in expected.items():
        assert result[name]["value"] == pytest.approx(value, rel=1e-9, abs=1e-9)
    if np.ptp(targets) > 1:
        assert result["r2"]["value"] == pytest.approx(sk.r2_score(targets, predictions), rel=1e-6, abs=1e-6)


def test_r2_keeps_its_digits_far_from_zero():
    rng = np.random.default_rng(0)
    targets = 1e8 + rng.normal(size=500)
    predictions = targets + 0.1 * rng.normal(size=500)
    theirs = sk.r2_score(targets, predictions)
    assert regression.evaluate(predictions, targets)["r2"]["value"] == pytest.approx(theirs, abs=1e-6)


def test_relative_error_equals_scikit_learn_and_is_absent_near_zero():
    rng = np.random.default_rng(0)
    targets = rng.uniform(50, 150, 200)
    predictions = targets + rng.normal(0, 10, 200)
    theirs = sk.mean_absolute_percentage_error(targets, predictions)
    assert regression.evaluate(predictions, targets)["mape"]["value"] == pytest.approx(theirs)
    assert "mape" not in regression.evaluate(predictions - 100, targets - 100)
    assert "mape" not in regression.evaluate(predictions, np.append(targets[1:], 0.0))


def test_a_constant_target_has_no_r2_and_the_rest_stands():
    result = regression.evaluate(np.array([1.0, 2.0, 3.0]), np.full(3, 2.0))
    assert result["r2"] == {"value": None, "low": None, "high": None}
    assert result["mae"]["value"] == pytest.approx(2 / 3)


def test_intervals_hold_their_value_and_the_median_covers_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for _ in range(500):
        low, high = regression.median_interval(np.abs(rng.normal(size=81)))
        hits += low <= 0.6744898 <= high
    assert 0.93 <= hits / 500 <= 0.985
    targets = rng.normal(size=200)
    result = regression.evaluate(targets + rng.normal(0, 0.3, 200), targets)
    for name in result["headline"]:
        assert result[name]["low"] < result[name]["value"] < result[name]["high"]


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ShapeError, match="one shape"):
        regression.evaluate(np.zeros((3, 1)), np.zeros(3))
    with pytest.raises(DataError, match="predictions are not numbers"):
        regression.evaluate(np.array([np.inf]), np.zeros(1))
    with pytest.raises(DataError, match="targets are not numbers"):
        regression.evaluate(np.zeros(1), np.array([np.nan]))
