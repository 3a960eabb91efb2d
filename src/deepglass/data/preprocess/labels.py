"""Class names to positions and back; the classes are those of the data, in a stable order."""

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.wording import listing


def class_names(column: pd.Series) -> list[str]:
    """The classes of a column: numbers by size, words by letter.

    Example:
        >>> class_names(pd.Series([10, 9, 10]))
        ['9', '10']
    """
    present = column.dropna()
    values = present.astype("str") if isinstance(present.dtype, pd.CategoricalDtype) else present
    return [_name(value) for value in sorted(values.unique().tolist())]


def encode_labels(column: pd.Series, classes: list[str]) -> np.ndarray:
    """The position of each cell in `classes`, (N,) int64.

    Raises:
        DataError: If a cell is missing or of an unknown class; names column and rows.
    """
    position = {name: i for i, name in enumerate(classes)}
    codes = np.array([-1 if pd.isna(cell) else position.get(_name(cell), -1) for cell in column], np.int64)
    if (codes < 0).any():
        rows = np.flatnonzero(codes < 0)
        found = listing(dict.fromkeys(repr(cell) for cell in column.iloc[rows]))
        raise DataError(
            f"column {column.name!r} has values that are no class in rows {listing(rows + 1)}: {found}; expected one "
            f"of {listing(classes, 20)}; correct or remove these rows"
        )
    return codes


def _name(value: object) -> str:
    """1.0 → "1": whole numbers become floats where a cell is missing, and stay the same class."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
