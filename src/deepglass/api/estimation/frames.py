"""X as a frame whose columns the preprocessing of tables knows: numbers, truth values, dates, categories of words.

An array must be numeric. A frame may hold every type of pandas: nullable and Arrow types, categories, periods,
durations, decimals; sparse matrices are made dense while they are small.
"""

from decimal import Decimal
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import _check_feature_names, _check_n_features, validate_data

from deepglass.api.fitting.arrays import is_sparse, require_small
from deepglass.core.errors import DataError
from deepglass.core.wording import numbered


def frame_of(estimator: BaseEstimator, X: Any, reset: bool = True) -> pd.DataFrame:
    """X with the names of the columns that were fitted.

    Args:
        estimator: Remembers names and number of columns.
        X: An array, a frame (of pandas, or one that turns into one), or a sparse matrix.
        reset: Whether this is training.

    Raises:
        DataError: If a cell holds a list, or a sparse matrix is too large with its zeros.
        ValueError: If scikit-learn's own checks fail, as for an array with words.
    """
    X = X.to_pandas() if hasattr(X, "to_pandas") and not isinstance(X, pd.DataFrame) else X
    if isinstance(X, pd.DataFrame) and not has_plain_numbers(X):
        X = _with_names(X)
        _check_feature_names(estimator, X, reset=reset)
        _check_n_features(estimator, X, reset=reset)
        if not len(X):
            raise DataError("expected at least 1 row, found array with 0 sample(s): give rows")
        return pd.DataFrame({str(name): plain_column(X.iloc[:, i], str(name)) for i, name in enumerate(X.columns)})
    if is_sparse(X):
        require_small(X, "X", np.float64)
    array = validate_data(
        estimator, X, reset=reset, accept_sparse=True, dtype=np.float64, ensure_all_finite="allow-nan"
    )
    array = array.toarray() if is_sparse(array) else array
    names = getattr(estimator, "feature_names_in_", [f"x{i}" for i in range(array.shape[1])])
    return pd.DataFrame(array, columns=[str(name) for name in names])


def has_plain_numbers(frame: pd.DataFrame) -> bool:
    """Whether all columns are numbers of NumPy's types: then the frame is an array with names."""
    return all(isinstance(t, np.dtype) and t.kind in "iuf" for t in frame.dtypes)


def plain_column(column: pd.Series, name: str) -> pd.Series:
    """A column as numbers, truth values, dates, or categories of words; NaN or NaT where a cell is missing.

    Raises:
        DataError: If a cell holds a list, dict or array; names column and rows.
    """
    column = column.reset_index(drop=True).rename(name)
    kind: Any = column.dtype
    if isinstance(kind, pd.CategoricalDtype | pd.IntervalDtype):
        return _words(column)
    if isinstance(kind, pd.SparseDtype):
        return plain_column(column.sparse.to_dense(), name)
    if isinstance(kind, pd.PeriodDtype):
        return column.dt.to_timestamp()
    if pd.api.types.is_timedelta64_dtype(column):
        return column.dt.total_seconds().astype(np.float64)
    if pd.api.types.is_datetime64_any_dtype(column):
        times = pd.to_datetime(column)
        return times.dt.tz_convert("UTC").dt.tz_localize(None) if times.dt.tz is not None else times
    if pd.api.types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool)
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return _numbers(column, name)
    return _of_objects(column.astype(object), name)


def _of_objects(column: pd.Series, name: str) -> pd.Series:
    """Cells of any type: what all of them are decides."""
    present = column[column.notna().to_numpy()]
    odd = [i for i, cell in zip(present.index, present) if isinstance(cell, list | tuple | dict | set | np.ndarray)]
    if odd:
        cell = column.iloc[odd[0]]
        raise DataError(
            f"column {name!r} holds {type(cell).__name__}s such as {str(cell)[:40]} in "
            f"{numbered('row', [i + 1 for i in odd])}: expected one number, word or date per cell; put each part into "
            "a column of its own"
        )
    if len(present) == 0:
        return pd.Series(np.nan, index=column.index, name=name)
    if all(isinstance(cell, Number | Decimal) and not isinstance(cell, bool | np.bool_) for cell in present):
        return _numbers(column, name)
    if all(isinstance(cell, pd.Timestamp | np.datetime64) or hasattr(cell, "isoformat") for cell in present):
        times = pd.to_datetime(column, errors="coerce", utc=True)
        if times.notna().sum() == len(present):
            return times.dt.tz_localize(None)
    return _words(column)


def _numbers(column: pd.Series, name: str) -> pd.Series:
    try:
        cells = column.astype(object).map(float, na_action="ignore") if column.dtype == object else column
        return pd.Series(cells.to_numpy(np.float64, na_value=np.nan), name=name)
    except (TypeError, ValueError) as error:
        raise DataError(f"column {name!r} holds no real numbers ({error}): expected numbers; leave it out") from None


def _words(column: pd.Series) -> pd.Series:
    return column.astype(object).map(str, na_action="ignore").astype("category")


def _with_names(frame: pd.DataFrame) -> pd.DataFrame:
    """Names of several types are taken as words; scikit-learn allows one type only."""
    kinds = {type(name) for name in frame.columns}
    if len(kinds) > 1:
        frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    if (repeated := frame.columns[frame.columns.astype(str).duplicated()]).any():
        raise DataError(f"column {str(repeated[0])!r} occurs twice: rename one of them")
    return frame
