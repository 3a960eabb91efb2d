"""Folds: ways to cut data so that every example is tested once, by a model that never saw it.

They differ in what must not leak: `stratified_folds` keep the share of every class, `grouped_folds` keep what
belongs together (one patient, one author) on one side. A series has folds of its own, in tasks/forecasting.py.

References:
    Stone (1974), Cross-Validatory Choice and Assessment of Statistical Predictions
"""

from typing import NamedTuple

import numpy as np

from deepglass.core.errors import OptionError
from deepglass.data import label_splits
from deepglass.data.splits import Splits


class Fold(NamedTuple):
    """Row positions of one round."""

    train: np.ndarray
    test: np.ndarray


def folds(
    count: int, number: int, seed: int = 0, labels: np.ndarray | None = None, groups: np.ndarray | None = None
) -> list[Splits]:
    """Whole groups where there are groups, fair shares of the classes where there are classes; as declared splits.

    Args:
        count: Rows.
        number: Folds.
        seed: The same seed gives the same folds.
        labels: (count,) class of each row, or (count, L) its labels.
        groups: (count,) group of each row.

    Raises:
        OptionError: If there are fewer rows or groups than folds.
    """
    fold_of = places(count, number, seed, labels, groups)
    return [fold._asdict() for fold in _folds(fold_of, number)]


def places(
    count: int, number: int, seed: int = 0, labels: np.ndarray | None = None, groups: np.ndarray | None = None
) -> np.ndarray:
    """(count,) the fold that leaves each row out, with arguments and errors as for `folds`.

    Raises:
        OptionError: If there are fewer than 2 folds, or more than rows or groups.
    """
    if groups is not None:
        return _place_groups(groups, number, seed)
    if labels is not None and labels.ndim == 2:
        _check(number, count, "examples")
        return label_splits.stratified_parts(labels, [1 / number] * number, seed)
    return _place_classes(np.zeros(count, dtype=np.int64) if labels is None else labels, number, seed)


def plain_folds(count: int, folds: int, seed: int = 0) -> list[Fold]:
    """Shuffled folds whose sizes differ by at most one."""
    return stratified_folds(np.zeros(count, dtype=np.int64), folds, seed)


def stratified_folds(targets: np.ndarray, folds: int, seed: int = 0) -> list[Fold]:
    """Folds in which every class has its share, to within one example; sizes differ by at most one.

    Args:
        targets: Class of each row (N,), or its labels (N, L).
        folds: How many, from 2 to N.
        seed: The same seed gives the same folds.

    Raises:
        OptionError: If there are fewer rows than folds.
    """
    return _folds(places(len(targets), folds, seed, targets), folds)


def _place_classes(targets: np.ndarray, folds: int, seed: int) -> np.ndarray:
    _check(folds, len(targets), "examples")
    shuffled = np.random.default_rng(seed).permutation(len(targets))
    by_class = shuffled[np.argsort(targets[shuffled], kind="stable")]
    fold_of = np.empty(len(targets), dtype=np.int64)
    fold_of[by_class] = np.arange(len(targets)) % folds  # dealt out like cards, one class after the other
    return fold_of


def grouped_folds(groups: np.ndarray, folds: int, seed: int = 0) -> list[Fold]:
    """Folds of similar size in which no group is on both sides: large groups first, each to the lightest fold.

    Args:
        groups: Group of each row (N,), anything that can be compared.
        folds: How many, from 2 to the number of groups.
        seed: Decides between groups of equal size.

    Raises:
        OptionError: If there are fewer groups than folds.
    """
    return _folds(_place_groups(groups, folds, seed), folds)


def _place_groups(groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    names, group_of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    _check(folds, len(names), "groups")
    shuffled = np.random.default_rng(seed).permutation(len(names))
    fold_of_group, load = np.empty(len(names), dtype=np.int64), np.zeros(folds)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of_group[group] = load.argmin()
        load[load.argmin()] += sizes[group]
    return fold_of_group[group_of]


def _folds(fold_of: np.ndarray, folds: int) -> list[Fold]:
    return [Fold(np.flatnonzero(fold_of != k), np.flatnonzero(fold_of == k)) for k in range(folds)]


def _check(folds: int, available: int, what: str) -> None:
    if not 2 <= folds <= available:
        raise OptionError(f"--folds: expected 2 to {available} (there are {available} {what}), got {folds}")
