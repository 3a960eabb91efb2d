"""Forecast scores by hand: of one series, of many, with gaps, with intervals."""

import numpy as np
import pytest

from deepglass.core.errors import DataError, ShapeError
from deepglass.data.series.scales import seasonal_scale
from deepglass.evaluate.metrics import forecasting


def evaluate(predictions, targets, scale, names, **more):
    return forecasting.evaluate(forecasting.Judged(predictions, targets, scale, names, **more))


def test_mase_by_hand():
    train = np.array([[1.0], [3.0], [2.0], [5.0], [4.0]])
    scale = seasonal_scale(train, season=2)  # |2−1|, |5−3|, |4−2| → 5/3
    assert scale == pytest.approx([5 / 3])
    targets, predictions = np.array([[[6.0], [4.0]]]), np.array([[[5.0], [7.0]]])
    result = evaluate(predictions, targets, scale, ["a"])
    assert result["mase"]["value"] == pytest.approx(2 / (5 / 3))
    assert result["mae"]["value"] == 2
    assert result["mse"]["value"] == 5
    assert result["rmse"]["value"] == pytest.approx(5**0.5)
    assert result["smape"]["value"] == pytest.approx((2 / 11 + 6 / 11) / 2)
    assert result["mae"]["low"] is None  # one window says nothing of the spread
    assert [row["mae"] for row in result["details"]["per_horizon"]] == [1, 3]


def test_the_seasonal_naive_has_a_mase_of_one_on_its_own_training_data():
    values = np.random.default_rng(0).normal(size=(500, 3)) * [1, 10, 100]
    scale = seasonal_scale(values, season=7)
    result = evaluate(values[:-7, None], values[7:, None], scale, list("abc"))
    assert result["mase"]["value"] == pytest.approx(1)
    assert [row["mase"] for row in result["details"]["per_series"]] == pytest.approx([1, 1, 1])
    assert result["mase"]["low"] < 1 < result["mase"]["high"]


def test_a_series_without_a_scale_is_left_out_of_the_mase():
    values = np.random.default_rng(0).normal(size=(60, 2))
    values[:, 1] = 5
    scale = seasonal_scale(values, season=1)
    assert np.isnan(scale[1])
    result = evaluate(values[:-1, None], values[1:, None], scale, ["moves", "rests"])
    assert result["mase"]["value"] == pytest.approx(1)
    assert result["details"]["per_series"][1]["mase"] is None


def test_gaps_in_training_are_passed_over():
    train = np.array([[1.0], [2.0], [np.nan], [4.0], [6.0]])
    assert seasonal_scale(train, season=1) == pytest.approx([(1 + 2) / 2])


def test_standardised_errors_are_those_of_standardised_series():
    rng = np.random.default_rng(0)
    targets, deviations = rng.normal(size=(30, 4, 2)) * [3, 40], np.array([3.0, 40.0])
    predictions = targets + rng.normal(size=targets.shape) * deviations
    result = evaluate(predictions, targets, np.ones(2), ["a", "b"], deviations=deviations)
    standard = (predictions - targets) / deviations
    assert result["mse_standardized"]["value"] == pytest.approx((standard**2).mean())
    assert result["mae_standardized"]["value"] == pytest.approx(np.abs(standard).mean())


def test_what_is_not_known_is_not_scored():
    targets = np.array([[[1.0], [np.nan]], [[np.nan], [np.nan]], [[3.0], [5.0]]])
    result = evaluate(np.nan_to_num(targets, nan=9.0) + 1, targets, np.ones(1), ["a"])
    assert result["mae"]["value"] == pytest.approx(1)
    assert result["count"] == 3
    assert [row["mae"] for row in result["details"]["per_horizon"]] == pytest.approx([1, 1])


def test_coverage_and_width_of_an_interval():
    targets = np.arange(20.0).reshape(10, 2, 1)
    lower, upper = targets - 1, targets + 1
    upper[:3] = targets[:3] - 0.5  # six of twenty truths lie above
    result = evaluate(targets, targets, np.ones(1), ["a"], lower=lower, upper=upper)
    assert result["coverage"]["value"] == pytest.approx(0.7)
    assert result["interval_width"]["value"] == pytest.approx((6 * 0.5 + 14 * 2) / 20)
    assert [row["coverage"] for row in result["details"]["per_horizon"]] == pytest.approx([0.7, 0.7])


def test_of_many_series_a_tiny_scale_decides_nothing():
    """MASE is the ratio of two means over all series; each series has its own beside it, the best first."""
    targets = np.zeros((4, 1, 1))
    predictions = np.array([1.0, 1.0, 10.0, 10.0]).reshape(4, 1, 1)
    scale, group = np.array([[1e-6], [1e-6], [10.0], [10.0]]), np.array([0, 0, 1, 1])
    result = evaluate(predictions, targets, scale, ["flat", "large"], group=group)
    assert result["mase"]["value"] == pytest.approx(22 / 20, rel=1e-3)
    assert [row["name"] for row in result["details"]["per_series"]] == ["large", "flat"]
    assert result["details"]["per_series"][0]["mase"] == pytest.approx(1)


def test_where_all_series_begin_at_one_time_series_are_resampled():
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(30, 6, 1))
    options = {"group": np.arange(30), "begins": np.zeros(30)}
    result = evaluate(targets + 1, targets, np.ones((30, 1)), [f"s{i}" for i in range(30)], **options)
    assert result["mae"]["low"] <= 1 <= result["mae"]["high"]
    few = evaluate(targets[:3] + 1, targets[:3], np.ones((3, 1)), list("abc"), group=np.arange(3), begins=np.zeros(3))
    assert few["mae"]["low"] is None


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ShapeError, match="windows, horizon, series"):
        evaluate(np.zeros((3, 2)), np.zeros((3, 2)), np.ones(2), ["a", "b"])
    with pytest.raises(ShapeError, match="expected 2 scales and names, got 1 and 2"):
        evaluate(np.zeros((3, 2, 2)), np.zeros((3, 2, 2)), np.ones(1), ["a", "b"])
    with pytest.raises(DataError, match="longer series"):
        evaluate(np.zeros((0, 2, 1)), np.zeros((0, 2, 1)), np.ones(1), ["a"])
    with pytest.raises(DataError, match="nothing is known"):
        evaluate(np.zeros((2, 2, 1)), np.full((2, 2, 1), np.nan), np.ones(1), ["a"])
