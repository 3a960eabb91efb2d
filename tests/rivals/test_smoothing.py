"""Exponential smoothing: statsmodels finds no better rates, its recursions are the same, gaps change nothing."""

import warnings

import numpy as np
import pytest

from deepglass.rivals.smoothing import Smoothing, candidates

SEASON = 6


def series(count: int = 120, seed: int = 0) -> np.ndarray:
    """Level, slope and season that move, and noise."""
    rng, t = np.random.default_rng(seed), np.arange(count)
    return (
        50
        + 0.3 * t
        + 5 * np.sin(2 * np.pi * t / SEASON)
        + rng.normal(size=count).cumsum() * 0.3
        + rng.normal(size=count)
    )


@pytest.mark.parametrize(("season", "has_slope"), [(1, False), (1, True), (SEASON, False), (SEASON, True)])
def test_statsmodels_makes_the_same_forecasts_from_the_same_rates_and_states(season, has_slope):
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    values = series()
    model = Smoothing(season, has_slope, alpha=0.4, beta=0.2, gamma=0.3, phi=0.98 if has_slope else 1.0)
    states = model.states(values)
    kind = {"trend": "add", "damped_trend": True} if has_slope else {}
    begin = {"initial_level": states.levels[0], "initialization_method": "known"}
    rates = [0.4]
    if has_slope:
        begin["initial_trend"] = states.slopes[0]
        rates.append(0.4 * 0.2)
    if season > 1:
        kind |= {"seasonal": "add", "seasonal_periods": season}
        begin["initial_seasonal"] = states.seasons[:season]
        rates.append(0.3)
    theirs = ETSModel(values, error="add", **kind, **begin).smooth([*rates, 0.98] if has_slope else rates)
    np.testing.assert_allclose(states.forecast(np.array([len(values)]), 15)[0], theirs.forecast(15), rtol=1e-9)
    np.testing.assert_allclose(states.loss, theirs.sse / len(values), rtol=1e-9)


@pytest.mark.parametrize("season", [1, SEASON])
def test_statsmodels_finds_no_rates_that_are_much_better(season):
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    values = series(seed=1)
    ours = Smoothing(season, has_slope=True).fitted(values).states(values)
    kind = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
    begin = {"initial_level": ours.levels[0], "initial_trend": ours.slopes[0]}
    begin |= {"initial_seasonal": ours.seasons[:season]} if season > 1 else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ExponentialSmoothing(
            values, trend="add", damped_trend=True, initialization_method="known", **kind, **begin
        )
        theirs = model.fit(damping_trend=ours.model.phi)
    assert ours.loss < 1.05 * theirs.sse / len(values)


def test_forecasts_in_the_middle_use_nothing_of_what_follows():
    values = series()
    model = Smoothing(SEASON, has_slope=True).fitted(values[:80])
    early = model.states(values[:90]).forecast(np.array([90]), 8)
    np.testing.assert_array_equal(model.states(values).forecast(np.array([90]), 8), early)


def test_gaps_change_nothing_and_logarithms_follow_a_season_that_grows():
    values = series()
    states = Smoothing(SEASON, True, alpha=0.4).states(np.where(np.arange(120) == 70, np.nan, values))
    assert np.isfinite(states.forecast(np.array([120]), 5)).all()
    assert states.levels[71] == pytest.approx(states.levels[70] + states.slopes[71])
    t = np.arange(120)
    grown = np.exp(0.02 * t) * (2 + np.sin(2 * np.pi * t / SEASON))
    of_log, plain = (
        Smoothing(SEASON, True, is_log).fitted(grown[:100]).states(grown).forecast(np.array([100]), 20)[0]
        for is_log in (True, False)
    )
    assert np.abs(of_log - grown[100:]).mean() < 0.5 * np.abs(plain - grown[100:]).mean()


def test_kinds_suit_the_values():
    assert candidates(np.arange(5.0), 1) == []
    positive, around_zero = candidates(series(), SEASON), candidates(series() - 60, SEASON)
    assert {(model.season, model.is_log) for model in positive} == {(SEASON, False), (SEASON, True), (1, False)}
    assert not any(model.is_log for model in around_zero)
    assert all(model.season == 1 for model in candidates(series(12), SEASON))
    constant = candidates(np.full(40, 3.0), 1)
    assert all(
        np.allclose(m.fitted(np.full(40, 3.0)).states(np.full(40, 3.0)).forecast(np.array([40]), 3), 3)
        for m in constant
    )
