"""Exponential smoothing as a matrix: once its rates are fixed, it is linear in the past.

    foretold = l + φ·b + s[t−m]                  error e = y − foretold
    l ← l + φ·b + α·e          b ← φ·b + αβ·e         s[t] = s[t−m] + γ·e

Each of l, b, s is kept as what it takes from every step of the past, for all rates at once. Level, slope and season
before the first step are read from the first seasons, by a straight line and the means of what that leaves: linear too.
Equations and sources: `rivals/smoothing.py`.
"""

from itertools import product

import torch
from torch import Tensor

ALPHAS, BETAS, GAMMAS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9), (0.02, 0.1, 0.3), (0.05, 0.2, 0.4)
DAMPED = 0.98  # of a slope is left a step later
BEGIN_SEASONS, FEWEST_BEGIN = 4, 10  # of which the beginning is read
JUDGED_BY = 800  # of the last windows


def smoothed(past: Tensor, future: Tensor, season: int, has_slope: bool) -> Tensor:
    """The weights (context, horizon) of the rates that would have been best.

    Shape:
        - past: (n, context), future: (n, horizon), NaN where unknown
    """
    weights = matrices(past.shape[1], future.shape[1], season, _rates(season, has_slope))  # (rates, context, horizon)
    past, future = past[-JUDGED_BY:], future[-JUDGED_BY:]
    errors = [float(((past @ own - future) ** 2).nanmean()) for own in weights]
    return weights[min(range(len(errors)), key=errors.__getitem__)]


def matrices(context: int, horizon: int, season: int, rates: Tensor) -> Tensor:
    """(rates, context, horizon) what smoothing makes of a past.

    Args:
        rates: (rates, 4): α, β, γ, and φ, 0 without a slope.
    """
    alpha, beta, gamma, phi = (rate[:, None] for rate in rates.T)
    level, slope, flat, seasons = _beginning(context, season)
    has_slope = (phi > 0).double()
    level, slope = torch.where(phi > 0, level - slope, flat), has_slope * slope  # (rates, context)
    of_season = [part.expand(len(rates), -1) for part in seasons]  # of each step, what is added to its value
    for t, value in enumerate(torch.eye(context, dtype=torch.float64)):
        slope = phi * slope
        level = level + slope
        error = value - level - of_season[t]
        level, slope = level + alpha * error, slope + alpha * beta * has_slope * error
        of_season.append(of_season[t] + gamma * error)
    ahead = torch.arange(1, horizon + 1, dtype=torch.float64)
    slopes = (phi**ahead).cumsum(dim=1) * has_slope  # (rates, horizon)
    again = torch.stack([of_season[context + h % season] for h in range(horizon)], dim=2)  # (rates, context, horizon)
    return level[:, :, None] + slope[:, :, None] * slopes[:, None] + again


def _rates(season: int, has_slope: bool) -> Tensor:
    """(rates, 4) all that are tried."""
    betas = BETAS if has_slope else (0.0,)
    gammas = GAMMAS if season > 1 else (0.0,)
    phi = DAMPED if has_slope else 0.0
    return torch.tensor([(a, b, g * (1 - a), phi) for a, b, g in product(ALPHAS, betas, gammas)], dtype=torch.float64)


def _beginning(context: int, season: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Level at the first step, slope, level without a slope, season (season, context): what each takes of a past."""
    count = min(context, max(FEWEST_BEGIN, BEGIN_SEASONS * season))
    steps = torch.arange(count, dtype=torch.float64)
    first = torch.eye(count, context, dtype=torch.float64)
    level, slope = torch.linalg.pinv(torch.stack([torch.ones_like(steps), steps], dim=1)) @ first  # (context,) each
    if season == 1:
        return level, slope, first.mean(dim=0), torch.zeros(1, context, dtype=torch.float64)
    left = first - level - steps[:, None] * slope
    return level, slope, level, torch.stack([left[k::season].mean(dim=0) for k in range(season)])
