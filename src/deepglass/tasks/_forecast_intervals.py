"""Intervals around forecasts, from the errors on the validation part: split conformal prediction, step by step ahead.

    interval = forecast + swing · size(step) · [low, high],   low and high: quantiles of error / swing / size(step)

Errors are measured by how far the series swings (`Windows.swings`), pooled over steps and series once each step has
its own size, and the quantiles are widened for their number (n + 1 in the place of n). No training is needed and any
forecaster will do.
Time goes on, so the promise is one of calibration and not a guarantee: the test measures what it is worth.

References:
    Vovk, Gammerman & Shafer (2005), Algorithmic Learning in a Random World
    Stankevičiūtė, Alaa & van der Schaar (2021), Conformal Time-Series Forecasting, https://arxiv.org/abs/2106.03870
    (a quantile of the errors at each step ahead)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.state import read, require, require_between

ENOUGH = 50  # errors at every step ahead by which its size is told without its neighbours
SMOOTHED = 3  # steps to each side over which the size of an error is averaged


@dataclass(frozen=True)
class ForecastIntervals:
    """How far below and above a forecast the truth lies in a share `coverage` of all cases.

    Args:
        coverage: Such as 0.8.
        low, high: In swings of a window, at each step ahead.
        count: Times of the validation part that they were learnt from.

    Shape:
        - low, high: (horizon, series)
    """

    coverage: float
    low: np.ndarray
    high: np.ndarray
    count: int

    def around(self, forecasts: np.ndarray, swings: np.ndarray, lowest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends (N, horizon, S) in the unit of the data.

        Args:
            forecasts: (N, horizon, S).
            swings: (N, 1, S) of the windows.
            lowest: (S,) the smallest possible values, NaN where there are none.
        """
        ends = (forecasts + swings * offset for offset in (self.low, self.high))
        return tuple(np.fmax(end, lowest) for end in ends)  # type: ignore[return-value]

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"coverage": self.coverage, "low": self.low.tolist(), "high": self.high.tolist(), "count": self.count}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "ForecastIntervals":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        low, high = (np.array(read(state, name, list[list[float]]), np.float64) for name in ("low", "high"))
        require(low.ndim == 2 and low.shape == high.shape, "as many lower as upper ends")
        coverage = read(state, "coverage", float)
        require_between(coverage, 0.0, 1.0, "coverage")
        return cls(coverage, low, high, read(state, "count", int))


def fewest(coverage: float) -> int:
    """Errors without which no such interval can be told: the largest of n errors is exceeded once in n + 1 times."""
    return int(np.ceil(round(coverage / (1 - coverage), 6)))


def intervals_of(errors: np.ndarray, moments: np.ndarray, coverage: float) -> ForecastIntervals | None:
    """Learn intervals; None where there are too few errors.

    Args:
        errors: Truth less forecast, in swings of each window; NaN where nothing is known.
        moments: The time that each value is for; errors of one time in one series count once.
        coverage: In (0, 1).

    Shape:
        - errors: (N, horizon, S); moments: (N, horizon)
    """
    known = np.isfinite(errors)
    count = len(np.unique(moments[known.any(axis=2)]))
    if count < fewest(coverage):
        return None
    sizes = _sizes(errors)  # (horizon, S)
    relative = errors / sizes
    low, high = [], []
    for s in range(errors.shape[2]):
        below, above = _ends(relative[..., s][known[..., s]], count, coverage)
        low.append(below)
        high.append(above)
    return ForecastIntervals(coverage, sizes * np.array(low), sizes * np.array(high), count)


def _sizes(errors: np.ndarray) -> np.ndarray:
    """Mean size of the errors at each step ahead (horizon, S); of few errors smoothed over neighbouring steps."""
    known = np.isfinite(errors)
    sums, counts = np.where(known, np.abs(errors), 0.0).sum(axis=0), known.sum(axis=0)
    reach = 0 if counts.min() >= ENOUGH else min(SMOOTHED, len(sums) // 4)
    kernel = np.ones(2 * reach + 1)
    smooth = [np.apply_along_axis(np.convolve, 0, np.pad(part, ((reach, reach), (0, 0)), "edge"), kernel, "valid")
              for part in (sums, counts.astype(np.float64))]  # fmt: skip
    sizes = smooth[0] / np.maximum(smooth[1], 1)
    return np.maximum(sizes, 1e-9 + 1e-3 * sizes.mean(axis=0))


def _ends(relative: np.ndarray, count: int, coverage: float) -> tuple[float, float]:
    """Quantiles of both sides where there are enough for each, else of the size alone."""
    tail = (1 - coverage) / 2
    if (share := (1 - tail) * (1 + 1 / count)) <= 1:
        low, high = np.quantile(relative, [1 - share, share])
        return min(float(low), 0.0), max(float(high), 0.0)
    reach = float(np.quantile(np.abs(relative), min(1.0, coverage * (1 + 1 / count))))
    return -reach, reach
