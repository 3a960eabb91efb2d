"""Arrays as people have them, as tensors: NumPy, pandas, SciPy, lists, and whatever turns itself into an array.

What holds no numbers is refused by name, with the entry that takes it. Words may be a target: they become codes, and
their classes are kept.
"""

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core.errors import DataError
from deepglass.core.wording import listing, short

MOST_DENSE_BYTES = 2**28  # a sparse matrix of more is not made dense without asking
ELSEWHERE = "code it as numbers first; dg.train and dg.Classifier read tables with words, dates and empty cells"


def is_array(value: Any) -> bool:
    """Whether a value is one array, not several in a list or tuple."""
    if isinstance(value, Tensor | np.ndarray | pd.DataFrame | pd.Series | pd.Index) or is_sparse(value):
        return True
    return hasattr(value, "__array__") and not isinstance(value, torch.nn.Module)


def is_sparse(value: Any) -> bool:
    """Whether it is a matrix of SciPy's that holds what differs from zero alone."""
    return hasattr(value, "toarray") and hasattr(value, "nnz")


def tensor_of(value: Any, name: str) -> Tensor:
    """Numbers as a tensor (N, ...); of a frame with columns of whole numbers alone they stay whole.

    Args:
        value: An array, a frame, a list of numbers or of rows.
        name: For messages.

    Raises:
        DataError: If it holds something else, or has no rows.
    """
    if isinstance(value, Tensor):
        return _checked(_dense_tensor(value.detach(), name), name)
    if is_sparse(value):
        return _checked(torch.from_numpy(dense(value, name)), name)
    if isinstance(value, pd.DataFrame):
        return _checked(_from_numpy(_of_frame(value, name)), name)
    if isinstance(value, pd.Series | pd.Index):
        return _checked(_from_numpy(_of_column(pd.Series(value), name)), name)
    return _checked(_from_numpy(_numbers(as_array(value, name), name)), name)


def target_of(value: Any, name: str) -> tuple[Tensor, np.ndarray | None]:
    """A target as a tensor; of words and truth values their codes (N,), and the classes in the order of the codes.

    Raises:
        DataError: If a label is missing, or the target holds neither numbers nor labels.
    """
    labels = _labels(value, name)
    if labels is None:
        return tensor_of(value, name), None
    if len(empty := np.flatnonzero(pd.isna(labels))):
        raise DataError(f"{name} has no label in {places(name, empty)}: label these examples, or leave them out")
    if len(labels) == 0:
        raise DataError(f"{name} is empty: expected one label per example")
    try:
        classes, codes = np.unique(labels, return_inverse=True)
    except TypeError:  # words beside numbers
        classes, codes = np.unique(labels.astype(str), return_inverse=True)
    return torch.from_numpy(codes.reshape(-1).astype(np.int64)), classes


def dense(matrix: Any, name: str) -> np.ndarray:
    """A sparse matrix with its zeros.

    Raises:
        DataError: If that would take more than 256 MiB.
    """
    require_small(matrix, name, np.float32)
    return np.asarray(matrix.toarray(), dtype=np.float32)


def require_small(matrix: Any, name: str, dtype: Any) -> None:
    """Check that a sparse matrix may be given its zeros.

    Raises:
        DataError: If that would take more than 256 MiB.
    """
    needed = int(np.prod(matrix.shape)) * np.dtype(dtype).itemsize
    if needed > MOST_DENSE_BYTES:
        raise DataError(
            f"{name} is sparse, {matrix.shape[0]:,} x {matrix.shape[1]:,}: with its zeros it takes "
            f"{short(needed, 'B')}, more than {short(MOST_DENSE_BYTES, 'B')}: reduce its columns first, as "
            "sklearn.decomposition.TruncatedSVD does"
        )


def places(name: str, rows: np.ndarray, limit: int = 5) -> str:
    """`y[3], y[9] … (12 in all)`: positions as Python counts them."""
    return listing((f"{name}[{row}]" for row in rows), limit)


# -- arrays of NumPy ------------------------------------------------------------------------------------------------


def as_array(value: Any, name: str) -> np.ndarray:
    """A list, or anything that turns itself into an array, as one of NumPy's.

    Raises:
        DataError: If it is a single word or number, or its rows differ in length.
    """
    if isinstance(value, str | bytes) or value is None or np.isscalar(value):
        raise DataError(
            f"{name} is {value!r}: expected arrays, tensors, a Dataset or a DataLoader; dg.train reads files and names"
        )
    if isinstance(value, list | tuple) and any(isinstance(part, Tensor) for part in value):
        value = [part.detach().cpu().numpy() if isinstance(part, Tensor) else part for part in value]
    try:
        return np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise DataError(f"{name} is no array ({error}): expected rows of one length, or pad them") from None


