"""Scores of masks: how many pixels are right, how well regions overlap, and how well their edges meet.

    masks ── pixels shared, said and true, by picture and class ── summed over pictures ── accuracy, IoU, Dice
          ── edges within a tolerance of each other                                     ── boundary F

Pixels that nobody labelled count nowhere. Everything is kept by picture, and intervals come from drawing pictures
anew: neighbouring pixels are no independent witnesses.

References:
    Jaccard (1912), https://doi.org/10.1111/j.1469-8137.1912.tb05611.x (IoU); Dice (1945),
    https://doi.org/10.2307/1932409
    Csurka et al. (2013), What is a good evaluation measure for semantic segmentation?,
    https://doi.org/10.5244/C.27.32 (the boundary F score, and its tolerance of 0.75 % of the diagonal)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.evaluate.intervals import RESAMPLES, percentile_interval
from deepglass.evaluate.scores import score

TOLERANCE = 0.0075  # of the diagonal of a picture, that an edge may lie beside the true one; at least a pixel
MOST_CONFUSED = 40  # classes of which the whole table of confusions is kept
MOST_DRAWN = 50_000_000  # pictures times classes times resamples; more classes get fewer resamples
FEWEST_RESAMPLES = 100


@dataclass(frozen=True)
class Counts:
    """Of each picture and class (N, K), as float64.

    Attributes:
        both: Pixels that are of the class and are said to be.
        said: Pixels that are said to be.
        true: Pixels that are.
        edges: (N, K, 4) edge pixels of the answer near a true edge, all of them, true ones near an answer's, all.
    """

    both: np.ndarray
    said: np.ndarray
    true: np.ndarray
    edges: np.ndarray


def count(predictions: np.ndarray, targets: np.ndarray, num_classes: int, with_edges: bool = True) -> Counts:
    """Count each picture.

    Shape:
        - predictions: (N, H, W) classes
        - targets: (N, H, W) classes below `num_classes`; all else is not judged
    """
    N = len(predictions)
    both, said, true = (np.zeros((N, num_classes)) for _ in range(3))
    edges = np.zeros((N, num_classes, 4))
    for i, (answer, truth) in enumerate(zip(predictions, targets)):
        judged = truth < num_classes
        a, t = answer[judged].astype(np.int64), truth[judged].astype(np.int64)
        both[i] = np.bincount(t[a == t], minlength=num_classes)
        said[i] = np.bincount(a, minlength=num_classes)[:num_classes]
        true[i] = np.bincount(t, minlength=num_classes)
        if with_edges:
            edges[i] = edge_counts(answer, truth, num_classes)
    return Counts(both, said, true, edges)


def edge_counts(answer: np.ndarray, truth: np.ndarray, num_classes: int) -> np.ndarray:
    """(K, 4) of one picture: edge pixels of the answer near a true edge, all of them; and the other way around.

    An edge pixel of a class has a neighbour, above, below, left or right, of another class that is judged.
    """

    judged = truth < num_classes
    rows, columns = np.flatnonzero(judged.any(axis=1)), np.flatnonzero(judged.any(axis=0))
    counts = np.zeros((num_classes, 4))
    if not len(rows):
        return counts
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    answer, truth, judged = answer[part], truth[part], judged[part]
    near = tolerance(*truth.shape)
    edges = edge_pixels(answer, judged), edge_pixels(truth, judged)
    for label in np.union1d(np.unique(answer[judged]), np.unique(truth[judged])):
        said, true = edges[0] & (answer == label), edges[1] & (truth == label)
        counts[label, 1], counts[label, 3] = said.sum(), true.sum()
        if said.any() and true.any():
            counts[label, 0] = (_distances(true)[said] <= near).sum()
            counts[label, 2] = (_distances(said)[true] <= near).sum()
    return counts


def _distances(edge: np.ndarray) -> np.ndarray:
    """(H, W) of each pixel to the nearest one of an edge."""
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(~edge))


def edge_pixels(labels: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """(H, W) bool: judged pixels beside a judged one of another class."""
    edge = np.zeros(labels.shape, bool)
    down = (labels[1:] != labels[:-1]) & judged[1:] & judged[:-1]
    right = (labels[:, 1:] != labels[:, :-1]) & judged[:, 1:] & judged[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= right
    edge[:, :-1] |= right
    return edge


def tolerance(height: int, width: int) -> float:
    """Pixels that an edge may lie beside the true one."""
    return max(1.0, float(np.round(TOLERANCE * np.hypot(height, width))))


@dataclass(frozen=True)
class Scores:
    """Of all pictures, or of each of R draws of them: (…,) and by class (…, K), NaN where a class is nowhere."""

    pixel_accuracy: np.ndarray
    mean_iou: np.ndarray
    mean_dice: np.ndarray
    boundary_f1: np.ndarray
    iou: np.ndarray
    dice: np.ndarray
    edge_f1: np.ndarray


def scored(counts: Counts, times: np.ndarray | None = None) -> Scores:
    """The scores of the pictures together.

    Args:
        counts: As `count` gives them.
        times: (R, N) how often each picture is taken; once where it is None.
    """
    times = np.ones((1, len(counts.both))) if times is None else times
    both, said, true = (times @ part for part in (counts.both, counts.said, counts.true))  # (R, K)
    edges = np.einsum("rn,nke->rke", times, counts.edges)
    with np.errstate(invalid="ignore", divide="ignore"):
        iou, dice = both / (said + true - both), 2 * both / (said + true)
        precision, recall = edges[..., 0] / edges[..., 1], edges[..., 2] / edges[..., 3]
        edge_f1 = np.where(precision + recall > 0, 2 * precision * recall / (precision + recall), 0.0)
        edge_f1 = np.where(edges[..., 1] + edges[..., 3] > 0, np.nan_to_num(edge_f1), np.nan)
        accuracy = both.sum(axis=1) / true.sum(axis=1)
    return Scores(accuracy, _mean(iou), _mean(dice), _mean(edge_f1), iou, dice, edge_f1)


def _mean(of_class: np.ndarray) -> np.ndarray:
    """(R,) over the classes that are somewhere."""
    there = np.isfinite(of_class)
    number = there.sum(axis=1)
    return np.where(number > 0, np.where(there, of_class, 0).sum(axis=1) / np.maximum(1, number), np.nan)


def draws(pictures: int, num_classes: int, seed: int = 0) -> np.ndarray | None:
    """(R, N) how often each picture is taken in each of R draws; None for a single picture, which tells no spread."""
    if pictures < 2:
        return None
    resamples = max(FEWEST_RESAMPLES, min(RESAMPLES, MOST_DRAWN // (pictures * num_classes)))
    rng = np.random.default_rng(seed)
    return rng.multinomial(pictures, np.full(pictures, 1 / pictures), size=resamples).astype(np.float64)


def evaluate(predictions: np.ndarray, targets: np.ndarray, classes: list[str], seed: int = 0) -> dict[str, Any]:
    """Every score of masks, with intervals over pictures.

    Args:
        predictions: As for `count`.
        targets: As for `count`.
        classes: Their names.
        seed: Of the draws.
    """
    counts = count(predictions, targets, len(classes))
    values, times = scored(counts), draws(len(predictions), len(classes), seed)
    spread = None if times is None else scored(counts, times)
    result: dict[str, Any] = {
        "kind": "segmentation",
        "count": len(predictions),
        "headline": ["mean_iou", "mean_dice", "pixel_accuracy"],
    }
    for name in ("mean_iou", "mean_dice", "pixel_accuracy", "boundary_f1"):
        value = float(getattr(values, name)[0])
        result[name] = score(value, _interval(None if spread is None else getattr(spread, name), value))
    judged = float(counts.true.sum())
    in_pictures = float((targets != OUTSIDE_OF_ALL).sum())
    details = {
        "classes": classes,
        "per_class": _per_class(counts, values, spread, classes),
        "pixels": int(judged),
        "ignored": 1 - judged / max(1.0, in_pictures),
    }
    if len(classes) <= MOST_CONFUSED:
        details["confusion"] = confusion(predictions, targets, len(classes)).tolist()
    return result | {"details": details}


OUTSIDE_OF_ALL = 254  # in targets: beyond the edge of a picture


def confusion(predictions: np.ndarray, targets: np.ndarray, num_classes: int) -> np.ndarray:
    """(K, K) pixels by what they are and what they are said to be."""
    judged = targets < num_classes
    pairs = targets[judged].astype(np.int64) * num_classes + predictions[judged]
    return np.bincount(pairs, minlength=num_classes**2)[: num_classes**2].reshape(num_classes, num_classes)


def _per_class(counts: Counts, values: Scores, spread: Scores | None, classes: list[str]) -> list[dict[str, Any]]:
    both, said, true = (part.sum(axis=0) for part in (counts.both, counts.said, counts.true))
    rows = []
    for k, name in enumerate(classes):
        row: dict[str, Any] = {
            "class": name,
            "count": int(true[k]),
            "share": float(true[k] / max(1.0, true.sum())),
            "pictures": int((counts.true[:, k] > 0).sum()),
            "precision": float(both[k] / said[k]) if said[k] else None,
            "recall": float(both[k] / true[k]) if true[k] else None,
        }
        for what, key in (("iou", "iou"), ("dice", "dice"), ("edge_f1", "boundary_f1")):
            value = float(getattr(values, what)[0, k])
            low, high = _interval(None if spread is None else getattr(spread, what)[:, k], value)
            row |= {key: _finite(value), f"{key}_low": _finite(low), f"{key}_high": _finite(high)}
        rows.append(row)
    return rows


def _interval(samples: np.ndarray | None, value: float) -> tuple[float | None, float | None]:
    if samples is None or not np.isfinite(value):
        return None, None
    return percentile_interval(samples)


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
