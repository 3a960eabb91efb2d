"""Simple forecasters as a careful user would take them: each is a list of candidates, the likeliest first.

As many as the time allows are judged by forecasts of the end of the training part, which they have not seen; the best
is fitted on all of it. A forecast at a place may use everything before the place; nothing is fitted on the test part.
"""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

MOST_PLACES = 60  # of forecasts in the test part
TUNING_SHARE = 0.6  # of the time
FITTED_ON = 1500  # last steps that exponential smoothing is fitted on: it forgets what is older
LONGEST_SMOOTHED = 100  # steps of a season that it can still learn


@dataclass(frozen=True)
class Problem:
    """A series, where its training ends, and where forecasts of how many steps begin."""

    times: pd.DatetimeIndex
    values: np.ndarray
    cut: int
    places: np.ndarray
    horizon: int

    @property
    def held(self) -> np.ndarray:
        """The values, with the last known one in the place of what is missing."""
        return pd.Series(self.values).ffill().bfill().to_numpy()

    @property
    def futures(self) -> np.ndarray:
        """(places, horizon) what came."""
        return self.values[self.places[:, None] + np.arange(self.horizon)]

    def inner(self) -> "Problem":
        """The end of the training part in the place of the test."""
        held_out = max(self.horizon, min(len(self.values) - self.cut, self.cut // 4))
        cut = self.cut - held_out
        return replace(self, values=self.values[: self.cut], cut=cut, places=places_of(cut, self.cut, self.horizon))

    def seasons(self) -> list[int]:
        """Of the calendar in steps, and where the series resembles itself most."""
        step = float(np.median(np.diff(self.times[: self.cut])) / np.timedelta64(1, "s"))
        usual = {round(span / step) for span in (86400, 604800, 365.2425 * 86400)}
        per_day = int(pd.Series(self.times[: self.cut].date).value_counts().median())
        usual |= {per_day, 7 * per_day} if per_day > 1 else set()
        usual |= {5, 250} if _has_no_weekends(self.times) else set()
        usual |= {_most_alike(self.held[: self.cut])}
        return sorted(season for season in usual if 1 < season < self.cut // 2)


Candidate = Callable[[Problem], np.ndarray]


def problem_of(train: pd.DataFrame, test: pd.DataFrame, horizon: int) -> Problem:
    """Both parts, with the places at which forecasts begin."""
    frame = pd.concat([train, test])
    places = places_of(len(train), len(frame), horizon)
    return Problem(pd.DatetimeIndex(frame["time"]), frame["value"].to_numpy(), len(train), places, horizon)


def places_of(begin: int, end: int, horizon: int) -> np.ndarray:
    """Where forecasts begin: evenly spread, each with its whole future before the end."""
    return np.unique(np.linspace(begin, end - horizon, MOST_PLACES).astype(int))


def losses(candidates: Callable[[Problem], list[Candidate]], problem: Problem, until: float) -> np.ndarray:
    """(places,) mean absolute errors over what is known of each future.

    Args:
        until: On the clock of `time.monotonic`.
    """
    inner, began, scores = problem.inner(), time.monotonic(), []
    found = candidates(problem)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for candidate in found:
            began_one = time.monotonic()
            scores.append(_score(candidate, inner))
            took = time.monotonic() - began_one
            if time.monotonic() + 2 * took > began + TUNING_SHARE * (until - began):
                break
        return errors(found[int(np.argmin(scores))](problem), problem.futures)


def errors(forecasts: np.ndarray, futures: np.ndarray) -> np.ndarray:
    """(places,) the mean absolute error over what is known; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.nanmean(np.abs(forecasts - futures), axis=1)


def _score(candidate: Candidate, problem: Problem) -> float:
    """Its error; what cannot be fitted to so short a past is not taken."""
    try:
        said = float(np.nanmean(errors(candidate(problem), problem.futures)))
    except (ValueError, IndexError, np.linalg.LinAlgError):
        return np.inf
    return said if np.isfinite(said) else np.inf


# -- contenders -----------------------------------------------------------------------------------------------------


def naive(problem: Problem) -> list[Candidate]:
    """The last season again, or the last value."""
    return [partial(_again, season=season) for season in [1, *problem.seasons()]]


def ridge(problem: Problem) -> list[Candidate]:
    """Ridge regression on lags and the calendar, a set of weights for each step ahead."""
    seasons = [season for season in problem.seasons() if season <= 400] or [8]
    lengths = sorted({max(8, 2 * problem.horizon), max(8, 2 * seasons[0]), max(8, int(1.2 * seasons[-1]))})
    lengths = [length for length in lengths if length < problem.cut // 3]
    choices = [(n, strength, c) for strength in (10.0, 1.0, 100.0) for n in lengths or [4] for c in (True, False)]
    return [partial(_ridge, length=n, strength=s, has_calendar=c) for n, s, c in choices]


def autoregression(problem: Problem) -> list[Candidate]:
    """statsmodels' AutoReg, with and without seasonal levels and a trend."""
    seasons = [None, *(season for season in problem.seasons() if season <= LONGEST_SMOOTHED)]
    choices = [(lags, season, trend) for lags in (12, 3, 30, 1) for season in seasons for trend in ("c", "ct")]
    return [partial(_autoreg, lags=lags, season=season, trend=trend) for lags, season, trend in choices]


def smoothing(problem: Problem) -> list[Candidate]:
    """Exponential smoothing, statsmodels' Holt-Winters: level, damped trend, season."""
    seasons = [None, *(season for season in problem.seasons() if season <= LONGEST_SMOOTHED)]
    is_positive = bool(np.nanmin(problem.values[: problem.cut]) > 0)
    kinds = ("add", "mul") if is_positive else ("add",)
    choices = [(season, kind, trend) for season in reversed(seasons) for kind in kinds for trend in (None, "add")]
    return [partial(_smoothed, season=s, kind=k, trend=t) for s, k, t in choices if s or k == "add"]


OF_SERIES: dict[str, Callable[[Problem], list[Candidate]]] = {
    "seasonal naive": naive, "ridge on lags": ridge, "autoregression": autoregression, "smoothing": smoothing,
}  # fmt: skip


# -- candidates -----------------------------------------------------------------------------------------------------


def _again(problem: Problem, season: int) -> np.ndarray:
    steps = np.arange(problem.horizon) % season
    return problem.held[problem.places[:, None] - season + steps]


def _ridge(problem: Problem, length: int, strength: float, has_calendar: bool) -> np.ndarray:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    held, horizon = problem.held, problem.horizon
    calendar = _calendar(problem.times) if has_calendar else np.zeros((len(held), 0))

    def inputs(places: np.ndarray) -> np.ndarray:
        past = held[places[:, None] - np.arange(length, 0, -1)]
        return np.concatenate([past - past[:, -1:], calendar[places]], axis=1)

    rows = np.arange(length, problem.cut - horizon + 1)
    future = held[rows[:, None] + np.arange(horizon)] - held[rows - 1, None]
    model = make_pipeline(StandardScaler(), Ridge(strength)).fit(inputs(rows), future)
    return model.predict(inputs(problem.places)) + held[problem.places - 1, None]


def _autoreg(problem: Problem, lags: int, season: int | None, trend: str) -> np.ndarray:
    from statsmodels.tsa.ar_model import AutoReg

    held = problem.held
    seasonal = {"seasonal": True, "period": season} if season else {}
    fitted = AutoReg(held[: problem.cut], lags, trend=trend, **seasonal).fit()
    return np.stack([fitted.append(held[problem.cut : p]).forecast(problem.horizon) if p > problem.cut
                     else fitted.forecast(problem.horizon) for p in problem.places.tolist()])  # fmt: skip


def _smoothed(problem: Problem, season: int | None, kind: str, trend: str | None) -> np.ndarray:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    held, begin = problem.held, max(0, problem.cut - FITTED_ON)
    shape = {"trend": trend, "damped_trend": trend is not None}
    shape |= {"seasonal": kind, "seasonal_periods": season} if season else {}
    found = ExponentialSmoothing(held[begin : problem.cut], **shape).fit().params
    beginning = {"initial_level": found["initial_level"], "initialization_method": "known"}
    beginning |= {"initial_trend": found["initial_trend"]} if trend else {}
    beginning |= {"initial_seasonal": found["initial_seasons"]} if season else {}
    rates = {"smoothing_level": found["smoothing_level"], "optimized": False}
    rates |= {"smoothing_trend": found["smoothing_trend"], "damping_trend": found["damping_trend"]} if trend else {}
    rates |= {"smoothing_seasonal": found["smoothing_seasonal"]} if season else {}
    return np.stack([
        ExponentialSmoothing(held[begin:p], **shape, **beginning).fit(**rates).forecast(problem.horizon)
        for p in problem.places.tolist()
    ])  # fmt: skip


# -- helpers --------------------------------------------------------------------------------------------------------


def _calendar(times: pd.DatetimeIndex) -> np.ndarray:
    """(T, …) hours and days of the week as columns of their own where they differ, the time of the year as waves."""
    slots = times.hour * 60 + times.minute
    parts = [pd.get_dummies(slots), pd.get_dummies(times.day_of_week)] if len(set(slots)) <= 48 else []
    turn = 2 * np.pi * times.day_of_year.to_numpy() / 365.25
    waves = [wave(k * turn) for k in (1, 2, 3) for wave in (np.sin, np.cos)]
    found = [part.to_numpy(float) for part in parts if part.shape[1] > 1]
    return np.concatenate([*found, np.stack(waves, axis=1)], axis=1)


def _has_no_weekends(times: pd.DatetimeIndex) -> bool:
    return bool((np.diff(times) <= np.timedelta64(4, "D")).all() and (times.day_of_week < 5).all())


def _most_alike(values: np.ndarray) -> int:
    """The lag behind the first valley of the autocorrelation at which it is highest; 0 without one."""
    n = len(values)
    left = values - np.polyval(np.polyfit(np.arange(n), values, 1), np.arange(n))
    spectrum = np.abs(np.fft.rfft(left, 2 * n)) ** 2
    alike = np.fft.irfft(spectrum)[: n // 2]
    valley = next((i for i in range(1, len(alike) - 1) if alike[i + 1] > alike[i]), 0)
    return valley + int(np.argmax(alike[valley:])) if valley else 0
