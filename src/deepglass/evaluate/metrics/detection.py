"""Average precision of detections: how well boxes are found, over all thresholds of the score.

    detections, truth ── matched per picture, class and IoU ── ranked by score ── precision at 101 recalls ── AP ── mAP

A detection is right if it overlaps a box of its class by at least the IoU asked for, and no surer detection has taken
that box. As in COCO's own evaluation: IoU from 0.50 to 0.95 in steps of 0.05, at most 100 detections of a class per
picture, precision made to fall with the recall and read at 0, 0.01, …, 1; boxes that are difficult or around a crowd
are not asked for, and what finds them is neither right nor wrong.

References:
    Everingham et al. (2010), The Pascal Visual Object Classes Challenge, https://doi.org/10.1007/s11263-009-0275-4
    Lin et al. (2014), Microsoft COCO, https://arxiv.org/abs/1405.0312 (and its evaluation, https://cocodataset.org)
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from deepglass.core.detections import area, intersection, iou
from deepglass.evaluate.intervals import RESAMPLES, percentile_interval
from deepglass.evaluate.scores import score

IOUS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
MOST = 100  # detections of a class per picture
AT_50, AT_75 = 0, 5  # places in IOUS
WORK = 100_000_000  # detections times resamples that an interval may cost; a large test needs fewer resamples
OF_A_CLASS = 500  # detections that cost as much as what is done once per class
FEWEST_RESAMPLES = 100
CURVE_POINTS = 200
CROWD = 2  # state of a box around many things: what lies inside it is one of them


@dataclass(frozen=True)
class OfClass:
    """The detections of one class in all pictures, the surest first.

    Attributes:
        scores: (n,)
        pictures: (n,) which picture each is in.
        is_right: (n, 10) at each IoU whether it found a box of its own.
        counts: (n, 10) whether it is judged: not where it found a box that was not asked for.
        boxes: (N,) how many boxes each picture asks for.
    """

    scores: np.ndarray
    pictures: np.ndarray
    is_right: np.ndarray
    counts: np.ndarray
    boxes: np.ndarray

    def average_precisions(self, times: np.ndarray | None = None) -> np.ndarray:
        """(10,) at each IoU; NaN where no box is asked for.

        Args:
            times: (N,) how often each picture is taken; once where it is None.
        """
        times = np.ones(len(self.boxes)) if times is None else times
        total = float(self.boxes @ times)
        if total == 0:
            return np.full(len(IOUS), np.nan)
        weight = times[self.pictures]
        right, wrong = np.cumsum(self._right * weight, axis=1), np.cumsum(self._wrong * weight, axis=1)  # (10, n)
        return np.array([_interpolated(r / total, r / np.maximum(r + w, 1e-12)).mean() for r, w in zip(right, wrong)])

    @cached_property
    def _right(self) -> np.ndarray:
        return (self.is_right & self.counts).T.astype(np.float64)

    @cached_property
    def _wrong(self) -> np.ndarray:
        return (~self.is_right & self.counts).T.astype(np.float64)

    def curve(self, at: int = AT_50) -> tuple[np.ndarray, np.ndarray]:
        """Recall and precision after each detection that is judged."""
        judged = self.counts[:, at]
        right = np.cumsum(self.is_right[judged, at])
        return right / max(1, self.boxes.sum()), right / np.arange(1, judged.sum() + 1)


def _interpolated(recall: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """(101,) the best precision at each recall or beyond; 0 beyond the highest recall."""
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    place = np.searchsorted(recall, RECALLS, side="left")
    return np.append(falling, 0.0)[place]


def match(predictions: np.ndarray, targets: np.ndarray, num_classes: int) -> list[OfClass]:
    """Match detections to boxes, class by class.

    Shape:
        - predictions: (N, D, 6): box, score, class; a score of 0 is none
        - targets: (N, G, 6): box, class, state: 0 asked for, 1 difficult, 2 a crowd, below 0 none
    """
    return [_of_class(predictions.astype(np.float64), targets.astype(np.float64), k) for k in range(num_classes)]


def _of_class(predictions: np.ndarray, targets: np.ndarray, label: int) -> OfClass:
    scores, pictures, right, counts, boxes = [], [], [], [], []
    for i, (found, truth) in enumerate(zip(predictions, targets)):
        found, truth = _found(found, label), _truth(truth, label)
        owner, asked = owners(found, truth), np.append(truth[:, 5] == 0, False)  # the last for -1
        scores.append(found[:, 4])
        pictures.append(np.full(len(found), i))
        right.append(asked[owner])
        counts.append(asked[owner] | (owner < 0))
        boxes.append(int(asked.sum()))
    sure = np.concatenate([*scores, np.empty(0)])
    order = np.argsort(-sure, kind="stable")
    of_each = (np.concatenate([*part, np.empty((0, len(IOUS)), bool)])[order] for part in (right, counts))
    return OfClass(sure[order], np.concatenate([*pictures, np.empty(0)]).astype(int)[order], *of_each, np.array(boxes))


def _found(predictions: np.ndarray, label: int) -> np.ndarray:
    """The detections (n, 6) of a class in a picture, the surest first."""
    found = predictions[(predictions[:, 4] > 0) & (predictions[:, 5] == label)]
    return found[np.argsort(-found[:, 4], kind="stable")][:MOST]


def _truth(targets: np.ndarray, label: int) -> np.ndarray:
    """The boxes (m, 6) of a class in a picture, also those that are not asked for."""
    return targets[(targets[:, 5] >= 0) & (targets[:, 4] == label)]


def owners(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(n, 10) at each IoU which box each detection of a picture and class has found; -1 for none.

    Args:
        found: (n, 6) detections, the surest first.
        truth: (m, 6) boxes.
    """
    owner = np.full((len(found), len(IOUS)), -1)
    if not len(found) or not len(truth):
        return owner
    overlap = iou(found[:, :4], truth[:, :4])
    crowd, asked = truth[:, 5] == CROWD, truth[:, 5] == 0
    if crowd.any():
        inside = intersection(found[:, :4], truth[crowd, :4]) / np.maximum(area(found[:, :4]), 1e-12)[:, None]
        overlap[:, crowd] = inside
    taken = np.zeros((len(IOUS), len(truth)), bool)
    for d in np.flatnonzero(overlap.max(axis=1) >= IOUS[0]):
        free = np.where(taken & ~crowd, -1.0, overlap[d])  # (10, m)
        for of_these in (asked, ~asked):  # what is not asked for only where nothing else fits
            j, fits = _best(np.where(of_these, free, -1.0))
            fits &= owner[d] < 0
            taken[fits, j[fits]], owner[d, fits] = True, j[fits]
    return owner


