"""Forecast scores by hand, and the season of series whose season is known."""

import numpy as np
import pytest

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import forecasting
from deepglass.evaluate.forecasting import DAY, HOUR


def test_mase_by_hand():
    train = np.array([[1.0], [3.0], [2.0], [5.0], [4.0]])
    scale = forecasting.seasonal_scale(train, season=2)  # |2−1|, |5−3|, |4−2| → 5/3
    assert scale == pytest.approx([5 / 3])
    targets, predictions = np.array([[[6.0], [4.0]]]), np.array([[[5.0], [7.0]]])
    result = forecasting.evaluate(predictions, targets, scale, ["a"])
    assert result["mase"]["value"] == pytest.approx(2 / (5 / 3))
    assert result["mae"]["value"] == 2
    assert result["mse"]["value"] == 5
    assert result["rmse"]["value"] == pytest.approx(5**0.5)
    assert result["smape"]["value"] == pytest.approx((2 / 11 + 6 / 11) / 2)
    assert result["mae"]["low"] is None  # one window says nothing of the spread
    assert [row["mae"] for row in result["details"]["per_horizon"]] == [1, 3]


def test_the_seasonal_naive_has_a_mase_of_one_on_its_own_training_data():
    values = np.random.default_rng(0).normal(size=(500, 3)) * [1, 10, 100]
    scale = forecasting.seasonal_scale(values, season=7)
    result = forecasting.evaluate(values[:-7, None], values[7:, None], scale, list("abc"))
    assert result["mase"]["value"] == pytest.approx(1)
    assert [row["mase"] for row in result["details"]["per_series"]] == pytest.approx([1, 1, 1])
    assert result["mase"]["low"] < 1 < result["mase"]["high"]


def test_a_series_without_a_scale_is_left_out_of_the_mase():
    values = np.random.default_rng(0).normal(size=(60, 2))
    values[:, 1] = 5
    scale = forecasting.seasonal_scale(values, season=1)
    assert np.isnan(scale[1])
    result = forecasting.evaluate(values[:-1, None], values[1:, None], scale, ["moves", "rests"])
    assert result["mase"]["value"] == pytest.approx(1)
    assert result["details"]["per_series"][1]["mase"] is None


def test_gaps_in_training_are_passed_over():
    train = np.array([[1.0], [2.0], [np.nan], [4.0], [6.0]])
    assert forecasting.seasonal_scale(train, season=1) == pytest.approx([(1 + 2) / 2])


def test_standardised_errors_are_those_of_standardised_series():
    rng = np.random.default_rng(0)
    targets, deviations = rng.normal(size=(30, 4, 2)) * [3, 40], np.array([3.0, 40.0])
    predictions = targets + rng.normal(size=targets.shape) * deviations
    result = forecasting.evaluate(predictions, targets, np.ones(2), ["a", "b"], deviations=deviations)
    standard = (predictions - targets) / deviations
    assert result["mse_standardized"]["value"] == pytest.approx((standard**2).mean())
    assert result["mae_standardized"]["value"] == pytest.approx(np.abs(standard).mean())


@pytest.mark.parametrize(("season", "step"), [(24, HOUR), (7, DAY), (12, 30.4 * DAY), (4, 91.3 * DAY), (48, HOUR / 2)])
def test_the_season_is_found_in_noise_and_trend(season, step):
    time = np.arange(season * 20)
    noise = np.random.default_rng(0).normal(0, 0.4, len(time))
    values = np.sin(2 * np.pi * time / season) + 0.05 * time + noise
    assert forecasting.season_length(values, step) == season


def test_the_season_is_found_without_a_time_step_and_with_gaps():
    values = np.sin(2 * np.pi * np.arange(300) / 9)
    assert forecasting.season_length(values) == 9
    values[50:60] = np.nan
    assert forecasting.season_length(values) == 9


def test_a_year_of_days_is_not_mistaken_for_a_week():
    values = np.sin(2 * np.pi * np.arange(365 * 4) / 365.25) + np.random.default_rng(0).normal(0, 0.5, 365 * 4)
    assert forecasting.season_length(values, DAY) == 365


@pytest.mark.parametrize("values", [np.zeros(100), np.arange(100.0), np.full(100, np.nan), np.array([1.0, 2.0])])
def test_what_does_not_repeat_has_no_season(values):
    assert forecasting.season_length(values, DAY) == 1
    assert forecasting.season_length(values) == 1


def test_noise_and_random_walks_rarely_have_a_season():
    rng = np.random.default_rng(0)
    found = [forecasting.season_length(rng.normal(size=300), DAY) for _ in range(60)]
    found += [forecasting.season_length(np.cumsum(rng.normal(size=300)), DAY) for _ in range(60)]
    assert np.mean(np.array(found) > 1) < 0.1


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ShapeError, match="windows, horizon, series"):
        forecasting.evaluate(np.zeros((3, 2)), np.zeros((3, 2)), np.ones(2), ["a", "b"])
    with pytest.raises(ShapeError, match="expected 2 scales and names, got 1 and 2"):
        forecasting.evaluate(np.zeros((3, 2, 2)), np.zeros((3, 2, 2)), np.ones(1), ["a", "b"])
    with pytest.raises(DataError, match="longer series"):
        forecasting.evaluate(np.zeros((0, 2, 1)), np.zeros((0, 2, 1)), np.ones(1), ["a"])
