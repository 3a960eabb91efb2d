"""How far forecasts are from what came: MASE, sMAPE, MAE, RMSE, each step ahead and each series by itself.

    MASE = mean |forecast − truth| / mean |yₜ − yₜ₋ₘ| over the training data, m the season

Below 1 a forecast beats repeating the last season. Windows that overlap err together, so intervals resample whole
blocks of windows.

References:
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy (MASE),
    https://doi.org/10.1016/j.ijforecast.2006.03.001
    Makridakis (1993), Accuracy measures: theoretical and practical concerns (sMAPE)
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

HOUR, DAY, WEEK, YEAR = 3600.0, 86400.0, 604800.0, 365.25 * 86400.0  # seconds
SEASON_CONTRAST = 0.2  # autocorrelation a season must stand out by; noise of 100 values stays below it


def evaluate(
    predictions: np.ndarray,
    targets: np.ndarray,
    scale_per_series: np.ndarray,
    names: list[str],
    *,
    deviations: np.ndarray | None = None,
    block: int | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Every score of a forecast, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        predictions: N windows in order of time, H steps ahead, S series, in the unit of the series.
        targets: What came.
        scale_per_series: From `seasonal_scale` on the training data; a series without a scale has no MASE.
        names: Of the series.
        deviations: Standard deviation of each series in training; adds errors in those units, as papers report.
        block: How many neighbouring windows err together; H by default, as windows begin at every step.
        seed: Of the bootstrap.

    Shape:
        - predictions, targets: (N, H, S)
        - scale_per_series, deviations: (S,)

    Returns:
        The scores, and in "details": "per_horizon", records with step, mae, rmse; "per_series", records with name,
        mase, smape, mae, rmse. Intervals are None where there are too few windows to tell (under two blocks).

    Raises:
        ShapeError: If the sizes do not fit each other.
        DataError: If there is no window, or a value is not finite.
    """
    _check(predictions, targets, scale_per_series, names)
    errors = predictions.astype(np.float64) - targets  # (N, H, S)
    windows = _window_scores(errors, predictions, targets, scale_per_series, deviations)
    width = errors.shape[1] if block is None else block
    scores = {name: _block_score(values, width, seed) for name, values in windows.items()}
    rmse = {end: None if value is None else np.sqrt(value) for end, value in scores["mse"].items()}
    return {
        "kind": "forecasting",
        "count": len(errors),
        "headline": ["mase", "mae", "rmse"],
        **scores,
        "rmse": rmse,
        "details": {
            "per_horizon": per_horizon(errors),
            "per_series": per_series(errors, predictions, targets, scale_per_series, names),
        },
    }


