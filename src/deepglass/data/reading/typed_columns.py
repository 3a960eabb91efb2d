"""Columns that arrive with a type, from pandas, Arrow, Parquet or JSON: what each type means here.

whole numbers, fractions, decimals, nullable or not   numbers
durations                                             numbers, in hours
dates, timestamps with and without a zone, periods    dates (with a zone, in UTC)
truth values                                          truth values, with gaps words
categories                                            words, whatever they are made of
strings, objects, lists, times of day                 words to be looked at
"""

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from deepglass.core.errors import DataError

NUMBERS = (int, float, decimal.Decimal, np.integer, np.floating)


def plain(column: pd.Series) -> pd.Series:
    """The column in NumPy's types, as datetime64 (perhaps with a zone), or as words (str, object, category).

    Raises:
        DataError: If it holds complex numbers.
    """
    dtype: Any = column.dtype
    if isinstance(dtype, pd.SparseDtype):
        column = column.sparse.to_dense()
    elif isinstance(dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    elif isinstance(dtype, pd.ArrowDtype):
        column = _from_arrow(column)
    elif is_objects(column):
        column = _from_objects(column)
    elif isinstance(dtype, pd.BooleanDtype):
        column = column.astype(object if column.isna().any() else bool)
    elif pd.api.types.is_extension_array_dtype(dtype) and pd.api.types.is_numeric_dtype(dtype):
        column = column.astype("float64" if column.isna().any() else dtype.numpy_dtype)
    if pd.api.types.is_complex_dtype(column.dtype):
        raise DataError(
            f"column {column.name!r} holds complex numbers: expected real ones; give real and imaginary part"
        )
    return column


def taken_apart(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns of a frame, so that each can be let go when it is done with.

    To pop one column of a frame after the other would take time by the square of their number.
    """
    return {str(name): frame[name] for name in frame.columns}  # pyright: ignore[reportReturnType]


def typed_numbers(column: pd.Series) -> tuple[pd.Series | None, pd.Series]:
    """Of a column that mixes them: the cells that are numbers already, and the others; gaps in the place of each."""
    if not is_objects(column):
        return None, column
    is_number = column.map(lambda cell: isinstance(cell, NUMBERS) and not isinstance(cell, bool)).to_numpy(bool)
    if not is_number.any():
        return None, column
    numbers = pd.Series(np.nan, index=column.index)
    numbers[is_number] = [float(cell) for cell in column[is_number]]
    return numbers, column.where(~is_number, None)


def is_words(column: pd.Series) -> bool:
    """Whether the cells of a plain column are still to be looked at."""
    dtype = column.dtype
    is_time = pd.api.types.is_datetime64_any_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype)
    is_typed = pd.api.types.is_numeric_dtype(dtype) or is_time
    return not is_typed or isinstance(dtype, pd.CategoricalDtype)


def is_objects(column: pd.Series) -> bool:
    """Whether the cells may be anything."""
    return isinstance(column.dtype, np.dtype) and column.dtype.kind == "O"


def is_duration(column: pd.Series) -> bool:
    """Whether a plain column holds durations."""
    return pd.api.types.is_timedelta64_dtype(column.dtype)


def without_zone(column: pd.Series, clock: str = "utc") -> pd.Series:
    """Times with a zone in UTC, or by the local clock; others as they are."""
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        return column
    return column.dt.tz_localize(None) if clock == "local" else column.dt.tz_convert("UTC").dt.tz_localize(None)


def hours_of(column: pd.Series) -> pd.Series:
    """Durations as hours."""
    return column.dt.total_seconds() / 3600


def _from_arrow(column: pd.Series) -> pd.Series:
    values = pa.chunked_array(column.array.__arrow_array__())
    if pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    elif pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    made = pa.table({"x": values}).to_pandas(date_as_object=False)["x"]
    made = pd.Series(made.array, index=column.index, name=column.name)
    return _from_objects(made) if is_objects(made) else made


def _from_objects(column: pd.Series) -> pd.Series:
    """Objects of one kind get its type: numbers, truth values, dates; all else is words."""
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return _numbers(column)
    if kind == "boolean":
        return column if column.isna().any() else column.astype(bool)
    if kind in ("datetime", "datetime64", "date"):
        return _times(column)
    if kind == "timedelta":
        return pd.to_timedelta(column)
    if kind == "period":
        return _times(column.map(lambda cell: cell.to_timestamp(), na_action="ignore"))
    if any(isinstance(cell, (datetime.date, pd.Timestamp)) for cell in column.head(100)):
        return _times(column) if _all_dates(column) else column
    return column


def _numbers(column: pd.Series) -> pd.Series:
    """As floats, or as whole numbers where all are; integers too long for that stay words."""
    present = column.dropna()
    if any(isinstance(cell, int) and abs(cell) >= 2**63 for cell in present):
        return column
    cells = [float(cell) if isinstance(cell, decimal.Decimal) else cell for cell in column]
    return pd.Series(
        pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").array, column.index, name=column.name
    )


def _all_dates(column: pd.Series) -> bool:
    return all(isinstance(cell, (datetime.date, pd.Timestamp)) for cell in column.dropna())


def _times(column: pd.Series) -> pd.Series:
    """datetime64; where zones or none are mixed, in UTC."""
    cells = [np.datetime64("NaT", "us") if pd.isna(cell) else _moment(cell) for cell in column]
    return pd.Series(np.array(cells, "datetime64[us]"), column.index, name=column.name)


def _moment(cell: Any) -> np.datetime64:
    if isinstance(cell, np.datetime64):
        return cell.astype("datetime64[us]")
    if isinstance(cell, pd.Timestamp):
        cell = cell.to_pydatetime(warn=False)
    if getattr(cell, "tzinfo", None) is not None:
        cell = cell.astimezone(datetime.UTC).replace(tzinfo=None)
    return np.datetime64(cell, "us")
