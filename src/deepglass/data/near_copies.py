"""Near copies: pictures that were resized, recompressed, cropped a little, brightened, or taken a moment apart.

Where one of them is in training and the other in the test, the score flatters. A picture is described by its lowest
frequencies (a cosine transform, normalised in brightness and contrast), which survive all of that but a crop; for
the nearest few the crop that makes them agree best is searched for.

Copies are told from pictures that are merely alike by a gap: the copies of a picture are near, and the next nearest
picture is several times farther (as Lowe tells true matches from chance ones). So dense classes such as shirts in front
of white accuse nobody. Where pictures have few degrees of freedom, as drawings of one bar at every angle have, wide
gaps come by chance, and a wider one is asked for: in D dimensions a factor G has a chance of about 1 / G^D.

References:
    Lowe (2004), Distinctive Image Features from Scale-Invariant Keypoints,
    https://doi.org/10.1023/B:VISI.0000029664.99615.94 Zauner (2010), Implementation and Benchmarking of Perceptual
    Image Hash Functions, http://www.phash.org
"""

from dataclasses import dataclass

import numpy as np

from deepglass.data.picture_alignment import COARSE, best_distances, describe, fine_of, unit

NEIGHBOURS = 64  # nearest pictures of each; a burst may have one fewer
COMPARED = 16  # of them in all detail
ALIGNED = 8  # of them with crops
LEAST_GAP, CHANCE = 3.0, 1e-3  # the next picture is so many times farther, or as many as chance allows
RUNGS = ((1, 4), (2, 8), (4, 16), (8, 32), (16, 64))  # neighbours between which dimensions are estimated
NEAR = 0.35  # of the usual distance within a class, at most
SAME = 0.05  # of it, with no crop: hardly a difference, gap or none
IDENTICAL = 0.002  # of it: rounding
MANY, MOST_DIFFERENT = 0.2, 0.25  # of the pictures have copies, and of the pairs different classes
WORTH_ALIGNING = (0.04, 0.75)  # of it: nearer ones need no crop, farther ones none would help
MOST_ALIGNED = 5_000  # pairs, the nearest first: a second
MOST_PAIRS = 1e8  # distances that are computed: of 10,000 pictures all; of more, evenly spread ones ask
TYPICAL_PAIRS = 40_000  # pairs of one class from which the usual distance is estimated
FEWEST = 20  # pictures below which nothing is said
BLOCK = 512  # pictures asked about at a time: their distances to 60,000 others take 120 MB
STRIPE = 64  # neighbouring columns of which the nearest is looked at first


@dataclass(frozen=True)
class NearCopies:
    """What was found.

    pairs: (P, 2) rows of pictures that are near copies of each other.
    looked_at: How many pictures were compared with all others.
    """

    pairs: np.ndarray
    looked_at: int
    count: int

    @property
    def rows(self) -> np.ndarray:
        """Rows of pictures that have a near copy."""
        return np.unique(self.pairs)

    def groups(self, given: np.ndarray | None = None) -> np.ndarray:
        """(N,) for each picture the first row of its group; alone where it has no copies and no company in `given`."""
        first = np.arange(self.count)
        if given is not None:
            _, start, member_of = np.unique(given, return_index=True, return_inverse=True)
            first = start[member_of]
        for a, b in self.pairs:
            a, b = _root(first, a), _root(first, b)
            first[max(a, b)] = min(a, b)
        return np.array([_root(first, row) for row in range(self.count)])

    def crossing(self, train: np.ndarray, others: np.ndarray) -> np.ndarray:
        """(P, 2) pairs of a row among `others` and one of `train`."""
        both = np.concatenate([self.pairs, self.pairs[:, ::-1]])
        return both[np.isin(both[:, 0], others) & np.isin(both[:, 1], train)]


