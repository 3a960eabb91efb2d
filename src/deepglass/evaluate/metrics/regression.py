"""How far numbers are from the truth: MSE, RMSE, MAE, median error, R², MAPE, bias.

RMSE and MAE are in the unit of the target; R² compares with always answering the mean. All but the median are
functions of means, so their intervals come from resampled means; the median's comes from order statistics.

References:
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy,
    https://doi.org/10.1016/j.ijforecast.2006.03.001
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score


def evaluate(predictions: np.ndarray, targets: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Every score of a regression, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        predictions: In the unit of the target.
        targets: The truth.
        seed: Of the bootstrap.

    Shape:
        - predictions, targets: (N,)

    Returns:
        The scores, and in "details" the "quantiles" of target and residual, records with share, target, residual.

    Raises:
        ShapeError: If the sizes differ.
        DataError: If there is no example, or a value is not finite.
    """
    predictions, targets = _checked(predictions, targets)
    errors = predictions - targets
    centred = targets - targets.mean()  # R² needs the variance; centring first keeps its digits
    columns = np.stack([errors**2, np.abs(errors), errors, centred, centred**2], axis=1)
    values = _from_means(columns.mean(axis=0, keepdims=True))
    spread = _from_means(intervals.resampled_means(columns, seed=seed))
    scores = {name: score(values[name][0], intervals.percentile_interval(spread[name])) for name in values}
    return {
        "kind": "regression",
        "count": len(targets),
        "headline": ["rmse", "mae", "r2"],
        **scores,
        "median_ae": score(np.median(np.abs(errors)), median_interval(np.abs(errors))),
        **_mape_score(errors, targets, seed),
        "details": {"quantiles": _quantiles(targets, errors)},
    }


def median_interval(values: np.ndarray) -> intervals.Interval:
    """Interval of the median from the values themselves: how many lie below it is a fair coin's count."""
    half = intervals.normal_quantile() * np.sqrt(len(values)) / 2
    low, high = np.floor(len(values) / 2 - half), np.ceil(len(values) / 2 + half)
    ordered = np.sort(values)
    return float(ordered[int(max(0, low))]), float(ordered[int(min(len(values) - 1, high))])


def relative_errors(errors: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
    """|error / target| (N,), or None where targets near zero or of both signs would make it mean nothing.

    "Near" is below a hundredth of the median size: one such row could outweigh all others.
    """
    sizes = np.abs(targets)
    if sizes.min() <= 0.01 * np.median(sizes) or targets.min() < 0 < targets.max():
        return None
    return np.abs(errors) / sizes


def _from_means(means: np.ndarray) -> dict[str, np.ndarray]:
    """Scores (R,) from the means of squared error, absolute error, error, target and squared target (R, 5)."""
    mse, mae, bias, target, target_square = means.T
    variance = target_square - target**2
    r2 = np.full_like(mse, np.nan)
    np.divide(variance - mse, variance, out=r2, where=variance > 0)
    return {"mse": mse, "rmse": np.sqrt(mse), "mae": mae, "r2": r2, "bias": bias}


def _mape_score(errors: np.ndarray, targets: np.ndarray, seed: int) -> dict[str, Any]:
    relative = relative_errors(errors, targets)
    if relative is None:
        return {}
    return {"mape": score(relative.mean(), intervals.mean_interval(relative, seed=seed))}


def _quantiles(targets: np.ndarray, errors: np.ndarray) -> list[dict[str, float]]:
    shares = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    of_target, of_error = np.quantile(targets, shares), np.quantile(errors, shares)
    return [{"share": s, "target": float(t), "residual": float(e)} for s, t, e in zip(shares, of_target, of_error)]


def _checked(predictions: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if predictions.shape != targets.shape or targets.ndim != 1:
        raise ShapeError(
            f"expected two arrays of one shape (N,), got predictions {predictions.shape}, targets {targets.shape}"
        )
    if len(targets) == 0:
        raise DataError("expected at least one example to judge, got none: make the test split larger")
    if not np.isfinite(predictions).all():
        raise DataError("some predictions are not numbers: the model has diverged; train with a lower learning rate")
    if not np.isfinite(targets).all():
        raise DataError("some targets are not numbers: leave out the rows without a target")
    return predictions.astype(np.float64), targets.astype(np.float64)