def _best(free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(10,) the box with the largest overlap (10, m), of equals the last; and whether that is enough at each IoU."""
    j = free.shape[1] - 1 - free[:, ::-1].argmax(axis=1)
    return j, free[np.arange(len(free)), j] >= np.minimum(IOUS, 1 - 1e-10)


def sides(
    predictions: np.ndarray, targets: np.ndarray, num_classes: int, least_score: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of one picture the boxes (n, 4) that are found at an IoU of 0.5, those that are missed, and those invented.

    Shape:
        - predictions: (D, 6)
        - targets: (G, 6)
    """
    right, missed, invented = [np.empty((0, 4))], [np.empty((0, 4))], [np.empty((0, 4))]
    for label in range(num_classes):
        found, truth = _found(predictions, label), _truth(targets, label)
        found = found[found[:, 4] >= least_score]
        owner, asked = owners(found, truth)[:, AT_50], truth[:, 5] == 0
        is_right = np.array([j >= 0 and asked[j] for j in owner], bool)
        right.append(found[is_right, :4])
        invented.append(found[owner < 0, :4])
        missed.append(truth[asked & ~np.isin(np.arange(len(truth)), owner), :4])
    return np.concatenate(right), np.concatenate(missed), np.concatenate(invented)


# -- scores -----------------------------------------------------------------------------------------------------------


def evaluate(
    predictions: np.ndarray, targets: np.ndarray, classes: list[str], least_score: float = 0.5, seed: int = 0
) -> dict[str, Any]:
    """Every score of a detector, with intervals over pictures.

    Args:
        predictions: As for `match`.
        targets: As for `match`.
        classes: Their names.
        least_score: From which score on a detection is shown to people; precision and recall are of these.
        seed: Of the resamples.

    Returns:
        Scores `map` (over IoU 0.50 to 0.95), `map_50`, `map_75`, and at `least_score` and an IoU of 0.5 `precision`,
        `recall` and `f1`; details per class, and precision-recall curves.
    """
    matched = match(predictions, targets, len(classes))
    values, samples = mean_average_precisions(matched), resampled([matched], seed=seed)[0]
    shown = at_score(matched, least_score)
    result: dict[str, Any] = {"kind": "detection", "count": len(predictions), "headline": ["map_50", "map_75", "map"]}
    for name, value, of_name in zip(("map_50", "map_75", "map"), values, samples.T):
        result[name] = score(value, percentile_interval(of_name) if np.isfinite(value) else (None, None))
    for name in ("precision", "recall", "f1"):
        result[f"box_{name}"] = score(shown[name])
    return result | {"details": _details(matched, classes, least_score)}


def mean_average_precisions(matched: list[OfClass], times: np.ndarray | None = None) -> np.ndarray:
    """(3,) mAP at 0.5, at 0.75, and over all IoUs; the mean over classes of which there are boxes, NaN without any."""
    each = np.array([of_class.average_precisions(times) for of_class in matched])  # (K, 10)
    each = each[np.isfinite(each[:, 0])]
    if not len(each):
        return np.full(3, np.nan)
    means = each.mean(axis=0)
    return np.array([means[AT_50], means[AT_75], means.mean()])


def resampled(several: list[list[OfClass]], resamples: int = RESAMPLES, seed: int = 0) -> list[np.ndarray]:
    """(resamples, 3) mAPs of each of several detectors on the same resamples of their pictures."""
    rng, count = np.random.default_rng(seed), len(several[0][0].boxes)
    work = sum(OF_A_CLASS + len(of_class.scores) for matched in several for of_class in matched) * len(IOUS)
    resamples = max(FEWEST_RESAMPLES, min(resamples, WORK // work))
    if count < 2:  # one picture says nothing of how far others may be
        return [np.full((resamples, 3), np.nan) for _ in several]
    draws = rng.multinomial(count, np.full(count, 1 / count), size=resamples).astype(np.float64)
    return [np.array([mean_average_precisions(matched, times) for times in draws]) for matched in several]


def at_score(matched: list[OfClass], least_score: float) -> dict[str, float | None]:
    """Precision, recall and F1 of the detections from a score on, over all classes at an IoU of 0.5."""
    right = answered = 0
    for of_class in matched:
        kept = (of_class.scores >= least_score) & of_class.counts[:, AT_50]
        right, answered = right + int(of_class.is_right[kept, AT_50].sum()), answered + int(kept.sum())
    boxes = sum(int(of_class.boxes.sum()) for of_class in matched)
    return {
        "precision": right / answered if answered else None,
        "recall": right / boxes if boxes else None,
        "f1": 2 * right / (answered + boxes) if answered + boxes else None,
    }


def best_score(matched: list[OfClass], least: float = 0.1) -> float:
    """The score from which on detections reach the highest F1 at an IoU of 0.5; at least `least`."""
    scores = np.concatenate([of_class.scores[of_class.counts[:, AT_50]] for of_class in matched])
    right = np.concatenate([of_class.is_right[of_class.counts[:, AT_50], AT_50] for of_class in matched])
    order = np.argsort(-scores, kind="stable")
    boxes = sum(int(of_class.boxes.sum()) for of_class in matched)
    f1 = 2 * np.cumsum(right[order]) / (np.arange(1, len(order) + 1) + boxes)
    kept = scores[order] >= least
    return float(scores[order][kept][f1[kept].argmax()]) if kept.any() else least


def _details(matched: list[OfClass], classes: list[str], least_score: float) -> dict[str, Any]:
    per_class, curves = [], []
    for name, of_class in zip(classes, matched):
        precisions, shown = of_class.average_precisions(), at_score([of_class], least_score)
        kept = (of_class.scores >= least_score) & of_class.counts[:, AT_50]
        per_class.append({
            "class": name,
            "count": int(of_class.boxes.sum()),
            "predicted": int(kept.sum()),
            "found_at_all": int(of_class.is_right[:, AT_50].sum()),
            **{key: value or 0.0 for key, value in shown.items()},
            "ap_50": _finite(precisions[AT_50]),
            "ap_75": _finite(precisions[AT_75]),
            "ap": _finite(precisions.mean()),
        })  # fmt: skip
        if of_class.boxes.sum() and len(of_class.scores):
            recall, precision = (_thinned(part) for part in of_class.curve())
            curves.append({
                "class": name, "average_precision": per_class[-1]["ap_50"], "recall": recall, "precision": precision
            })  # fmt: skip
    return {
        "classes": classes,
        "per_class": per_class,
        "precision_recall": sorted(curves, key=lambda curve: curve["average_precision"])[:6],
        "least_score": least_score,
        "boxes": sum(row["count"] for row in per_class),
    }


def _thinned(values: np.ndarray) -> list[float]:
    """So many points that a curve looks the same."""
    chosen = np.linspace(0, len(values) - 1, min(CURVE_POINTS, len(values))).astype(int)
    return values[chosen].tolist()


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