def find_near_copies(
    pictures: np.ndarray, labels: np.ndarray, asked: np.ndarray | None = None, among: np.ndarray | None = None
) -> NearCopies:
    """Find pairs of near copies.

    Args:
        pictures: (N, 32, 32, C) thumbnails, uint8; 1 or 3 channels.
        labels: (N,) classes, by which the usual distance is estimated; a copy may have another one.
        asked: Rows to find copies of (a test); all by default.
        among: Rows to find them in (a training); all by default.
    """
    count = len(pictures)
    everything = np.arange(count)
    asked, among = everything if asked is None else asked, everything if among is None else among
    coefficients = describe(pictures)
    fine, coarse = fine_of(coefficients), unit(coefficients[:, COARSE].reshape(count, -1))
    has_contrast = np.abs(fine).max(axis=1, initial=0) > 0
    asked, among = asked[has_contrast[asked]], among[has_contrast[among]]
    some = asked[np.linspace(0, len(asked) - 1, _most(len(asked), len(among))).astype(int)] if len(asked) else asked
    usual = _usual_distance(fine, labels, among)
    if count < FEWEST or not usual or not len(some) or len(among) < 2:
        return NearCopies(np.empty((0, 2), int), len(some), count)
    near, distances = _nearest(coarse, fine, some, among, usual)
    is_same = distances < SAME
    _align(pictures, some, near, distances, usual)
    order = distances.argsort(axis=1, kind="stable")
    near, distances, is_same = (np.take_along_axis(values, order, 1) for values in (near, distances, is_same))
    is_copy = is_same | _before_gap(distances, _gap(distances, count))
    for found in (is_copy, is_same, distances < IDENTICAL):
        pairs = _pairs(some, near, found)
        if not _are_blind(pairs, labels, len(some)):
            break
    return NearCopies(pairs, len(some), count)


def _pairs(some: np.ndarray, near: np.ndarray, found: np.ndarray) -> np.ndarray:
    """(P, 2) rows of what was found, each pair once."""
    pairs = np.stack([np.repeat(some, found.sum(axis=1)), near[found]], axis=1)
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _are_blind(pairs: np.ndarray, labels: np.ndarray, asked: int) -> bool:
    """Whether many pictures have copies, and many of other classes: then the measure is blind to what makes them."""
    different = labels[pairs[:, 0]] != labels[pairs[:, 1]]
    return len(np.unique(pairs)) > MANY * asked and bool(different.mean() > MOST_DIFFERENT)


def _most(asked: int, among: int) -> int:
    return max(1, min(asked, int(MOST_PAIRS / max(1, among))))


