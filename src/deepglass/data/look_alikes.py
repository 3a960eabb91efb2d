"""Clusters of pictures within a class: of one person, object or sitting, alike without being copies.

With k the distance to the k-th nearest picture of the same class grows slowly and, as the class is used up, ever
faster. Where pictures come in clusters it grows fast up to the size of a cluster and slowly behind it, since the next
cluster is about as far as any. That bend is looked for; its place is about the size of a cluster.
"""

import numpy as np

from deepglass.data.picture_alignment import describe, fine_of

MOST_ASKED = 2_000  # pictures
FEWEST_OF_A_CLASS = 24
STEEP = 0.25  # octaves of distance for an octave of neighbours, on average over three
BEND = {1: 4.0, 2: 2.0, 3: 2.0}  # how much steeper before than behind, by how many octaves lie behind
OCTAVES_BEFORE = 3


def cluster_size(pictures: np.ndarray, labels: np.ndarray) -> int | None:
    """About how many pictures of a class belong together; None where nothing speaks for clusters.

    Args:
        pictures: (N, 32, 32, C) thumbnails, uint8.
        labels: (N,) classes.
    """
    features = fine_of(describe(pictures))
    places = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    places = [rows for rows in places if len(rows) >= FEWEST_OF_A_CLASS]
    if not places:
        return None
    largest = min(len(rows) for rows in places) // 2
    neighbours = 2 ** np.arange(int(np.log2(largest)) + 1)  # 1, 2, 4, …
    asked = max(1, MOST_ASKED // len(places))
    found = [_distances(features[rows], neighbours, asked) for rows in places]
    typical = np.median(np.concatenate(found), axis=0)
    return _bend(typical, neighbours) if typical.min() > 0 else None


def _distances(features: np.ndarray, neighbours: np.ndarray, most: int) -> np.ndarray:
    """(n, k) distances of some pictures to their 1st, 2nd, 4th … nearest."""
    some = features[np.linspace(0, len(features) - 1, min(most, len(features))).astype(int)]
    squares = (some**2).sum(axis=1)[:, None] + (features**2).sum(axis=1) - 2 * some @ features.T
    return np.sqrt(np.maximum(0, np.sort(squares, axis=1)[:, neighbours]))  # place 0 is the picture itself


def _bend(typical: np.ndarray, neighbours: np.ndarray) -> int | None:
    """The number of neighbours behind which distances grow much more slowly than before."""
    growth = np.diff(np.log2(typical))
    for place in range(OCTAVES_BEFORE, len(growth)):
        before = growth[place - OCTAVES_BEFORE : place].mean()
        behind = growth[place : place + max(BEND)]
        if before >= STEEP and before >= BEND[len(behind)] * behind.mean():
            return int(neighbours[place])
    return None
