"""Exponential smoothing: level, slope and season of a series, each corrected a little by every new value.

    foretold = l + φ·b + s[t−m]                  error e = y − foretold
    l ← l + φ·b + α·e          b ← φ·b + αβ·e         s[t] = s[t−m] + γ·e

Forecasts go on from the last state: l + (φ + … + φʰ)·b + the season of the step. The rates are those of the smallest
squared error one step ahead. A season that grows with the level is one that is added to the logarithm.

Holt (1957), Forecasting seasonals and trends by exponentially weighted moving averages,
https://doi.org/10.1016/j.ijforecast.2003.09.015; Winters (1960), Forecasting Sales by Exponentially Weighted Moving
Averages, https://doi.org/10.1287/mnsc.6.3.324; Gardner & McKenzie (1985), Forecasting Trends in Time Series,
https://doi.org/10.1287/mnsc.31.10.1237 (φ). In the error correction form of Hyndman et al. (2008), Forecasting with
Exponential Smoothing.
"""

from dataclasses import dataclass, replace

import numpy as np

NAME = "exponential smoothing"
FITTED_ON, SEASONS_FITTED_ON = 800, 4  # steps, or seasons, at the end of the training part: what is older is forgotten
BEGIN_SEASONS = 4  # of which level, slope and season at the beginning are read
FEWEST_STEPS = 10
DAMPED = 0.98  # of a slope is left a step later: the usual upper bound, for less ends it within a season
LOG_SHARE = 1e-3  # of the mean: a series that comes closer to 0 has no logarithm worth smoothing
STARTS = ((0.1, 0.02, 0.05), (0.5, 0.05, 0.2), (0.9, 0.1, 0.3))  # α, β, γ from which the search begins
MOST_EVALUATIONS = 120  # of each search


@dataclass(frozen=True)
class Smoothing:
    """A fitted model.

    season: m, 1 without a season; has_slope: whether b moves; is_log: whether logarithms are smoothed.
    alpha, beta, gamma: Rates between 0 and 1; phi: how much of a slope is left a step later.
    """

    season: int
    has_slope: bool
    is_log: bool = False
    alpha: float = 0.5
    beta: float = 0.0
    gamma: float = 0.0
    phi: float = 1.0

    def fitted(self, values: np.ndarray) -> "Smoothing":
        """With the rates that foretell the end of `values` (T,) best, one step ahead; NaN is passed over."""
        from scipy.optimize import minimize

        last = values[-max(FITTED_ON, SEASONS_FITTED_ON * self.season) :]

        def loss(rates: np.ndarray) -> float:
            return self._with_rates(rates).states(last).loss

        begin = min(map(np.array, STARTS), key=loss)
        bounds = [(1e-4, 0.9999)] * 3
        options = {"maxfev": MOST_EVALUATIONS, "xatol": 1e-3, "fatol": 1e-6 * loss(begin)}
        found = minimize(loss, begin, method="Nelder-Mead", bounds=bounds, options=options)
        return self._with_rates(found.x)

    def states(self, values: np.ndarray) -> "States":
        """Level, slope and season before each of `values` (T,) and after the last; gaps change nothing."""
        y = np.log(np.maximum(values, 1e-300)) if self.is_log else values
        level, slope, seasons = _beginning(y, self.season, self.has_slope)
        alpha, phi = self.alpha, self.phi
        own_beta = alpha * self.beta if self.has_slope else 0.0
        gamma = self.gamma if self.season > 1 else 0.0
        levels, slopes, total, count = [level], [slope], 0.0, 0
        for t, value in enumerate(y.tolist()):
            slope *= phi
            level += slope
            error = value - level - seasons[t]
            if error == error:  # not NaN
                level += alpha * error
                slope += own_beta * error
                seasons.append(seasons[t] + gamma * error)
                total, count = total + error * error, count + 1
            else:
                seasons.append(seasons[t])
            levels.append(level)
            slopes.append(slope)
        return States(self, np.array(levels), np.array(slopes), np.array(seasons), total / max(1, count))

    def _with_rates(self, rates: np.ndarray) -> "Smoothing":
        alpha, beta, gamma = (float(rate) for rate in rates)
        slope = {"beta": beta, "phi": DAMPED} if self.has_slope else {}
        return replace(self, alpha=alpha, **slope, **({"gamma": gamma * (1 - alpha)} if self.season > 1 else {}))


@dataclass(frozen=True)
class States:
    """What a model knew before each value.

    levels, slopes: (T + 1,); seasons: (T + m,), the one that is added to the value t stands at t.
    loss: The mean squared error one step ahead, of the values or of their logarithms.
    """

    model: Smoothing
    levels: np.ndarray
    slopes: np.ndarray
    seasons: np.ndarray
    loss: float

    def forecast(self, origins: np.ndarray, horizon: int) -> np.ndarray:
        """(N, horizon) the values from the steps `origins` (N,) on, each foretold from what lies before its origin."""
        m, ahead = self.model.season, np.arange(horizon)
        slopes = self.slopes[origins, None] * np.cumsum(self.model.phi ** (ahead + 1.0))
        said = self.levels[origins, None] + slopes + self.seasons[origins[:, None] + ahead % m]
        return np.exp(said) if self.model.is_log else said


def candidates(values: np.ndarray, season: int) -> list[Smoothing]:
    """Kinds of models for training values (T,): with and without season and slope, of values or their logarithms."""
    known = values[np.isfinite(values)]
    if len(known) < FEWEST_STEPS:
        return []
    seasons = [season, 1] if season > 1 and len(values) >= 2 * season + 2 else [1]
    may_be_log = known.min() > LOG_SHARE * known.mean() > 0
    return [
        Smoothing(m, has_slope, is_log)
        for m in seasons
        for is_log in ((False, True) if may_be_log and m > 1 else (False,))
        for has_slope in (True, False)
    ]


def _beginning(y: np.ndarray, season: int, has_slope: bool) -> tuple[float, float, list[float]]:
    """Level, slope and season before the first value: a straight line and the means of what it leaves."""
    first = y[: max(FEWEST_STEPS, BEGIN_SEASONS * season)]
    there = np.flatnonzero(np.isfinite(first))
    if len(there) < 2:
        return float(np.nan_to_num(np.nanmean(first))) if len(there) else 0.0, 0.0, [0.0] * season
    slope, level = np.polyfit(there, first[there], 1)
    left = first[there] - level - slope * there
    place = there % season
    count = np.bincount(place, minlength=season)
    seasons = np.bincount(place, left, minlength=season) / np.maximum(count, 1)
    if not has_slope:
        slope, level = 0.0, float(first[there].mean() if season == 1 else level)
    return float(level - slope), float(slope), (seasons if season > 1 else np.zeros(1)).tolist()
