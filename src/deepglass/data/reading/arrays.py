"""Arrays handed over in Python: X, or a pair (X, y).

X is a frame or an array of rows (N, F), pictures (N, H, W), (N, H, W, C) or (N, C, H, W) of any type, or a list of
texts. Pixels keep their values: what is black and what is white is decided from the training pictures alone.
"""

from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images
from deepglass.data.reading.learnable import keep_classes
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
        return chosen(from_picture_array(X, None if y is None else as_array(y), name), config)
    table = from_frame(frame_of((X, y)), name, config)
    if y is not None:
        table.target = _target_name(X if isinstance(X, pd.DataFrame) else _frame(X), y)
    return table


def frame_of(source: Any) -> pd.DataFrame:
    """Rows X without a target, or a pair (X, y), as a frame.

    Raises:
        DataError: If the dimensions are not those of a table.
    """
    X, y = source if isinstance(source, tuple) and len(source) == 2 else (source, None)
    frame = X if isinstance(X, pd.DataFrame) else _frame(as_array(X))
    return frame if y is None else frame.assign(**{_target_name(frame, y): np.asarray(y)})


@acts_on("max_rows")
def chosen(images: Images, config: DataConfig) -> Images:
    """The pictures in memory that `--max-rows` and `--classes` keep: so many, evenly spread, and of these classes."""
    assert images.pixels is not None
    if config.max_rows is not None and config.max_rows < len(images):
        rows = np.linspace(0, len(images) - 1, config.max_rows).astype(int)
        images.pixels = images.pixels[rows]
        images.labels = images.labels if images.labels is None else images.labels[rows]
    images.guesses += keep_classes(images, config).guesses
    return images


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


def _target_name(frame: pd.DataFrame, y: Any) -> str:
    name = str(getattr(y, "name", None) or TARGET)
    return name if name not in frame.columns else TARGET


def _frame(X: np.ndarray) -> pd.DataFrame:
    if X.ndim == 1 and X.dtype.kind in "UO":
        return pd.DataFrame({"text": X})
    if X.ndim != 2:
        raise DataError(
            f"X has shape {X.shape}: expected rows (N, features), pictures (N, H, W), (N, H, W, channels) or "
            "(N, channels, H, W), or texts"
        )
    return pd.DataFrame(X, columns=[f"feature_{number}" for number in range(1, X.shape[1] + 1)])
