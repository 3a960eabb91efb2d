"""Training, validation and test: seeded, stratified, by group, in time order, and as the data declare.

The test part is drawn first and is never looked at until the end; validation is drawn from what is left.
"""

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.data import label_splits

FRACTIONS = {"val": 0.1, "test": 0.2}
Splits = dict[str, np.ndarray]  # "train", "val", "test" → positions, sorted


def split(
    count: int,
    *,
    val_fraction: float | None = None,
    test_fraction: float | None = None,
    seed: int = 0,
    labels: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    declared: dict[str, np.ndarray] | None = None,
) -> Splits:
    """Divide `count` examples.

    Args:
        count: Number of examples.
        val_fraction: Share of the examples outside the test for validation, in (0, 1); a tenth by default.
        test_fraction: Share of all examples for the test, in (0, 1); a fifth by default.
        seed: Of the shuffle.
        labels: (count,) classes, or (count, L) labels of which an example may have several; each split then has them
            in equal proportion (stratified).
        groups: (count,) group of each example; a group never crosses.
        declared: Splits that the data bring along are kept; what they lack is drawn from their training part.

    Raises:
        DataError: If a split would be empty.
    """
    declared = dict(declared or {})
    rest = np.setdiff1d(declared.get("train", np.arange(count)), _given(declared))
    if "test" not in declared:
        rest, declared["test"] = draw(rest, fraction_of("test", test_fraction), seed, labels, groups)
    if "val" not in declared:
        rest, declared["val"] = draw(rest, fraction_of("val", val_fraction), seed + 1, labels, groups)
    splits = {"train": rest, "val": np.sort(declared["val"]), "test": np.sort(declared["test"])}
    for name, rows in splits.items():
        if len(rows) == 0:
            raise DataError(
                f"{count} examples leave none for {name}: expected at least one each for train, val and test; "
                f"add examples, or change --{'test' if name == 'test' else 'val'}-fraction"
            )
    return splits


def split_rows_by_time(
    times: np.ndarray,
    *,
    val_fraction: float | None = None,
    test_fraction: float | None = None,
    declared: dict[str, np.ndarray] | None = None,
) -> Splits:
    """Divide rows by their times (count,): the latest test, those before them choose, rows of one time stay together.

    Raises:
        DataError: If there are too few different times.
    """
    declared = dict(declared or {})
    rest = np.setdiff1d(declared.get("train", np.arange(len(times))), _given(declared))
    if "test" not in declared:
        rest, declared["test"] = _latest(rest, times, fraction_of("test", test_fraction))
    if "val" not in declared:
        rest, declared["val"] = _latest(rest, times, fraction_of("val", val_fraction))
    if len(rest) == 0 or any(len(declared[name]) == 0 for name in ("val", "test")):
        raise DataError(
            f"{len(np.unique(times))} different times leave none for one of train, val and test: add rows of other "
            "times, or pass --time-column none"
        )
    return {"train": rest, "val": np.sort(declared["val"]), "test": np.sort(declared["test"])}


def _latest(rows: np.ndarray, times: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Those before a moment and those from it on, of which there are about so many."""
    ordered = np.sort(times[rows])
    moment = ordered[min(len(ordered) - 1, round((1 - share) * len(ordered)))] if len(ordered) else None
    is_late = times[rows] >= moment
    return rows[~is_late], rows[is_late]


def fraction_of(part: str, asked: float | None) -> float:
    """The share of a part: what was asked for, or the usual one.

    Raises:
        OptionError: If it is not between 0 and 1.
    """
    fraction = FRACTIONS[part] if asked is None else asked
    if not 0 < fraction < 1:
        raise OptionError(f"--{part}-fraction: expected a share between 0 and 1, got {fraction:g}")
    return fraction


def draw(
    rows: np.ndarray,
    fraction: float,
    seed: int,
    labels: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Divide `rows` into those kept and those drawn; `labels` and `groups` cover all rows of the source."""
    rng = np.random.default_rng(seed)
    if groups is not None:
        drawn = _draw_groups(groups[rows], fraction, rng)
    elif labels is not None and labels.ndim == 2:
        drawn = label_splits.draw_stratified(labels[rows], fraction, seed)
    elif labels is not None:
        drawn = _draw_stratified(labels[rows], fraction, rng)
    else:
        drawn = rng.permutation(len(rows))[: max(1, round(len(rows) * fraction))]
    mask = np.zeros(len(rows), bool)
    mask[drawn] = True
    return rows[~mask], rows[mask]


def _given(declared: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([declared[name] for name in ("val", "test") if name in declared] or [np.empty(0, int)])


def _draw_groups(groups: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Whole groups, in random order, until the share is reached."""
    names, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = rng.permutation(len(names))
    reached = np.cumsum(sizes[order]) >= fraction * len(groups)
    return np.flatnonzero(np.isin(inverse, order[: np.argmax(reached) + 1]))


def _draw_stratified(labels: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """The same share of each class: shuffled within the class, taken by the largest remainder of the quotas."""
    _, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    quotas = sizes * fraction
    take = np.floor(quotas).astype(int)
    missing = max(1, round(fraction * len(labels))) - take.sum()
    take[np.argsort(take - quotas, kind="stable")[: max(0, missing)]] += 1
    take = np.minimum(take, sizes - 1)  # a class keeps one example for training
    order = rng.permutation(len(labels))
    by_class = order[np.argsort(inverse[order], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.concatenate([by_class[s : s + n] for s, n in zip(starts, take, strict=True)])
