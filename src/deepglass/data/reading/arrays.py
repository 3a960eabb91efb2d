"""Arrays handed over in Python: X, or a pair (X, y).

X is a frame or an array of rows (N, F), pictures (N, H, W), (N, H, W, C) or (N, C, H, W) of any type, or a list of
texts. Pixels keep their values: what is black and what is white is decided from the training pictures alone.
"""

from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.reading.picture_arrays import from_picture_array
from deepglass.data.reading.table import from_frame

TARGET = "target"


def from_arrays(source: Any, config: DataConfig, name: str = "data") -> Data:
    """Turn X or (X, y) into a table or pictures.

    Raises:
        DataError: If the shapes do not fit, or the dimensions are neither those of a table nor of pictures.
    """
    X, y = source if isinstance(source, tuple) and len(source) == 2 else (source, None)
    if not isinstance(X, pd.DataFrame):
        X = as_array(X)
    if y is not None and len(X) != len(y):
        raise DataError(f"X has {len(X):,} rows and y has {len(y):,}: expected as many")
    if isinstance(X, np.ndarray) and X.ndim >= 3:
        return from_picture_array(X[: config.max_rows], None if y is None else as_array(y)[: config.max_rows], name)
    return _table(X, y, config, name)


def as_array(values: Any) -> np.ndarray:
    """An array of whatever NumPy can make one of.

    Raises:
        DataError: If rows or pictures have different sizes.
    """
    try:
        if isinstance(values, list | tuple) and values and hasattr(values[0], "getbands"):  # Pillow's pictures
            values = [np.asarray(picture) for picture in values]
        return np.asarray(values)
    except ValueError:
        raise DataError(
            "the arrays are of different sizes: expected one size; scale pictures first, or put them into a folder, "
            "whose files may have any size"
        ) from None


def _table(X: pd.DataFrame | np.ndarray, y: Any, config: DataConfig, name: str) -> Data:
    frame = X if isinstance(X, pd.DataFrame) else _frame(X)
    if y is not None:
        target = str(getattr(y, "name", None) or TARGET)
        target = target if target not in frame.columns else TARGET
        frame = frame.assign(**{target: np.asarray(y)})
    table = from_frame(frame, name, config)
    if y is not None:
        table.target = target
    return table


def _frame(X: np.ndarray) -> pd.DataFrame:
    if X.ndim == 1 and X.dtype.kind in "UO":
        return pd.DataFrame({"text": X})
    if X.ndim != 2:
        raise DataError(
            f"X has shape {X.shape}: expected rows (N, features), pictures (N, H, W), (N, H, W, channels) or "
            "(N, channels, H, W), or texts"
        )
    return pd.DataFrame(X, columns=[f"feature_{number}" for number in range(1, X.shape[1] + 1)])
