"""Whether two answers are the same: floats, lists, arrays and 0-d alike, within what their precision can do."""

from typing import Any

import numpy as np

SHOWN = 12  # numbers of an array in a message


def same(got: Any, expected: Any, tolerance: float, tolerance32: float, size: float = 0.0) -> bool:
    """Whether an answer is what was expected.

    Args:
        got: From `wire.unpack`.
        expected: A number, an array, or a tuple of them.
        tolerance: Relative to the largest expected number.
        tolerance32: Likewise, for answers in single precision and below.
        size: Of the largest number beside which it stands.
    """
    size = max(size, largest(expected))
    if isinstance(expected, tuple):
        parts = parts_of(got, len(expected))
        return parts is not None and all(same(g, e, tolerance, tolerance32, size) for g, e in zip(parts, expected))
    got, expected = numbers(got), np.asarray(expected, dtype=float)
    if got is None or not fits(got, expected):
        return False
    reach = tolerance if got.dtype.itemsize > 4 or got.dtype.kind in "biu" else tolerance32
    return np.allclose(
        got.astype(float).reshape(expected.shape),
        expected,
        rtol=0,
        atol=reach * max(size, 1e-3) + 1e-12,
        equal_nan=True,
    )


def largest(expected: Any) -> float:
    """The size of the largest finite number that is expected."""
    if isinstance(expected, tuple):
        return max(map(largest, expected), default=0.0)
    sizes = np.abs(np.asarray(expected, dtype=float).ravel())
    return float(sizes[np.isfinite(sizes)].max(initial=0.0))


def has_shape(got: Any, expected: Any) -> bool:
    """Whether an answer is at least of the right kind: as many numbers, in the same arrangement."""
    if isinstance(expected, tuple):
        parts = parts_of(got, len(expected))
        return parts is not None and all(has_shape(g, e) for g, e in zip(parts, expected))
    got = numbers(got)
    return got is not None and fits(got, np.asarray(expected))


def parts_of(got: Any, count: int) -> tuple[Any, ...] | None:
    """The parts of a tuple, a list or an array."""
    if isinstance(got, np.ndarray):
        got = tuple(got) if got.ndim else None
    return got if isinstance(got, tuple) and len(got) == count else None


def numbers(got: Any) -> np.ndarray | None:
    """An array of numbers, or None."""
    if isinstance(got, bool | np.ndarray | np.generic):
        return np.asarray(got)
    if isinstance(got, tuple):
        parts = [numbers(part) for part in got]
        if all(part is not None and part.shape == (parts[0] if parts[0] is not None else part).shape for part in parts):
            return np.array(parts) if parts else np.zeros(0)
    return None


def fits(got: np.ndarray, expected: np.ndarray) -> bool:
    """Whether the shapes agree; one number is one number in however many brackets."""
    return got.shape == expected.shape or (expected.ndim == 0 and got.size == 1)


def shown(value: Any) -> str:
    """A value for a message: four digits, and not all of a long array."""
    if isinstance(value, tuple):
        return "(" + ", ".join(shown(part) for part in value) + ")" if len(value) < SHOWN else f"{len(value)} things"
    if isinstance(value, np.ndarray | np.generic | float | list):
        try:
            array = np.asarray(value)
        except ValueError:  # a list of things of several lengths
            return repr(value)[:200]
        if array.dtype.kind not in "biuf":
            return repr(value)[:200]
        if array.ndim == 0:
            return short(array.item())
        if array.size > SHOWN:
            return f"an array of shape {array.shape} with the mean {array.mean():.4g}"
        return "[" + ", ".join(shown(part) for part in array) + "]"
    return repr(value)[:200]


def short(number: Any) -> str:
    """One number."""
    return f"{number:.6g}" if isinstance(number, float) else str(number)
