"""Columns of strings in bulk: what a regular expression finds in each, as arrays."""

from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute


def strings(words: Any) -> pa.Array:
    """Cells as Arrow's strings."""
    if isinstance(words, pa.Array):
        return words
    return pa.array(np.asarray(words, dtype=object), pa.string(), from_pandas=True)


def group(groups: pa.StructArray, name: str) -> pa.Array:
    """What a group of a regular expression found, "" where it found nothing or does not occur."""
    if groups.type.get_field_index(name) < 0:
        return pa.array([""] * len(groups), pa.string())
    return compute.fill_null(compute.struct_field(groups, name), "")


def matching(cells: pa.Array, pattern: str) -> np.ndarray:
    """(n,) whether a cell has the pattern somewhere in it."""
    return compute.match_substring_regex(cells, pattern).to_numpy(zero_copy_only=False).astype(bool)


def is_filled(cells: pa.Array) -> np.ndarray:
    """(n,) whether a string is not empty."""
    return np.asarray(compute.utf8_length(cells)) > 0


def any_filled(*parts: pa.Array) -> np.ndarray:
    """(n,) whether one of several strings is not empty."""
    return np.logical_or.reduce([is_filled(part) for part in parts])


def whole_numbers(cells: pa.Array, default: int = 0) -> np.ndarray:
    """(n,) strings of digits as int64."""
    texts = compute.if_else(compute.equal(cells, ""), str(default), cells)
    return np.asarray(compute.cast(texts, pa.int64()))


def decimals(whole: pa.Array, fraction: pa.Array, exponent: pa.Array, valid: np.ndarray) -> np.ndarray:
    """(n,) float64 of digits, of those behind the decimal mark, and of exponents such as e-3; NaN where not valid."""
    text = compute.binary_join_element_wise(whole, ".", fraction, "0", exponent, "")
    text = compute.if_else(pa.array(valid), text, pa.scalar(None, pa.string()))
    return compute.cast(text, pa.float64()).to_numpy(zero_copy_only=False)


def translated(cells: pa.Array, values: dict[str, float], default: float) -> np.ndarray:
    """(n,) the value of each string."""
    encoded = cells.dictionary_encode()
    table = np.array([values.get(word, default) for word in encoded.dictionary.to_pylist()] or [default], np.float64)
    return table[np.asarray(encoded.indices)]
