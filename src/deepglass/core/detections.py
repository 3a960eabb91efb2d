"""Boxes: how much two overlap, and which of many guesses at the same thing is kept.

    places (M, 4 + K) ── the surest guesses ── suppress those that mean the same thing ── detections (n, 6)

A box is (x0, y0, x1, y1); a detection is a box, its score and the position of its class. NumPy alone: this very file is
a part of `deploy/runtime` too.

References:
    Jaccard (1912), The Distribution of the Flora in the Alpine Zone, https://doi.org/10.1111/j.1469-8137.1912.tb05611.x
    Dalal and Triggs (2005), Histograms of Oriented Gradients (non-maximum suppression of windows),
    https://doi.org/10.1109/CVPR.2005.177
"""

import numpy as np

SAME_THING = 0.55  # two boxes of a class that overlap more are one thing; cells in blood overlap by less
MOST_CANDIDATES = 500  # guesses of a picture that are compared
MOST_DETECTIONS = 100  # of a picture, as COCO counts them
LEAST_SCORE = 0.05  # below, a guess is noise


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union: the area that both cover as a share of the area that any covers.

    Shape:
        - a: (n, 4)
        - b: (m, 4)
        - output: (n, m)

    Example:
        >>> iou(np.array([[0, 0, 2, 2]]), np.array([[1, 0, 3, 2], [5, 5, 6, 6]]))
        array([[0.33333333, 0.        ]])
    """
    both = intersection(a, b)
    return both / np.maximum(area(a)[:, None] + area(b) - both, np.finfo(np.float64).tiny)


def intersection(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n, m) the area that both cover, of boxes (n, 4) and (m, 4)."""
    low, high = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])  # (n, m, 2)
    return np.clip(high - low, 0, None).prod(axis=2)


def area(boxes: np.ndarray) -> np.ndarray:
    """(n,) of boxes (n, 4)."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def suppress(boxes: np.ndarray, scores: np.ndarray, same_thing: float = SAME_THING) -> np.ndarray:
    """Non-maximum suppression: keep the surest box, drop those that overlap it much, and go on with the rest.

    Args:
        boxes: Of one class.
        scores: How sure each is.
        same_thing: The IoU beyond which two boxes mean the same thing.

    Shape:
        - boxes: (n, 4)
        - scores: (n,)
        - output: positions of those that are kept, the surest first

    Example:
        >>> boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]])
        >>> suppress(boxes, np.array([0.6, 0.9, 0.8])).tolist()
        [1, 2]
    """
    kept, rest = [], np.argsort(-scores, kind="stable")
    while len(rest):
        best, rest = rest[0], rest[1:]
        kept.append(best)
        rest = rest[iou(boxes[best][None], boxes[rest])[0] <= same_thing]
    return np.array(kept, np.int64)


def detect(
    places: np.ndarray, least_score: float = LEAST_SCORE, same_thing: float = SAME_THING, most: int = MOST_DETECTIONS
) -> np.ndarray:
    """The things in one picture.

    Args:
        places: At each place a box, then how likely there is a thing of each class.
        least_score: Guesses below it are left out.
        same_thing: As for `suppress`.
        most: Detections at most.

    Shape:
        - places: (M, 4 + K)
        - output: (n, 6): box, score, class; the surest first
    """
    scores = places[:, 4:]
    rows, labels = np.nonzero(scores >= least_score)
    surest = np.argsort(-scores[rows, labels], kind="stable")[:MOST_CANDIDATES]
    rows, labels = rows[surest], labels[surest]
    boxes, sure = places[rows, :4].astype(np.float64), scores[rows, labels].astype(np.float64)
    kept = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    kept = [of_class[suppress(boxes[of_class], sure[of_class], same_thing)] for of_class in kept]
    chosen = np.concatenate([*kept, np.empty(0, np.int64)])
    chosen = chosen[np.argsort(-sure[chosen], kind="stable")][:most]
    return np.column_stack([boxes[chosen], sure[chosen], labels[chosen]])


def padded(found: list[np.ndarray], most: int = MOST_DETECTIONS) -> np.ndarray:
    """Detections of several pictures in one array (N, most, 6); a score of 0 stands for none."""
    array = np.zeros((len(found), most, 6), np.float32)
    for row, part in zip(array, found):
        row[: len(part)] = part[:most]
    return array
