"""Intervals around forecasts, from the errors on the validation part: split conformal prediction, step by step ahead.

    interval = forecast + swing · size(step) · [low, high],   low and high: quantiles of error / swing / size(step)

Errors are measured by how far the series swings (`Windows.swings`), pooled over steps and series once each step has
its own size, and the quantiles are widened for their number (n + 1 in the place of n). No training is needed and any
forecaster will do.
Time goes on, so the promise is one of calibration and not a guarantee: the test measures what it is worth.

Where the same truth comes again and again (counts, amounts that are often zero), two things are done otherwise. A quiet
past does not make an interval narrow: it would end a trifle above zero, and zero is what comes. And a quantile would
fall on one of the ties, all of which are lost as soon as a forecast lies a little higher: ties are therefore spread,
downwards for the lower end and upwards for the upper, as far as the next value that could have come. Both ends then
move inwards together as long as enough truths lie well between them (the sets are nested).

References:
    Vovk, Gammerman & Shafer (2005), Algorithmic Learning in a Random World
    Stankevičiūtė, Alaa & van der Schaar (2021), Conformal Time-Series Forecasting, https://arxiv.org/abs/2106.03870
    (a quantile of the errors at each step ahead)
    Gupta, Kuchibhotla & Ramdas (2022), Nested Conformal Prediction, https://arxiv.org/abs/1910.10562
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.state import read, require, require_between

ENOUGH = 50  # errors at every step ahead by which its size is told without its neighbours
SMOOTHED = 3  # steps to each side over which the size of an error is averaged
COARSE = 10.0  # whole numbers: where errors are larger than so many, hardly any two of them tie
SAME = 1e-3  # of an error, within which truths are the same: they are kept in float32
TAILS = np.linspace(0.0, 0.5, 501)  # that are tried where truths tie
MARGIN = 0.1  # of the way to the next value, by which a truth must lie inside: later forecasts lie a little elsewhere
GOLDEN = (5**0.5 - 1) / 2  # its multiples are spread evenly, whichever of them are taken


@dataclass(frozen=True)
class ForecastIntervals:
    """How far below and above a forecast the truth lies in a share `coverage` of all cases.

    Args:
        coverage: Such as 0.8.
        low, high: In swings of a window, at each step ahead.
        count: Times of the validation part that they were learnt from.
        is_steady: Whether an interval is as wide after a quiet past as after any other.

    Shape:
        - low, high: (horizon, series); is_steady: (series,)
    """

    coverage: float
    low: np.ndarray
    high: np.ndarray
    count: int
    is_steady: np.ndarray

    def around(self, forecasts: np.ndarray, windows: Any, lowest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends (N, horizon, S) in the unit of the data.

        Args:
            forecasts: (N, horizon, S).
            windows: That were forecast.
            lowest: (S,) the smallest possible values, NaN where there are none.
        """
        swings = swings_of(windows, self.is_steady)
        ends = (forecasts + swings * offset for offset in (self.low, self.high))
        return tuple(np.fmax(end, lowest) for end in ends)  # type: ignore[return-value]

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        ends = {"low": self.low.tolist(), "high": self.high.tolist()}
        return {"coverage": self.coverage, **ends, "count": self.count, "is_steady": self.is_steady.tolist()}

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
        is_steady = np.array(read(state, "is_steady", list[bool], [False] * low.shape[1]), bool)
        require(is_steady.shape == low.shape[1:], "whether each series is steady")
        return cls(coverage, low, high, read(state, "count", int), is_steady)


def fewest(coverage: float) -> int:
    """Errors without which no such interval can be told: the largest of n errors is exceeded once in n + 1 times."""
    return int(np.ceil(round(coverage / (1 - coverage), 6)))


def learnt_from(
    windows: Any, forecasts: np.ndarray, moments: np.ndarray, lowest: np.ndarray, coverage: float
) -> ForecastIntervals | None:
    """Learn intervals from forecasts and what came; None where there is too little.

    Args:
        windows: That were forecast, none of them learnt from.
        forecasts: In the unit of the data.
        moments: The time that each value is for.
        lowest: (S,) the smallest possible values, NaN where there are none.
        coverage: In (0, 1).

    Shape:
        - forecasts: (N, horizon, S); moments: (N, horizon)
    """
    truths = windows.futures().numpy()
    errors = truths - forecasts
    gaps = gaps_of(truths, errors, lowest, (1 - coverage) / 2)
    swings = swings_of(windows, gaps.any(axis=(0, 1, 2)))
    return intervals_of(errors / swings, moments, coverage, gaps / swings)


