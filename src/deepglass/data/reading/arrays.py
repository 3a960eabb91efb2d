"""Arrays handed over in Python: X, or a pair (X, y).

X is a frame or an array of rows (N, F), pictures (N, H, W) or (N, H, W, C) of bytes, or a list of texts.
"""

from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images
from deepglass.data.reading.learnable import keep_classes
from deepglass.data.reading.table import from_frame

TARGET = "target"


def from_arrays(source: Any, config: DataConfig) -> Data:
    """Turn X or (X, y) into a table or pictures.

    Raises:
        DataError: If the shapes do not fit, or the dimensions are neither those of a table nor of pictures.
    """
    X, y = source if isinstance(source, tuple) and len(source) == 2 else (source, None)
    if not isinstance(X, pd.DataFrame):
        X = np.asarray(X)
    if y is not None and len(X) != len(y):
        raise DataError(f"X has {len(X):,} rows and y has {len(y):,}: expected as many")
    if isinstance(X, np.ndarray) and X.ndim in (3, 4):
        return chosen(_images(X, y), config)
    return _table(X, y, config)


def frame_of(source: Any) -> pd.DataFrame:
    """Rows X without a target, or a pair (X, y), as a frame.

    Raises:
        DataError: If the dimensions are not those of a table.
    """
    X, y = source if isinstance(source, tuple) and len(source) == 2 else (source, None)
    frame = X if isinstance(X, pd.DataFrame) else _frame(np.asarray(X))
    return frame if y is None else frame.assign(**{_target_name(frame, y): np.asarray(y)})


def _target_name(frame: pd.DataFrame, y: Any) -> str:
    name = str(getattr(y, "name", None) or TARGET)
    return name if name not in frame.columns else TARGET


def _table(X: pd.DataFrame | np.ndarray, y: Any, config: DataConfig) -> Data:
    frame = X if isinstance(X, pd.DataFrame) else _frame(X)
    table = from_frame(frame_of((X, y)) if y is not None else frame, "data", config)
    if y is not None:
        table.target = _target_name(frame, y)
    return table


def _frame(X: np.ndarray) -> pd.DataFrame:
    if X.ndim == 1 and X.dtype.kind in "UO":
        return pd.DataFrame({"text": X})
    if X.ndim != 2:
        raise DataError(
            f"X has shape {X.shape}: expected rows (N, features), pictures (N, H, W) or (N, H, W, channels), or texts"
        )
    return pd.DataFrame(X, columns=[f"feature_{number}" for number in range(1, X.shape[1] + 1)])


def _images(X: np.ndarray, y: Any) -> Images:
    pixels = X if X.ndim == 4 else X[..., None]  # (N, H, W) → (N, H, W, 1)
    if pixels.shape[-1] not in (1, 3):
        raise DataError(
            f"pictures have shape {X.shape}: expected (N, H, W) or (N, H, W, channels) with 1 or 3 channels"
        )
    if pixels.dtype != np.uint8:
        pixels = _bytes(pixels)
    if y is None:
        return Images("data", None, [], pixels.shape[-1], pixels=pixels)
    classes, labels = np.unique(np.asarray(y), return_inverse=True)
    return Images("data", labels.astype(np.int64), [str(name) for name in classes], pixels.shape[-1], pixels=pixels)


@acts_on("max_rows")
def chosen(images: Images, config: DataConfig) -> Images:
    """The pictures in memory that `--max-rows` and `--classes` keep: so many, evenly spread, and of these classes."""
    assert images.pixels is not None
    if config.max_rows is not None and config.max_rows < len(images):
        rows = np.linspace(0, len(images) - 1, config.max_rows).astype(int)
        images.pixels = images.pixels[rows]
        images.labels = images.labels if images.labels is None else images.labels[rows]
    keep_classes(images, config)
    return images


def _bytes(pixels: np.ndarray) -> np.ndarray:
    low, high = pixels.min(initial=0), pixels.max(initial=0)
    if low < 0 or high > 255 or not np.isfinite(high):
        raise DataError(f"pixels range from {low:g} to {high:g}: expected 0 to 1 or 0 to 255")
    return np.round(pixels * (255 if high <= 1 and pixels.dtype.kind == "f" else 1)).astype(np.uint8)
