"""Values on their way from the process that runs a reader's code to the one that judges: plain JSON, never pickle."""

from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from numbers import Real
from typing import Any

import numpy as np

LARGEST = 100_000  # numbers in an answer; nobody is asked for more


class Other:
    """What is neither a number nor made of numbers; all that is known of it is how it is written."""

    def __init__(self, said: str):
        self.said = said

    def __repr__(self) -> str:
        return self.said


def pack(value: Any) -> Any:
    """A value as JSON."""
    if value is None or isinstance(value, bool | str):
        return {"plain": value if not isinstance(value, str) else value[:2000]}
    if isinstance(value, Iterator | range | deque):
        value = list(islice(value, LARGEST))
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = list(value) if value.ndim else value.item()
    if isinstance(value, tuple | list) and not all(isinstance(item, int | float) for item in value):
        return {"many": [pack(item) for item in value[:LARGEST]]}
    if isinstance(value, Real | Decimal) and not isinstance(value, int | float | np.generic):
        value = float(value)
    try:
        array = array_of(value)
    except Exception:  # whatever a reader's object does when it is looked at
        array = None
    if array is None or array.size > LARGEST or array.dtype.kind not in "biuf":
        return {"other": said(value)}
    if array.dtype.itemsize > 8:  # longer than a float of JSON
        array = array.astype(float)
    return {"numbers": array.tolist(), "dtype": str(array.dtype), "many": isinstance(value, tuple | list)}


def unpack(packed: Any) -> Any:
    """The value again: numbers as arrays."""
    match packed:
        case {"numbers": numbers, "dtype": str(dtype), "many": many}:
            array = np.array(numbers, dtype=dtype)
            return tuple(array) if many else array
        case {"many": list(items)}:
            return tuple(unpack(item) for item in items)
        case {"plain": value}:
            return value
        case _:
            return Other(str(packed.get("other", "something"))[:300])


def array_of(value: Any) -> np.ndarray:
    """Numbers, arrays, tensors of PyTorch or of the glass engine."""
    if hasattr(value, "detach"):
        value = value.detach()
        value = value.cpu() if hasattr(value, "cpu") else value
        value = value.float() if str(value.dtype).endswith("bfloat16") else value
        return np.asarray(value.numpy())
    return np.asarray(value)


def said(value: Any) -> str:
    """How a value is written, in short."""
    try:
        return repr(value)[:300]
    except Exception:
        return f"something of type {type(value).__name__}"
