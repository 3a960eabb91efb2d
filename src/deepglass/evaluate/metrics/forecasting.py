"""How far forecasts are from what came: MASE, sMAPE, MAE, RMSE, each step ahead and each series by itself.

    MASE = mean |forecast − truth| / mean |yₜ − yₜ₋ₘ| over the training data, m the season

Of many series both means are taken over all of them: a series that hardly moved in training shall not decide. What is
not known of a future (NaN) is not scored. Windows that overlap err together, so intervals resample whole blocks of
windows; where all windows of many series begin at the same few times, they resample series.

References:
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy (MASE),
    https://doi.org/10.1016/j.ijforecast.2006.03.001
    Makridakis (1993), Accuracy measures: theoretical and practical concerns (sMAPE)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

FEWEST_SERIES = 5  # that are resampled: fewer say little of others
MOST_SERIES = 1_000  # of many that are listed one by one


@dataclass(frozen=True)
class Judged:
    """Windows to be judged, in the unit of the series.

    Args:
        predictions: N windows, H steps ahead, S series that are forecast together.
        targets: What came; NaN where nobody knows.
        scale: The error of repeating the last season in training, as `data/series/scales.py` gives it; NaN has no MASE.
        names: Of the S series; or, of a long table, of the groups.
        group: Which group each window belongs to, where there are several.
        begins: When each window begins: windows of one moment err together; their order by default.
        deviations: Standard deviation of each series in training; adds errors in those units, as papers report.
        lower, upper: Ends of an interval around each prediction, where there is one.

    Shape:
        - predictions, targets, lower, upper: (N, H, S); scale, deviations: (S,) or (N, S); group, begins: (N,)
    """

    predictions: np.ndarray
    targets: np.ndarray
    scale: np.ndarray
    names: list[str]
    group: np.ndarray | None = None
    begins: np.ndarray | None = None
    deviations: np.ndarray | None = None
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None

    @property
    def errors(self) -> np.ndarray:
        """Forecast less truth (N, H, S), float64."""
        return self.predictions.astype(np.float64) - self.targets

    def per_window(self, values: np.ndarray) -> np.ndarray:
        """Values of a series (S,) or of each window's series (N, S) → (N, 1, S)."""
        return np.broadcast_to(values, (len(self.predictions), self.predictions.shape[2]))[:, None]


def evaluate(judged: Judged, *, block: int | None = None, seed: int = 0) -> dict[str, Any]:
    """Every score of a forecast, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        judged: Forecasts and what came.
        block: How many neighbouring windows err together; H by default, as windows begin at every step.
        seed: Of the bootstrap.

    Returns:
        The scores, and in "details": "per_horizon", records with step, mae, rmse and, with an interval around the
        forecasts, coverage; "per_series", records with name, count, mase, smape, mae, rmse, the best first where
        there are many. Intervals are None where there are too few windows to tell (under two blocks).

    Raises:
        ShapeError: If the sizes do not fit each other.
        DataError: If there is no window, nothing known of the futures, or a forecast is not finite.
    """
    _check(judged)
    values = _values(judged)
    resample = _resampler(judged, judged.targets.shape[1] if block is None else block, seed)
    weights = {"mase": judged.per_window(judged.scale)} if judged.group is not None else {}
    found = {name: _score(part, resample, weights.get(name)) for name, part in values.items()}
    rmse = {end: None if value is None else np.sqrt(value) for end, value in found["mse"].items()}
    return {
        "kind": "forecasting",
        "count": len(judged.targets),
        "headline": ["mase", "mae", "rmse"],
        **found,
        "rmse": rmse,
        "details": {"per_horizon": _per_horizon(values), "per_series": _per_series(judged, values)},
    }


