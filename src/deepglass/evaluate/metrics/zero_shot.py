"""How well classes are named that no training has seen, by what they are said to look like.

    conventional   unseen pictures, among the unseen classes: can it read descriptions?
    generalised    all pictures, among all classes: does it also say so, or always what it knows?
    harmonic mean  2·s·u / (s + u) of the two generalised accuracies, of seen and of unseen classes

Each accuracy is the mean over classes of the share that is right, so that a class with many pictures counts no more.

References:
    Xian et al. (2018), Zero-Shot Learning: A Comprehensive Evaluation of the Good, the Bad and the Ugly,
    https://arxiv.org/abs/1707.00600
    Chao et al. (2016), An Empirical Study and Analysis of Generalized Zero-Shot Learning,
    https://arxiv.org/abs/1605.04253 (calibrated stacking)
"""

from typing import Any

import numpy as np

from deepglass.evaluate import intervals
from deepglass.evaluate.metrics.classification import confusion_matrix, confusions
from deepglass.evaluate.scores import score

RESAMPLES = 1000
CANDIDATES = 200  # calibrations that are tried


def accuracies(probabilities: np.ndarray, targets: np.ndarray, is_learnt: np.ndarray) -> dict[str, float | None]:
    """The four accuracies, None where no picture asks for one.

    Args:
        probabilities: (N, K) of all classes.
        targets: (N,) positions of the true ones.
        is_learnt: (K,) which classes training has seen.

    Returns:
        "unseen" and "seen", each among its own kind, of the unseen classes among those that occur; "unseen_of_all" and
        "seen_of_all", among all.
    """
    return {name: _mean(*rights) for name, rights in _rights(probabilities, targets, is_learnt).items()}


def harmonic_mean(seen: float | None, unseen: float | None) -> float | None:
    """2·s·u / (s + u); None without both.

    Example:
        >>> harmonic_mean(0.9, 0.0)
        0.0
    """
    if seen is None or unseen is None:
        return None
    return 2 * seen * unseen / (seen + unseen) if seen + unseen else 0.0


def calibration(probabilities: np.ndarray, targets: np.ndarray, is_learnt: np.ndarray) -> float:
    """What to take from the log-probabilities of learnt classes, so that the harmonic mean is largest.

    Args:
        probabilities: (N, K) with nothing taken yet.
        targets: (N,) of learnt classes and of others.
        is_learnt: (K,) which are learnt.
    """
    logs = np.log(np.maximum(probabilities, 1e-38))
    margins = logs[:, is_learnt].max(axis=1) - logs[:, ~is_learnt].max(axis=1)  # (N,) what would turn each answer
    ends = np.unique(np.quantile(margins, np.linspace(0, 1, CANDIDATES)))
    tried = [0.0, *((ends[1:] + ends[:-1]) / 2).tolist()]

    def reached(taken: float) -> float:
        found = accuracies(logs - taken * is_learnt, targets, is_learnt)
        return harmonic_mean(found["seen_of_all"], found["unseen_of_all"]) or 0.0

    return float(max(tried, key=lambda taken: (round(reached(taken), 9), -abs(taken))))


def evaluate(
    probabilities: np.ndarray,
    targets: np.ndarray,
    is_learnt: np.ndarray,
    classes: list[str],
    taken: float = 0.0,
    seed: int = 0,
) -> dict[str, Any]:
    """Every accuracy with its 95 % interval: about other pictures of these classes.

    Args:
        probabilities: (N, K).
        targets: (N,).
        is_learnt: (K,).
        classes: Their names.
        taken: The calibration that is in the probabilities, for the page.
        seed: Of the bootstrap of the harmonic mean.
    """
    rights = _rights(probabilities, targets, is_learnt)
    there = np.unique(targets)
    unseen = [int(place) for place in there if not is_learnt[place]]
    matrix = confusion_matrix(targets, probabilities.argmax(axis=1), len(classes))
    return {
        "kind": "zero_shot",
        "count": len(targets),
        "headline": ["unseen_accuracy", "harmonic_mean", "seen_of_all"],
        "unseen_accuracy": _scored(*rights["unseen"]),
        "harmonic_mean": _harmonic_score(rights, seed),
        "unseen_of_all": _scored(*rights["unseen_of_all"]),
        "seen_of_all": _scored(*rights["seen_of_all"]),
        "seen_accuracy": _scored(*rights["seen"]),
        "details": {
            "unseen": [classes[place] for place in unseen],
            "chance": 1 / len(unseen) if unseen else None,
            "num_classes": len(classes),
            "calibration": taken,
            "by_class": [
                {
                    "class": classes[place],
                    "seen": bool(is_learnt[place]),
                    "count": int(matrix[place].sum()),
                    "accuracy": float(matrix[place, place] / matrix[place].sum()),
                    "among_unseen": _of_class(rights["unseen"], place),
                }
                for place in there.tolist()
            ],
            "confusions": confusions(matrix, classes),
        },
    }


Rights = tuple[np.ndarray, np.ndarray]  # of some pictures the class, and whether it was named rightly


def _rights(values: np.ndarray, targets: np.ndarray, is_learnt: np.ndarray) -> dict[str, Rights]:
    """For each of the four accuracies the pictures that it asks."""
    seen = is_learnt[targets]
    of_all = values.argmax(axis=1) == targets
    found = {"unseen_of_all": (targets[~seen], of_all[~seen]), "seen_of_all": (targets[seen], of_all[seen])}
    for name, asked, among in (
        ("seen", seen, np.flatnonzero(is_learnt)),
        ("unseen", ~seen, np.unique(targets[~seen])),
    ):
        named = among[values[asked][:, among].argmax(axis=1)] if len(among) and asked.any() else targets[:0]
        found[name] = targets[asked], named == targets[asked]
    return found


def _mean(classes: np.ndarray, right: np.ndarray) -> float | None:
    """The mean over classes."""
    return float(np.mean([right[classes == one].mean() for one in np.unique(classes)])) if len(classes) else None


def _scored(classes: np.ndarray, right: np.ndarray) -> dict[str, float | None]:
    """The mean over classes with Wilson's interval, for as many pictures as classes of that size would have."""
    if not len(classes):
        return score(None)
    _, counts = np.unique(classes, return_counts=True)
    value, effective = _mean(classes, right), round(len(counts) ** 2 / (1 / counts).sum())
    return score(value, intervals.wilson(value * effective, effective))  # type: ignore[operator, arg-type]


def _harmonic_score(rights: dict[str, Rights], seed: int) -> dict[str, float | None]:
    """With the interval of a bootstrap in each class."""
    sides = [rights["seen_of_all"], rights["unseen_of_all"]]
    value = harmonic_mean(*(_mean(*side) for side in sides))
    if value is None:
        return score(None)
    rng = np.random.default_rng(seed)
    drawn = [_resampled(*side, rng) for side in sides]  # (RESAMPLES,) each
    sums = np.maximum(drawn[0] + drawn[1], 1e-12)
    return score(value, intervals.percentile_interval(2 * drawn[0] * drawn[1] / sums))


def _resampled(classes: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(RESAMPLES,) means over classes, with other pictures of each."""
    each = [right[classes == one] for one in np.unique(classes)]
    return np.mean([rng.binomial(len(one), one.mean(), RESAMPLES) / len(one) for one in each], axis=0)


def _of_class(rights: Rights, place: int) -> float | None:
    classes, right = rights
    return float(right[classes == place].mean()) if (classes == place).any() else None
