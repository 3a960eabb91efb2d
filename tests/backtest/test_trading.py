"""Nothing is earned where nothing can be known, what leaks is found out, and what can be known is earned."""

import numpy as np
import pandas as pd
import pytest

from deepglass.backtest import trading
from deepglass.backtest.prices import Prices, read_prices
from deepglass.backtest.trading import back_test, earnings, forecasts, interval, possible
from deepglass.core.errors import DataError, OptionError
from deepglass.data.datasets import share_prices

MODELS = ("linear", "network")


def walk(seed=0, count=900, shares=3, pull=0.0):
    """Prices whose steps are drawn, and go back by a share of the last one."""
    rng = np.random.default_rng(seed)
    steps = 0.01 * rng.normal(size=(count, shares))
    for t in range(1, count):
        steps[t] -= pull * steps[t - 1]
    return Prices(tuple("abc"[:shares]), 100 * np.exp(np.cumsum(steps, axis=0)), 252)


@pytest.fixture(scope="module")
def market():
    return read_prices("share-prices")


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_earned_on_random_walks(model):
    found = [back_test(walk(seed), model) for seed in range(4 if model == "linear" else 1)]
    assert not any(one.is_better for one in found)
    assert all(0.45 < one.right < 0.55 for one in found)
    assert np.mean([one.excess for one in found]) < 0


@pytest.mark.parametrize("model", MODELS)
def test_what_can_be_known_is_earned(model):
    found = back_test(walk(pull=0.6), model, cost=0.0002)
    assert found.is_better
    assert found.right > 0.6
    assert found.beaten_by < 0.01


def test_a_mean_that_holds_tomorrow_earns_a_fortune(market):
    found = back_test(market, leaks=("look-ahead",))
    assert found.is_better
    assert found.right > 0.75
    assert found.beaten_by == 0


def test_every_leak_looks_better_than_the_honest_test(market):
    honest = back_test(market)
    assert not honest.is_better
    assert possible(market) == trading.LEAKS
    for leak in trading.LEAKS:
        assert back_test(market, leaks=(leak,)).per_year > honest.per_year, leak


def test_no_forecast_has_seen_its_own_day():
    prices = walk()
    before = forecasts(prices, trading.FORECASTERS["linear"], False, 0)
    changed = Prices(prices.names, prices.values.copy(), 252)
    changed.values[600:] *= np.random.default_rng(1).uniform(0.5, 2, changed.values[600:].shape)
    after = forecasts(changed, trading.FORECASTERS["linear"], False, 0)
    np.testing.assert_array_equal(before[:600], after[:600])  # the step into the changed price is foretold before it
    assert not np.array_equal(before[600:], after[600:], equal_nan=True)
    leaky = [forecasts(one, trading.FORECASTERS["linear"], True, 0) for one in (prices, changed)]
    assert not np.array_equal(leaky[0][:600], leaky[1][:600], equal_nan=True)


def test_returns_and_costs_are_those_of_a_calculation_by_hand():
    came = np.log([[1.1, 0.9], [1.2, 1.0], [0.5, 1.0]])
    held = np.array([[True, False], [True, True], [False, True]])
    there = np.ones((3, 2), bool)
    found = earnings(held, there, came, 0.01)
    np.testing.assert_allclose(found, [0.05 - 0.005, 0.1 - 0.005, 0.0 - 0.005])


def test_a_share_that_is_gone_is_neither_held_nor_counted():
    came = np.array([[0.1, 0.2], [0.1, np.nan]])
    there = np.isfinite(came)
    np.testing.assert_allclose(earnings(there, there, came, 0.0)[1], np.expm1(0.1))


def test_the_interval_covers_the_mean_of_dependent_steps_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for _ in range(100):
        steps = np.convolve(rng.normal(size=604), np.ones(5) / 5, "valid")
        low, high = interval(steps, rng)
        hits += low <= 0 <= high
    assert 86 <= hits <= 100


def test_the_generated_market_holds_companies_that_go(market):
    assert market.values.shape == (share_prices.DAYS, share_prices.SHARES)
    assert (~market.survivors).sum() == share_prices.GONE
    assert 250 < market.per_year < 265


def test_dates_shares_and_prices_are_guessed_and_may_be_named():
    days = pd.bdate_range("2020-01-01", periods=80)
    rows = [(day, name, 1.0 + i, 2.0 + i) for name in ("x", "y") for i, day in enumerate(days)]
    frame = pd.DataFrame(rows, columns=["when", "who", "close", "other"])
    assert read_prices(frame).values[0].tolist() == [1.0, 1.0]
    assert read_prices(frame, target="other", series="who").values[0].tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"date": None}, {}, "no column of dates"),
        ({"price": np.arange(80.0)}, {}, "0 or less"),
        ({"price": "much"}, {}, "no column of prices"),
        ({}, {"target": "nope"}, "nope"),
        ({"date": pd.Timestamp("2020-01-01")}, {}, "several prices of one time|no column of dates"),
    ],
)
def test_what_are_no_prices_is_refused(change, options, message):
    frame = pd.DataFrame({"date": pd.bdate_range("2020-01-01", periods=80), "price": np.arange(1.0, 81)})
    with pytest.raises((DataError, OptionError), match=message):
        read_prices(frame.assign(**change), **options)


def test_too_few_prices_unknown_models_and_leaks_without_room_are_refused():
    frame = pd.DataFrame({"date": pd.bdate_range("2020-01-01", periods=20), "price": np.arange(1.0, 21)})
    with pytest.raises(DataError, match="at least 60"):
        read_prices(frame)
    with pytest.raises(OptionError, match="linear"):
        back_test(walk(), "linaer")
    with pytest.raises(OptionError, match="look-ahead"):
        back_test(walk(), leaks=("lookahead",))
    with pytest.raises(OptionError, match="--cost"):
        back_test(walk(), cost=2.0)
    with pytest.raises(DataError, match="still traded"):
        back_test(walk(), leaks=("survivorship",))