def _numbers(array: np.ndarray, name: str) -> np.ndarray:
    """The same values in a type that holds numbers."""
    if array.dtype.kind in "biufc":
        return array
    if array.dtype.kind in "Mm":
        raise DataError(f"{name} holds {'dates' if array.dtype.kind == 'M' else 'durations'}: {ELSEWHERE}")
    if array.dtype.kind == "O" and array.ndim == 1 and len(array) and all(is_array(item) for item in array):
        try:
            return _numbers(np.stack([np.asarray(item) for item in array]), name)
        except ValueError:
            shapes = listing(dict.fromkeys(str(np.shape(item)) for item in array))
            raise DataError(f"{name} holds arrays of shapes {shapes}: expected one shape, or pad them") from None
    try:
        if array.dtype.names is None:
            return array.astype(np.float64)
        raise TypeError("records")
    except (TypeError, ValueError):
        raise DataError(f"{name} holds {_odd(array)}: expected numbers; {ELSEWHERE}") from None


def _odd(array: np.ndarray) -> str:
    if array.dtype.names:
        return f"records with the fields {listing(array.dtype.names)}"
    first = next((item for item in array.ravel() if isinstance(item, str | bytes)), array.ravel()[0])
    return f"words such as {str(first)!r}" if isinstance(first, str) else f"{type(first).__name__} such as {first!r}"


def _from_numpy(array: np.ndarray) -> Tensor:
    wide = {np.dtype(np.uint16): np.int64, np.dtype(np.uint32): np.int64, np.dtype(np.uint64): np.int64}
    array = array.astype(wide.get(array.dtype, array.dtype.newbyteorder("=")), copy=False)
    array = array.astype(np.float64) if array.dtype.kind == "f" and array.dtype.itemsize > 8 else array
    return torch.from_numpy(np.ascontiguousarray(array) if array.flags.writeable else array.copy())


def _dense_tensor(tensor: Tensor, name: str) -> Tensor:
    if tensor.layout == torch.strided:
        return tensor
    needed = tensor.numel() * tensor.element_size()
    if needed > MOST_DENSE_BYTES:
        raise DataError(f"{name} is sparse, {tuple(tensor.shape)}: with its zeros it takes {short(needed, 'B')}")
    return tensor.to_dense()


def _checked(tensor: Tensor, name: str) -> Tensor:
    if tensor.dim() == 0:
        raise DataError(f"{name} is the single number {tensor.item()}: expected an array with one row an example")
    if len(tensor) == 0:
        raise DataError(f"{name} has no rows (shape {tuple(tensor.shape)}): expected at least one example")
    return tensor


# -- pandas ---------------------------------------------------------------------------------------------------------


def _of_frame(frame: pd.DataFrame, name: str) -> np.ndarray:
    columns = [_of_column(frame.iloc[:, i], f"{name}[{column!r}]") for i, column in enumerate(frame.columns)]
    if not columns:
        raise DataError(f"{name} has no columns: expected at least one")
    return np.stack(columns, axis=1)


def _of_column(column: pd.Series, name: str) -> np.ndarray:
    """The cells as numbers, NaN where they are missing; whole numbers without gaps stay whole."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        raise DataError(f"{name} holds categories such as {column.iloc[0]!r}: {ELSEWHERE}")
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        raise DataError(f"{name} holds {'dates' if column.dtype.kind == 'M' else 'durations'}: {ELSEWHERE}")
    if isinstance(column.dtype, np.dtype):
        return _numbers(column.to_numpy(), name)
    if not pd.api.types.is_numeric_dtype(column):
        return _numbers(column.astype(object).to_numpy(), name)
    if pd.api.types.is_float_dtype(column) or column.isna().any():
        return column.to_numpy(np.float64, na_value=np.nan)
    return column.to_numpy(bool if pd.api.types.is_bool_dtype(column) else np.int64)


# -- labels ---------------------------------------------------------------------------------------------------------


def _labels(value: Any, name: str) -> np.ndarray | None:
    """Words or truth values (N,); None where the target holds numbers."""
    if isinstance(value, pd.DataFrame):
        value = value.iloc[:, 0] if value.shape[1] == 1 else value
    if isinstance(value, pd.Series | pd.Index):
        column = pd.Series(value)
        is_label = isinstance(column.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(column)
        is_label = is_label or pd.api.types.is_bool_dtype(column)
        array = column.astype(object).to_numpy() if is_label and not _is_time(column) else None
        is_label = array is not None and (isinstance(column.dtype, pd.CategoricalDtype) or _are_labels(array))
        return array if is_label else None
    if isinstance(value, Tensor) or is_sparse(value) or isinstance(value, pd.DataFrame):
        return None
    array = as_array(value, name)
    array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 and array.dtype.kind in "OUS" else array
    is_label = array.ndim == 1 and (array.dtype.kind in "US" or (array.dtype.kind == "O" and _are_labels(array)))
    return array if is_label or (array.ndim == 1 and array.dtype.kind == "b") else None


def _are_labels(array: np.ndarray) -> bool:
    """Whether objects are words, truth values or categories, and not merely numbers in a roundabout type."""
    present = [item for item in array.ravel() if not pd.isna(item)] if array.ndim == 1 else []
    return any(isinstance(item, str | bytes | bool | np.bool_) for item in present)


def _is_time(column: pd.Series) -> bool:
    return pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column)
