"""ROC and precision-recall curves, and the areas under them, for two classes or for each class against the rest.

Both curves slide one threshold down the sorted scores and count. Equal scores enter together: that is what makes
ties right. The interval of the ROC AUC is DeLong's: the AUC is a mean of placements (how many of the other kind
a row outranks), so its variance follows from theirs without resampling.

References:
    Fawcett (2006), An introduction to ROC analysis, https://doi.org/10.1016/j.patrec.2005.10.010
    DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

MAX_RANKED = 100  # classes beyond which none is ranked against the rest: nobody reads a thousand curves
MAX_CURVES = 6  # of many classes the hardest are kept: more lines cannot be told apart


def evaluate(probabilities: np.ndarray, targets: np.ndarray, classes: list[str]) -> dict[str, Any]:
    """Areas with intervals, and thinned curves.

    Two classes give one curve, that of the second class; K classes give each against the rest, and the areas are
    their plain mean. A class that never or always occurs has no curve, and beyond 100 classes there are none.

    Returns:
        "roc_auc" and "average_precision" (absent where no class has a curve), "roc" (records with class, auc, fpr,
        tpr) and "precision_recall" (records with class, average_precision, recall, precision).
    """
    columns = [1] if len(classes) == 2 else range(len(classes)) if len(classes) <= MAX_RANKED else []
    places = np.array(columns, np.int64)
    return of_columns(probabilities[:, places], targets[:, None] == places, [classes[k] for k in places])


def of_columns(probabilities: np.ndarray, is_true: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """The same of columns that are true or not, each by itself: of single classes, or of labels.

    Args:
        probabilities: Of each column.
        is_true: As booleans.
        names: Of the columns.

    Shape:
        - probabilities, is_true: (N, columns)
    """
    roc_curves, pr_curves, pull = [], [], np.zeros(len(is_true))
    for name, scores, is_positive in zip(names, probabilities.T, is_true.T, strict=True):
        if not 0 < is_positive.sum() < len(is_positive):
            continue
        ladder = Ladder.of(scores, is_positive)
        pull += auc_pull(ladder, is_positive)
        roc_curves.append(_roc_record(name, ladder))
        pr_curves.append(_pr_record(name, ladder))
    if not roc_curves:
        return {"roc": [], "precision_recall": []}
    area = float(np.mean([curve["auc"] for curve in roc_curves]))
    error = np.sqrt(np.mean((pull / len(roc_curves)) ** 2) / len(is_true))
    return {
        "roc_auc": score(area, _logit_interval(area, float(error))),
        "average_precision": score(float(np.mean([curve["average_precision"] for curve in pr_curves]))),
        "roc": sorted(roc_curves, key=lambda curve: curve["auc"])[:MAX_CURVES],
        "precision_recall": sorted(pr_curves, key=lambda curve: curve["average_precision"])[:MAX_CURVES],
    }


class Ladder(NamedTuple):
    """Rows sorted by score, equal scores on one rung: all that curves and areas are made of."""

    scores: np.ndarray  # (rungs,) rising
    positives: np.ndarray  # (rungs,) how many positives are on each
    negatives: np.ndarray  # (rungs,)
    place: np.ndarray  # (N,) the rung of each row

    @classmethod
    def of(cls, scores: np.ndarray, positives: np.ndarray) -> "Ladder":
        """Sort once.

        Args:
            scores: Higher means more likely positive.
            positives: Which rows are positive, as booleans.

        Shape:
            - scores, positives: (N,)
        """
        rungs, place = np.unique(scores, return_inverse=True)
        num_positive = np.bincount(place[positives], minlength=len(rungs))
        return cls(rungs, num_positive, np.bincount(place, minlength=len(rungs)) - num_positive, place)

    def descend(self) -> tuple[np.ndarray, np.ndarray]:
        """Positives and negatives at or above each rung, from the top: true and false positives."""
        return np.cumsum(self.positives[::-1]), np.cumsum(self.negatives[::-1])


def roc_curve(ladder: Ladder) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False-positive rate, true-positive rate and threshold at each distinct score, from strict to lenient.

    Each is (rungs + 1,), beginning with (0, 0, ∞) and ending with (1, 1, lowest score).
    """
    true_positives, false_positives = ladder.descend()
    fpr = np.append(0.0, false_positives / false_positives[-1])
    tpr = np.append(0.0, true_positives / true_positives[-1])
    return fpr, tpr, np.append(np.inf, ladder.scores[::-1])