def smape(predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """2·|forecast − truth| / (|forecast| + |truth|), value by value: 0 to 2, and 0 where both are zero."""
    size = np.abs(predictions) + np.abs(targets)
    return np.divide(2 * np.abs(predictions - targets), size, out=np.zeros(size.shape), where=~(size <= 0))


def _values(judged: Judged) -> dict[str, np.ndarray]:
    """What each value of each window contributes to each score (N, H, S); NaN where nothing is known."""
    errors = judged.errors
    values = {
        "mase": np.abs(errors) / judged.per_window(judged.scale),
        "smape": smape(judged.predictions, judged.targets),
        "mae": np.abs(errors),
        "mse": errors**2,
    }
    if judged.deviations is not None:
        standard = errors / judged.per_window(judged.deviations)
        values |= {"mse_standardized": standard**2, "mae_standardized": np.abs(standard)}
    if judged.lower is not None and judged.upper is not None:
        is_within = (judged.lower <= judged.targets) & (judged.targets <= judged.upper)
        known = np.isfinite(judged.targets)
        values["coverage"] = np.where(known, is_within, np.nan)
        values["interval_width"] = np.where(known, judged.upper - judged.lower, np.nan)
    return values


@dataclass(frozen=True)
class _Resampler:
    """Draws what errs together, together: blocks of moments, or whole series; None where there is too little."""

    unit_of: np.ndarray | None  # (N,)
    block: int
    seed: int

    def interval(self, sums: np.ndarray, counts: np.ndarray) -> intervals.Interval | tuple[None, None]:
        """Of a mean of which each window has a part: sums and counts (N,)."""
        if self.unit_of is None:
            return None, None
        sums, counts = np.bincount(self.unit_of, sums), np.bincount(self.unit_of, counts)
        means = [intervals.block_means(part, self.block, seed=self.seed) for part in (sums, counts)]
        return intervals.percentile_interval(means[0] / np.maximum(means[1], 1e-300))


def _resampler(judged: Judged, block: int, seed: int) -> _Resampler:
    count = len(judged.targets)
    moments = np.arange(count) if judged.begins is None else np.unique(judged.begins, return_inverse=True)[1]
    if moments.max() + 1 >= 2 * block:
        return _Resampler(moments, block, seed)
    if judged.group is not None and len(np.unique(judged.group)) >= FEWEST_SERIES:
        return _Resampler(np.unique(judged.group, return_inverse=True)[1], 1, seed)
    return _Resampler(None, block, seed)


def _score(values: np.ndarray, resample: _Resampler, weights: np.ndarray | None = None) -> dict[str, float | None]:
    """The mean of values (N, H, S), NaN left out; with weights (N, 1, S) the weighted one."""
    known = np.isfinite(values)
    weight = known * (1.0 if weights is None else np.nan_to_num(weights))
    sums, counts = (np.where(known, values, 0.0) * weight).sum(axis=(1, 2)), weight.sum(axis=(1, 2))
    if not counts.sum():
        return score(None)
    return score(sums.sum() / counts.sum(), resample.interval(sums, counts))


def _per_horizon(values: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Errors at each step ahead, over all windows and series: how fast a forecast fades."""
    mae, mse = (_mean(values[name], (0, 2)) for name in ("mae", "mse"))  # (H,)
    rows: list[dict[str, Any]] = [
        {"step": h + 1, "mae": _plain(mae[h]), "rmse": _plain(np.sqrt(mse[h]))} for h in range(len(mae))
    ]
    if "coverage" in values:
        for row, share in zip(rows, _mean(values["coverage"], (0, 2)), strict=True):
            row["coverage"] = _plain(share)
    return rows


def _per_series(judged: Judged, values: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Errors of each series, over all windows and steps; of many the best by MASE first."""
    names = ("mase", "smape", "mae", "mse", *(("coverage",) if "coverage" in values else ()))
    if judged.group is None:
        means = {name: _mean(values[name], (0, 1)) for name in names}
        return [_record(judged.names[s], means, s) for s in range(len(judged.names))]
    present, place = np.unique(judged.group, return_inverse=True)
    means = {name: _mean_by(values[name], place, len(present)) for name in names}
    counts = np.bincount(place)
    rows = [_record(judged.names[g], means, i) | {"count": int(counts[i])} for i, g in enumerate(present.tolist())]
    rows.sort(key=lambda row: (row["mase"] is None, row["mase"]))
    return rows if len(rows) <= MOST_SERIES else rows[: MOST_SERIES // 2] + rows[-MOST_SERIES // 2 :]


def _record(name: str, means: dict[str, np.ndarray], i: int) -> dict[str, Any]:
    row = {"name": name} | {key: _plain(means[key][i]) for key in means if key != "mse"}
    return row | {"rmse": _plain(np.sqrt(means["mse"][i]))}


def _mean(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    known = np.isfinite(values)
    count = known.sum(axis=axes)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=axes) / np.maximum(count, 1), np.nan)


def _mean_by(values: np.ndarray, place: np.ndarray, count: int) -> np.ndarray:
    """Means over the windows of each group (groups,)."""
    known = np.isfinite(values)
    sums = np.bincount(place, np.where(known, values, 0.0).sum(axis=(1, 2)), minlength=count)
    counts = np.bincount(place, known.sum(axis=(1, 2)), minlength=count)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _plain(value: Any) -> float | None:
    """As JSON can hold it."""
    return float(value) if np.isfinite(value) else None


def _check(judged: Judged) -> None:
    predictions, targets = judged.predictions, judged.targets
    if predictions.ndim != 3 or predictions.shape != targets.shape:
        raise ShapeError(
            f"expected predictions and targets of one shape (windows, horizon, series), got {predictions.shape} and "
            f"{targets.shape}"
        )
    if (judged.group is None and len(judged.names) != targets.shape[2]) or judged.scale.shape[-1] != targets.shape[2]:
        raise ShapeError(
            f"expected {targets.shape[2]} scales and names, got {judged.scale.shape[-1]} and {len(judged.names)}"
        )
    if len(targets) == 0:
        raise DataError("expected at least one window to judge, got none: give a longer series or a shorter horizon")
    if not np.isfinite(predictions).all() or np.isinf(targets).any():
        raise DataError("some forecasts or values are not numbers: fill the gaps first, or lower the learning rate")
    if np.isnan(targets).all():
        raise DataError("nothing is known of any future: there is nothing to compare the forecasts with")
