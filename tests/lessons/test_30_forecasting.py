"""What lesson 30 claims about forecasting, weather and shares (I04)."""

import numpy as np
import pytest

from deepglass.data.datasets import temperatures
from tests.lessons.opened import opened


@pytest.fixture(scope="module")
def lesson():
    return opened("30_forecasting").module


def mase(lesson, name, **options):
    values, season, _ = lesson.SERIES[name]
    told, start = lesson.backtest(values, **options)
    return lesson.error(values, told, start) / float(lesson.seasonal_scale(values[:start, None], season)[0])


def beside_yesterday(lesson, name, **options):
    values, *_ = lesson.SERIES[name]
    told, start = lesson.backtest(values, **options)
    return lesson.error(values, told, start) / lesson.error(values, lesson.before(values, 1), start)


def test_the_weather_is_forecast_better_than_by_either_simple_rule(lesson):
    assert mase(lesson, "temperature", knows_season=True) < 0.7
    assert beside_yesterday(lesson, "temperature", knows_season=True) < 0.93
    assert beside_yesterday(lesson, "temperature") < 0.97


def test_and_not_better_than_it_can_be(lesson):
    """What is drawn anew each day nobody knows: the mean absolute value of a normal distribution is 0.8 deviations."""
    values, *_ = lesson.SERIES["temperature"]
    told, start = lesson.backtest(values, knows_season=True)
    assert lesson.error(values, told, start) > 0.95 * np.sqrt(2 / np.pi) * temperatures.DRAWN


def test_on_the_price_nothing_is_better_than_as_yesterday(lesson):
    for days in (1, 2, 5, 10, 30):
        assert beside_yesterday(lesson, "price", days=days) > 0.98


def test_on_other_walks_it_is_worse_on_average_and_on_some_better_by_luck(lesson):
    ratios = lesson.walks()
    assert ratios.mean() > 1
    assert 0.95 < ratios.min() < 1


def test_and_yet_it_explains_nearly_all_variance_as_does_yesterdays_price(lesson):
    values, *_ = lesson.SERIES["price"]
    told, start = lesson.backtest(values)
    yesterday = lesson.explained(values, lesson.before(values, 1), start)
    assert lesson.explained(values, told, start) > 0.95
    assert lesson.explained(values, told, start) == pytest.approx(yesterday, abs=0.01)


def test_mase_of_as_yesterday_is_below_one_where_the_price_has_fallen(lesson):
    values, *_ = lesson.SERIES["price"]
    start = lesson.backtest(values)[1]
    scale = float(lesson.seasonal_scale(values[:start, None], 1)[0])
    assert values[start:].mean() < values[:start].mean()
    assert lesson.error(values, lesson.before(values, 1), start) / scale < 1


def test_a_mean_that_looks_ahead_flatters_and_one_that_looks_back_does_not(lesson):
    around, behind = (lesson.SMOOTHING[name] for name in list(lesson.SMOOTHING)[1:])
    assert beside_yesterday(lesson, "price", ahead=around) < 0.5
    assert beside_yesterday(lesson, "price", ahead=behind) > 1
    assert lesson.walks(ahead=around).max() < 0.5


@pytest.mark.parametrize(("ahead", "touched"), [(None, 1), (0, 3), (1, 3)])
def test_which_days_are_in_a_mean(lesson, ahead, touched):
    pulse = lesson.smoothed(np.eye(1, 11, 5)[0], ahead)
    assert (pulse > 0).sum() == touched
    assert len(pulse) == 11
    assert pulse.nonzero()[0][0] == 5 - (ahead or 0)


def test_the_back_test_learns_from_the_past_alone(lesson):
    """What comes after a forecast was made changes nothing about it."""
    values = lesson.SERIES["temperature"][0]
    told, start = lesson.backtest(values)
    changed = values.copy()
    changed[start + 50 :] += 30
    np.testing.assert_array_equal(lesson.backtest(changed)[0][: start + 50], told[: start + 50])
    assert not np.isnan(told[start:]).any()
    assert np.isnan(told[:start]).all()