def precision_recall_curve(ladder: Ladder) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and threshold at each distinct score, from strict to lenient.

    Each is (rungs + 1,), beginning with (1, 0, ∞): no answer is not a mistake.
    """
    true_positives, false_positives = ladder.descend()
    precision = np.append(1.0, true_positives / (true_positives + false_positives))
    recall = np.append(0.0, true_positives / true_positives[-1])
    return precision, recall, np.append(np.inf, ladder.scores[::-1])


def roc_auc(ladder: Ladder) -> float:
    """P(a positive scores above a negative) + ½·P(they tie): the area under the ROC curve.

    Example:
        >>> roc_auc(Ladder.of(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True])))
        0.875
    """
    below = np.cumsum(ladder.negatives) - ladder.negatives / 2  # negatives outranked from each rung, ties by half
    return float(ladder.positives @ below / (ladder.positives.sum() * ladder.negatives.sum()))


def auc_pull(ladder: Ladder, is_positive: np.ndarray) -> np.ndarray:
    """How far each row pulls the ROC AUC (N,): the mean is 0, the variance / N is that of the AUC."""
    positives, negatives = ladder.positives, ladder.negatives
    num_positive, num_negative, area = positives.sum(), negatives.sum(), roc_auc(ladder)
    beats = (np.cumsum(negatives) - negatives / 2) / num_negative  # share of the negatives below each rung
    beaten_by = 1 - (np.cumsum(positives) - positives / 2) / num_positive  # share of the positives above it
    count = num_positive + num_negative
    of_positive, of_negative = (beats - area) * count / num_positive, (beaten_by - area) * count / num_negative
    return np.where(is_positive, of_positive[ladder.place], of_negative[ladder.place])


def average_precision(ladder: Ladder) -> float:
    """Σ (recallᵢ − recallᵢ₋₁)·precisionᵢ: the area under the steps of the precision-recall curve."""
    precision, recall, _ = precision_recall_curve(ladder)
    return float((np.diff(recall) * precision[1:]).sum())


def thin(x: np.ndarray, y: np.ndarray, points: int = 120) -> tuple[list[float], list[float]]:
    """At most `points` points of a curve, evenly spread along its length: looks the same, fits a report."""
    if len(x) <= points:
        return x.tolist(), y.tolist()
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    keep = np.unique(np.searchsorted(length, np.linspace(0, length[-1], points)))
    keep[-1] = len(x) - 1
    return x[keep].tolist(), y[keep].tolist()


def _roc_record(name: str, ladder: Ladder) -> dict[str, Any]:
    fpr, tpr, _ = roc_curve(ladder)
    x, y = thin(fpr, tpr)
    return {"class": name, "auc": roc_auc(ladder), "fpr": x, "tpr": y}


def _pr_record(name: str, ladder: Ladder) -> dict[str, Any]:
    precision, recall, _ = precision_recall_curve(ladder)
    x, y = thin(recall, precision)
    return {"class": name, "average_precision": average_precision(ladder), "recall": x, "precision": y}


def _logit_interval(area: float, error: float) -> intervals.Interval:
    """Symmetric on the scale of log odds, so that it stays inside (0, 1)."""
    if not 0 < area < 1:
        return area, area
    half = intervals.normal_quantile() * error / (area * (1 - area))
    centre = np.log(area / (1 - area))
    low, high = 1 / (1 + np.exp(-(centre + np.array([-half, half]))))
    return float(low), float(high)