def swings_of(windows: Any, is_steady: np.ndarray) -> np.ndarray:
    """(N, 1, S) what intervals are measured by, in the unit of the data: the deviation of each past, or of training."""
    return np.where(is_steady, windows.deviations().numpy(), windows.swings().numpy())


def intervals_of(
    errors: np.ndarray, moments: np.ndarray, coverage: float, gaps: np.ndarray | None = None
) -> ForecastIntervals | None:
    """Learn intervals from errors; None where there are too few.

    Args:
        errors: Truth less forecast, in swings of each window; NaN where nothing is known.
        moments: The time that each value is for; errors of one time in one series count once.
        coverage: In (0, 1).
        gaps: From each truth to the next value below and above it, in swings as well; 0 where it hardly ever ties.

    Shape:
        - errors: (N, horizon, S); moments: (N, horizon); gaps: (2, N, horizon, S)
    """
    gaps = np.zeros((2, *errors.shape)) if gaps is None else gaps
    known = np.isfinite(errors)
    count = len(np.unique(moments[known.any(axis=2)]))
    if count < fewest(coverage):
        return None
    sizes = _sizes(errors)  # (horizon, S)
    relative, gaps = errors / sizes, gaps / sizes
    ties = gaps.any(axis=(0, 1, 2))
    low, high = [], []
    for s, there in enumerate(np.moveaxis(known, 2, 0)):
        own = relative[..., s][there]
        ends = _ends_of_ties(own, gaps[:, there, s], count, coverage) if ties[s] else _ends(own, count, coverage)
        low.append(ends[0])
        high.append(ends[1])
    return ForecastIntervals(coverage, sizes * np.array(low), sizes * np.array(high), count, ties)


def gaps_of(truths: np.ndarray, errors: np.ndarray, lowest: np.ndarray, tail: float) -> np.ndarray:
    """(2, N, horizon, S) from each truth to the next value below and above it; 0 where truths hardly ever tie.

    Of small whole numbers it is 1. Of others the smallest possible value may come again and again, as often as a tail
    of the interval is wide: what lies below it is thought of as far away as forecasts usually err.

    Args:
        truths, errors: (N, horizon, S) in the unit of the data, NaN where nothing is known.
        lowest: (S,) the smallest possible values, NaN where there are none.
        tail: Share of the truths that may lie below an interval.
    """
    found = np.zeros((2, *truths.shape))
    for s in range(truths.shape[2]):
        known = np.isfinite(truths[..., s])
        values, size = truths[..., s][known], float(np.abs(errors[..., s][known]).mean()) if known.any() else 0.0
        is_lowest = np.abs(truths[..., s] - lowest[s]) < SAME * size
        if size < COARSE and np.allclose(values, np.round(values), rtol=SAME**2, atol=SAME):
            found[..., s] = 1.0
        elif is_lowest.sum() > tail * len(values):
            found[0, ..., s] = np.where(is_lowest, size, 0.0)
    return found


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


def _ends_of_ties(relative: np.ndarray, gaps: np.ndarray, count: int, coverage: float) -> tuple[float, float]:
    """Both ends for errors (n,) of which many are the same, with the gaps (2, n) around their truths."""
    spread = gaps * (np.arange(len(relative)) * GOLDEN % 1)
    lows = np.minimum(np.quantile(relative - spread[0], TAILS), 0.0)
    highs = np.maximum(np.quantile(relative + spread[1], 1 - TAILS), 0.0)
    least, most = np.sort(relative - MARGIN * gaps[0]), np.sort(relative + MARGIN * gaps[1])
    outside = np.searchsorted(least, lows, "left") + len(relative) - np.searchsorted(most, highs, "right")
    wanted = min(1.0, coverage * (1 + 1 / count)) * len(relative)
    last = max(0, int((len(relative) - outside >= wanted).sum()) - 1)
    return float(lows[last]), float(highs[last])
