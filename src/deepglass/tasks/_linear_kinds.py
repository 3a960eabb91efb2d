"""Kinds of linear forecasts: each finds, in closed form or nearly, one matrix from the past to the future.

    ridge regression         every step ahead has weights of its own; levels are kept, or pulled towards their mean
    autoregression           one step ahead, again and again: few weights, so that little can be learnt by heart
    exponential smoothing    level, slope and season (`_linear_smoothing.py`)
    repetition               the last value, or the last season

What is said step after step from forecasts is linear in the past as well: the weights of the first step multiplied out.

Marcellino, Stock & Watson (2006), A Comparison of Direct and Iterated Multistep AR Methods for Forecasting
Macroeconomic Time Series, https://doi.org/10.1016/j.jeconom.2005.07.020 (which of the two is better depends on the
series: iterated forecasts vary less, direct ones forgive a wrong order)
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from deepglass.tasks._linear_smoothing import smoothed
from deepglass.tasks._linear_solution import Solution, from_last
from deepglass.tasks._ridge import Ridge

PENALTIES = (1e-2, 1.0, 10.0, 100.0, 1000.0)  # of ridge regression
ORDERS = (1, 2, 3, 6, 12, 24)  # of autoregressions
LEAST_PENALTY = 1e-2  # of an autoregression, whose order is what holds it back
LONGEST_SMOOTHED, MOST_SMOOTHED = 60, 400  # steps of a season that smoothing learns, and of the past that it looks at
SEASONS_SMOOTHED, FEWEST_SMOOTHED = 4, 40


@dataclass(frozen=True)
class Rows:
    """What is learnt from: a row for each target of each window.

    Shape:
        - past: (n, context), static: (n, F), future: (n, horizon), NaN where unknown
    """

    past: Tensor
    static: Tensor
    future: Tensor

    @classmethod
    def of(cls, past: Tensor, static: Tensor, future: Tensor) -> "Rows":
        """Of windows (n, context, S), (n, F), (n, horizon, S); those of whose future nothing is known are left out."""
        known = future.isfinite().any(dim=1).flatten()  # (n·S,)
        by_target = [part.transpose(1, 2).flatten(0, 1) for part in (past, future)]
        parts = (by_target[0], static.repeat_interleave(past.shape[2], dim=0), by_target[1])
        return cls(*(parts if known.all() else (part[known] for part in parts)))

    @cached_property
    def ridge(self) -> Ridge:
        """Of the future on the past, static columns and the level, both without the last value."""
        last = self.past[:, -1:]
        return Ridge(torch.cat([self.past[:, :-1] - last, self.static, last], dim=1), self.future - last)

    @cached_property
    def ridge_of_changes(self) -> Ridge:
        """Likewise, without the level."""
        return self.ridge.without_last()


class Kind(Protocol):
    """A way to find a linear forecast."""

    @property
    def name(self) -> str:
        """As people know it."""
        ...

    @property
    def context(self) -> int:
        """Steps of the past that it looks at."""
        ...

    def fit(self, rows: Rows) -> Solution:
        """From pasts of `context` steps."""
        ...


@dataclass(frozen=True)
class RidgeRegression:
    """Weights of its own for every step ahead."""

    context: int
    penalty: float
    reads_level: bool
    name: str = "ridge regression"

    def fit(self, rows: Rows) -> Solution:
        ridge = rows.ridge if self.reads_level else rows.ridge_of_changes
        return of_ridge(*ridge.solution(self.penalty), self.context, self.reads_level)


@dataclass(frozen=True)
class Autoregression:
    """yₜ = Σ aᵢ·yₜ₋ᵢ + b, of the values or of their changes, made as often as there are steps ahead."""

    lags: tuple[int, ...]
    of_changes: bool
    name: str = "autoregression"

    @property
    def context(self) -> int:
        return max(self.lags) + 1

    def fit(self, rows: Rows) -> Solution:
        known = rows.future[:, 0].isfinite()
        past, following = rows.past[known], rows.future[known, :1]
        back = torch.tensor(self.lags)
        x = past[:, -back]
        if self.of_changes:
            x, following = x - past[:, -back - 1], following - past[:, -1:]
        found, constant = Ridge(x, following).solution(LEAST_PENALTY)
        step = past.new_zeros(self.context)
        step[-back] += found[:, 0]
        if self.of_changes:
            step[-back - 1] -= found[:, 0]
            step[-1] += 1
        weights, bias = iterated(step, float(constant), rows.future.shape[1])
        return Solution(weights, bias.new_zeros(rows.static.shape[1], len(bias)), bias)


@dataclass(frozen=True)
class Smoothing:
    """Level, slope and season, each corrected a little by every value of the past."""

    context: int
    season: int
    has_slope: bool
    name: str = "exponential smoothing"

    def fit(self, rows: Rows) -> Solution:
        weights = smoothed(rows.past, rows.future, self.season, self.has_slope)
        return _without_constant(weights, rows)


@dataclass(frozen=True)
class Repetition:
    """The last `context` steps again and again."""

    context: int
    name: str = "seasonal naive"

    def fit(self, rows: Rows) -> Solution:
        ahead = torch.arange(rows.future.shape[1])
        weights = rows.past.new_zeros(self.context, len(ahead))
        weights[ahead % self.context, ahead] = 1
        return _without_constant(weights, rows)


def kinds(contexts: list[int], season: int, longest: int) -> list[Kind]:
    """All that are tried, those of one context beside each other.

    Args:
        contexts: Of ridge regressions.
        season: In steps, 1 without one.
        longest: Steps of a past that leave enough windows to learn from.
    """
    found: list[Kind] = [RidgeRegression(c, p, level) for c in contexts for p in PENALTIES for level in (False, True)]
    lags = [tuple(range(1, order + 1)) for order in ORDERS]
    lags += [(*own, *(lag for lag in (season, season + 1) if lag not in own)) for own in lags if season > 1]
    found += [Autoregression(own, of_changes) for own in dict.fromkeys(lags) for of_changes in (False, True)]
    for period in {1, season if season <= LONGEST_SMOOTHED else 1}:
        context = min(max(SEASONS_SMOOTHED * period, FEWEST_SMOOTHED), MOST_SMOOTHED, longest)
        found += [Smoothing(context, period, has_slope) for has_slope in (False, True) if context > 2 * period]
    found += [Repetition(period) for period in {1, season}]
    return sorted((kind for kind in found if 1 <= kind.context <= longest), key=lambda kind: kind.context)


def of_ridge(weights: Tensor, bias: Tensor, context: int, reads_level: bool = False) -> Solution:
    """What was solved for the inputs of `Rows.ridge`, or of `Rows.ridge_of_changes`, as a forecast."""
    of_past, rest = weights[: context - 1], weights[context - 1 :]
    of_static, of_level = (rest[:-1], rest[-1]) if reads_level else (rest, 0.0)
    return Solution(from_last(torch.cat([of_past, bias.new_zeros(1, len(bias))]), of_level), of_static, bias)


def iterated(step: Tensor, constant: float, horizon: int) -> tuple[Tensor, Tensor]:
    """What one step ahead, made again and again, says of all steps: weights (context, horizon), bias (horizon,).

    Args:
        step: (context,) weights of the past for the first step.
    """
    context = len(step)
    forms = torch.zeros(context + horizon, context + 1, dtype=step.dtype)  # what is known, then what is forecast
    forms[:context, :context] = torch.eye(context, dtype=step.dtype)
    for h in range(context, context + horizon):
        forms[h] = step @ forms[h - context : h]
        forms[h, -1] += constant
    return forms[context:, :-1].T.contiguous(), forms[context:, -1].clone()


def _without_constant(weights: Tensor, rows: Rows) -> Solution:
    horizon = weights.shape[1]
    return Solution(weights, weights.new_zeros(rows.static.shape[1], horizon), weights.new_zeros(horizon))
