"""By what series are measured: how far each of them swings, and how far it is from a season to the next."""

import numpy as np

from deepglass.data.preprocess.series import Series

FEWEST_OF_A_SERIES = 3  # values in training from which the scale of a series is taken


def spreads(series: Series, num_targets: int, train: np.ndarray | None) -> np.ndarray:
    """(series, targets) the standard deviation of each series, or a tenth of its mean size where that is larger.

    Args:
        train: Which rows (T,) count; None takes all. A series with too few takes what is usual among the others.
    """
    values = series.values[:, :num_targets]
    known = np.isfinite(values) & (True if train is None else train[:, None])
    filled_in, begin = np.where(known, values, 0.0), series.starts[:-1]
    count = np.add.reduceat(known, begin)
    mean, square, size = (
        np.add.reduceat(part, begin) / np.maximum(count, 1) for part in (filled_in, filled_in**2, np.abs(filled_in))
    )
    spread = np.maximum(np.sqrt(np.maximum(square - mean**2, 0.0)), 0.1 * size)
    usual = np.nanmedian(np.where(spread > 0, spread, np.nan), axis=0) if (spread > 0).any() else np.ones(num_targets)
    is_own = (count >= FEWEST_OF_A_SERIES) & (spread > 0) if train is not None else spread > 0
    return np.where(is_own, spread, np.nan_to_num(usual, nan=1.0))


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