def seasonal_scale(train: np.ndarray, season: int) -> np.ndarray:
    """Mean |yₜ − yₜ₋ₘ| of each training series: the error of repeating the last season.

    Series shorter than two seasons are scaled by their last value (m = 1); missing values are passed over. A
    series that never changes has no scale: NaN.

    Shape:
        - train: (T, S)
        - output: (S,)
    """
    lag = season if len(train) > 2 * season else 1
    changes = np.abs(train[lag:] - train[:-lag])  # (T − m, S)
    known = ~np.isnan(changes)
    scale = np.where(known, changes, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(scale > 0, scale, np.nan)


def season_length(values: np.ndarray, step_seconds: float | None = None) -> int:
    """Guess after how many steps a series repeats: 24 for hours, 12 for months, ...; 1 where nothing repeats.

    The time step proposes (an hour, a day, a week, a year, as steps), the autocorrelation decides: one season
    apart values must resemble each other more than half a season apart. Without a time step every length up to a
    third of the series is proposed. A shorter season wins unless a longer one is clearly better.

    Args:
        values: One series (T,), gaps as NaN.
        step_seconds: Time between two values.

    Example:
        >>> season_length(np.sin(np.arange(240) * 2 * np.pi / 12), step_seconds=30.4 * DAY)
        12
    """
    correlation = autocorrelation(values)
    longest = len(values) // 3
    if step_seconds:
        lengths = sorted({round(period / step_seconds) for period in (HOUR, DAY, WEEK, YEAR)})
    else:
        lengths = [lag for lag in range(2, longest) if _is_peak(correlation, lag)]
    best, best_contrast = 1, SEASON_CONTRAST - 0.1
    for length in lengths:
        if 2 <= length <= longest:
            contrast = correlation[length] - correlation[length // 2 : (length + 1) // 2 + 1].mean()
            if contrast > best_contrast + 0.1 and correlation[length] > 0:
                best, best_contrast = length, contrast
    return best


def autocorrelation(values: np.ndarray) -> np.ndarray:
    """Correlation of a series with itself at lags 0 … T/2, its straight trend removed, gaps filled by that trend."""
    time = np.arange(len(values), dtype=np.float64)
    known = np.isfinite(values)
    if known.sum() < 3:
        return np.zeros(len(values) // 2 + 1)
    slope, start = np.polyfit(time[known], values[known], 1)
    rest = np.where(known, values - (slope * time + start), 0.0)
    spectrum = np.fft.rfft(rest, 2 * len(rest))  # padded, so that the end does not meet the beginning
    covariance = np.fft.irfft(np.abs(spectrum) ** 2)[: len(rest) // 2 + 1]
    covariance /= np.arange(len(rest), len(rest) - len(covariance), -1)  # each lag has its own number of pairs
    scale = np.abs(values[known]).max() ** 2
    return covariance / covariance[0] if covariance[0] > 1e-12 * scale else np.zeros_like(covariance)


def smape(predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """2·|forecast − truth| / (|forecast| + |truth|), value by value: 0 to 2, and 0 where both are zero."""
    size = np.abs(predictions) + np.abs(targets)
    return np.divide(2 * np.abs(predictions - targets), size, out=np.zeros(size.shape), where=size > 0)


def per_horizon(errors: np.ndarray) -> list[dict[str, Any]]:
    """Errors at each step ahead, over all windows and series: how fast a forecast fades."""
    mae, mse = np.abs(errors).mean(axis=(0, 2)), (errors**2).mean(axis=(0, 2))  # (H,)
    return [{"step": h + 1, "mae": float(mae[h]), "rmse": float(np.sqrt(mse[h]))} for h in range(len(mae))]


def per_series(
    errors: np.ndarray, predictions: np.ndarray, targets: np.ndarray, scale: np.ndarray, names: list[str]
) -> list[dict[str, Any]]:
    """Errors of each series, over all windows and steps."""
    mae, mse = np.abs(errors).mean(axis=(0, 1)), (errors**2).mean(axis=(0, 1))  # (S,)
    relative = smape(predictions, targets).mean(axis=(0, 1))
    return [
        {
            "name": names[s],
            "mase": float(mae[s] / scale[s]) if scale[s] > 0 else None,
            "smape": float(relative[s]),
            "mae": float(mae[s]),
            "rmse": float(np.sqrt(mse[s])),
        }
        for s in range(len(names))
    ]


def _window_scores(
    errors: np.ndarray, predictions: np.ndarray, targets: np.ndarray, scale: np.ndarray, deviations: np.ndarray | None
) -> dict[str, np.ndarray]:
    """What each window contributes to each score (N,)."""
    scaled = np.abs(errors) / scale  # (N, H, S)
    has_scale = np.isfinite(scaled[0, 0])
    scores = {
        "mase": scaled[..., has_scale].mean(axis=(1, 2)) if has_scale.any() else np.full(len(errors), np.nan),
        "smape": smape(predictions, targets).mean(axis=(1, 2)),
        "mae": np.abs(errors).mean(axis=(1, 2)),
        "mse": (errors**2).mean(axis=(1, 2)),
    }
    if deviations is not None:
        standard = errors / deviations
        scores["mse_standardized"] = (standard**2).mean(axis=(1, 2))
        scores["mae_standardized"] = np.abs(standard).mean(axis=(1, 2))
    return scores


def _block_score(values: np.ndarray, block: int, seed: int) -> dict[str, float | None]:
    if len(values) < 2 * block:
        return score(values.mean())
    return score(values.mean(), intervals.percentile_interval(intervals.block_means(values, block, seed=seed)))


def _is_peak(correlation: np.ndarray, lag: int) -> bool:
    return correlation[lag] >= correlation[lag - 1] and correlation[lag] >= correlation[lag + 1]


def _check(predictions: np.ndarray, targets: np.ndarray, scale: np.ndarray, names: list[str]) -> None:
    if predictions.ndim != 3 or predictions.shape != targets.shape:
        raise ShapeError(
            f"expected predictions and targets of one shape (windows, horizon, series), got {predictions.shape} and "
            f"{targets.shape}"
        )
    if len(scale) != targets.shape[2] or len(names) != targets.shape[2]:
        raise ShapeError(f"expected {targets.shape[2]} scales and names, got {len(scale)} and {len(names)}")
    if len(targets) == 0:
        raise DataError("expected at least one window to judge, got none: give a longer series or a shorter horizon")
    if not (np.isfinite(predictions).all() and np.isfinite(targets).all()):
        raise DataError("some forecasts or values are not numbers: fill the gaps first, or lower the learning rate")
