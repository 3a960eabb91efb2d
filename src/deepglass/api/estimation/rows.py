"""Rows with their weights: an example of weight 2 is two examples, and one of weight 0 is none.

In a small table this holds to the bit: rows that are equal are taken as one that counts for all of them, in an order
that depends on the rows alone. In a larger one it holds on average, as batches are drawn at random.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import _check_sample_weight

from deepglass.core.errors import DataError

FEW = 40  # rows; below, all of them train and the last epoch is taken


@dataclass
class Rows:
    """What an estimator learns from.

    frame: The features; target: (n,) classes as codes, or values; weights: (n,) positive.
    has_weights: Whether they differ.
    """

    frame: pd.DataFrame
    target: np.ndarray
    weights: np.ndarray
    has_weights: bool

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def is_few(self) -> bool:
        """Whether there are too few to choose an epoch by some of them."""
        return self.count < FEW

    @property
    def count(self) -> float:
        """Examples that the weights speak of, where they are whole numbers; else rows."""
        return float(self.weights.sum()) if self.are_counts else len(self.frame)

    @property
    def are_counts(self) -> bool:
        """Whether every weight is a whole number: so many examples are equal."""
        return bool((self.weights == np.round(self.weights)).all())

    def repeated(self, rows: np.ndarray) -> np.ndarray:
        """Positions with each row as often as it counts: what scales and categories are learnt from."""
        return np.repeat(rows, self.weights[rows].astype(np.int64)) if self.are_counts and self.has_weights else rows


def rows_of(frame: pd.DataFrame, target: np.ndarray, sample_weight: Any) -> Rows:
    """Rows that count for something; of few rows the equal ones as one.

    Raises:
        DataError: If no row counts, or none but one.
        ValueError: If the weights have another shape.
    """
    weights = np.ones(len(frame)) if sample_weight is None else _checked_weights(sample_weight, frame)
    kept = np.flatnonzero(weights > 0)
    rows = Rows(frame.iloc[kept].reset_index(drop=True), target[kept], weights[kept], sample_weight is not None)
    rows.has_weights = bool((rows.weights != 1).any())
    if len(rows) < 2 and rows.count < 2:
        raise DataError("expected at least 2 rows to learn from, got 1 sample: add rows")
    return _joined(rows) if rows.is_few else rows


def _checked_weights(given: Any, frame: pd.DataFrame) -> np.ndarray:
    weights = _check_sample_weight(given, frame, dtype=np.float64, ensure_non_negative=True)
    if not (weights > 0).any():
        raise DataError("sample_weight is zero everywhere: nothing could be learnt")
    return weights


def _joined(rows: Rows) -> Rows:
    """Equal rows as one, in the order of their values."""
    cells = [rows.frame[name].astype(object).to_numpy() for name in rows.frame.columns]
    keys = [tuple(map(repr, row)) for row in zip(*cells, rows.target.tolist(), strict=True)]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    first = [i for place, i in enumerate(order) if place == 0 or keys[i] != keys[order[place - 1]]]
    totals = dict.fromkeys(keys, 0.0)
    for key, weight in zip(keys, rows.weights, strict=True):
        totals[key] += weight
    weights = np.array([totals[keys[i]] for i in first])
    frame = rows.frame.iloc[first].reset_index(drop=True)
    return Rows(frame, rows.target[first], weights, bool((weights != 1).any()))
