"""Splits and folds of whole groups in which every class has its share.

What belongs together (pictures of one patient, frames of one burst, copies of one photograph) is one *unit* with the
class that most of it has. Units are drawn as single examples are elsewhere; their members follow.
"""

import numpy as np

from deepglass.core.errors import OptionError
from deepglass.data import label_splits
from deepglass.data.folds import stratified_folds
from deepglass.data.splits import Splits, draw, fraction_of


def split_groups(
    groups: np.ndarray,
    labels: np.ndarray,
    *,
    declared: dict[str, np.ndarray],
    val_fraction: float | None = None,
    test_fraction: float | None = None,
    seed: int = 0,
) -> Splits:
    """Divide examples so that no group is on two sides.

    Args:
        groups: (N,) group of each example.
        labels: (N,) class of each example.
        declared: Splits that the data bring along are kept; what they lack is drawn from their training part.
        val_fraction: Share of the groups outside the test for validation.
        test_fraction: Share of the groups for the test.
        seed: Of the shuffle.

    Raises:
        OptionError: If there are too few groups.
    """
    parts = dict(declared)
    given = [parts[name] for name in ("val", "test") if name in parts]
    rest = np.setdiff1d(parts.get("train", np.arange(len(groups))), np.concatenate([*given, np.empty(0, int)]))
    for name, asked, offset in (("test", test_fraction, 0), ("val", val_fraction, 1)):
        if name not in parts:
            rest, parts[name] = _draw_units(rest, groups, labels, fraction_of(name, asked), seed + offset)
    parts["train"] = rest
    for name, rows in parts.items():
        if len(rows) == 0:
            raise OptionError(
                f"{len(np.unique(groups))} groups leave none for {name}: expected at least one each for train, val and "
                "test; name smaller groups, or leave the option out"
            )
    return {name: np.sort(parts[name]) for name in ("train", "val", "test")}


def group_folds(groups: np.ndarray, labels: np.ndarray, number: int, seed: int = 0) -> list[Splits]:
    """Folds of whole groups, the classes shared fairly, as declared splits.

    Raises:
        OptionError: If there are fewer groups than folds.
    """
    member_of, classes = units(groups, labels)
    if not 2 <= number <= len(classes):
        raise OptionError(f"--folds: expected 2 to {len(classes)} (there are {len(classes)} groups), got {number}")
    folds = stratified_folds(classes, number, seed)
    return [{name: np.flatnonzero(np.isin(member_of, part)) for name, part in fold._asdict().items()} for fold in folds]


def units(groups: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,) which unit each example is in, and (units,) the class that most of each unit has; of labels (N, L) those
    that any of its members has (units, L).
    """
    names, member_of = np.unique(groups, return_inverse=True)
    if labels.ndim == 2:
        return member_of, label_splits.of_groups(member_of, labels)
    counts = np.zeros((len(names), int(labels.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(counts, (member_of, labels), 1)
    return member_of, counts.argmax(axis=1)


def _draw_units(
    rows: np.ndarray, groups: np.ndarray, labels: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    if not len(rows):
        return rows, rows
    member_of, classes = units(groups[rows], labels[rows])
    _, drawn = draw(np.arange(len(classes)), fraction, seed, classes)
    mask = np.isin(member_of, drawn)
    return rows[~mask], rows[mask]