def _usual_distance(fine: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> float:
    """Median distance of two pictures of one class."""
    if len(rows) < 2:
        return 0.0
    a, b = rows[np.random.default_rng(0).integers(0, len(rows), (2, TYPICAL_PAIRS))]
    is_pair = (labels[a] == labels[b]) & (a != b)
    a, b = a[is_pair], b[is_pair]
    return float(np.median(np.linalg.norm(fine[a] - fine[b], axis=1))) if len(a) else 0.0


def _nearest(
    coarse: np.ndarray, fine: np.ndarray, some: np.ndarray, among: np.ndarray, usual: float
) -> tuple[np.ndarray, np.ndarray]:
    """(n, k) rows of the nearest pictures and their distances, as a multiple of the usual one."""
    padded = np.concatenate([coarse[among], np.zeros((-len(among) % STRIPE, coarse.shape[1]), np.float32)])
    column = np.full(len(coarse), -1)
    column[among] = np.arange(len(among))
    blocks = np.array_split(some, max(1, len(some) // BLOCK))
    found = [_top(coarse[rows], padded, len(among), column[rows]) for rows in blocks]
    columns, distances = (np.concatenate(parts) for parts in zip(*found))
    near = among[columns]
    far = np.linalg.norm(fine[near[:, -1]] - fine[some], axis=1)
    distances *= float(np.median(far)) / max(1e-9, float(np.median(distances[:, -1]))) / usual  # as fine ones are
    for place in range(min(COMPARED, near.shape[1])):
        distances[:, place] = np.linalg.norm(fine[near[:, place]] - fine[some], axis=1) / usual
    return near, distances


def _top(asked: np.ndarray, among: np.ndarray, count: int, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the nearest of `among` and their distances: first the best stripes of columns, then the best in them.

    Args:
        asked: (n, F) unit vectors.
        among: (m, F) unit vectors, padded to whole stripes.
        count: How many of these are not padding.
        own: (n,) the column that each of `asked` is itself, which is left out; -1 for none.
    """
    cosines = asked @ among.T  # (n, m)
    cosines[:, count:] = -2
    cosines[np.flatnonzero(own >= 0), own[own >= 0]] = -2
    cosines = cosines.reshape(len(asked), -1, STRIPE)
    k = min(NEIGHBOURS, count - 1)
    stripes = min(k, cosines.shape[1])
    best = np.argpartition(-cosines.max(axis=2), stripes - 1, axis=1)[:, :stripes]  # (n, stripes)
    found = np.take_along_axis(cosines, best[..., None], 1).reshape(len(asked), -1)
    column = (best[..., None] * STRIPE + np.arange(STRIPE)).reshape(len(asked), -1)
    top = np.argpartition(-found, k - 1, axis=1)[:, :k]
    top = np.take_along_axis(top, np.take_along_axis(-found, top, 1).argsort(axis=1, kind="stable"), 1)
    found, column = np.take_along_axis(found, top, 1), np.take_along_axis(column, top, 1)
    return column, np.sqrt(np.maximum(0, 2 - 2 * found))


def _align(pictures: np.ndarray, some: np.ndarray, near: np.ndarray, distances: np.ndarray, usual: float) -> None:
    """Replace the distances of the nearest few by those with the best crop, where it is smaller.

    Crops bring pictures nearer that are not copies, too: what was not tried is taken as so much nearer as is usual, or
    there would be a gap behind the last one that was.
    """
    closest = distances[:, :ALIGNED]
    row, place = np.nonzero((closest > WORTH_ALIGNING[0]) & (closest < WORTH_ALIGNING[1]))
    order = closest[row, place].argsort(kind="stable")[:MOST_ALIGNED]
    row, place = row[order], place[order]
    if not len(row):
        return
    plain = distances[row, place]
    aligned = np.minimum(plain, best_distances(pictures, some[row], near[row, place], NEAR * usual) / usual)
    was_aligned = np.zeros(distances.shape, bool)
    was_aligned[row, place] = True
    others = ~was_aligned & (distances > WORTH_ALIGNING[0])
    if (far := (place >= ALIGNED // 2) & (aligned < plain)).any():  # so far out hardly a copy
        distances[others] *= np.median(aligned[far] / plain[far])
    distances[row, place] = aligned


def _gap(distances: np.ndarray, count: int) -> float:
    """The factor between neighbours that chance seldom gives, by the dimensions in which pictures spread.

    Copies hide them at one scale, not at all: the largest estimate counts.
    """
    typical = np.maximum(1e-9, np.median(distances, axis=0))
    rungs = [(few, more) for few, more in RUNGS if more <= min(len(typical), count // 4)]
    dimensions = [np.log(more / few) / max(1e-9, np.log(typical[more - 1] / typical[few - 1])) for few, more in rungs]
    return float(max(LEAST_GAP, CHANCE ** (-1 / max(dimensions, default=1.0))))


def _before_gap(distances: np.ndarray, gap: float) -> np.ndarray:
    """(n, k) whether a neighbour is near and comes before a gap; distances are sorted."""
    is_gap = (distances[:, 1:] >= gap * distances[:, :-1]) & (distances[:, :-1] <= NEAR)
    last = np.where(is_gap.any(axis=1), is_gap.shape[1] - 1 - is_gap[:, ::-1].argmax(axis=1), -1)
    return np.arange(distances.shape[1])[None] <= last[:, None]


def _root(first: np.ndarray, row: int) -> int:
    while first[row] != row:
        first[row] = first[first[row]]
        row = first[row]
    return int(row)
