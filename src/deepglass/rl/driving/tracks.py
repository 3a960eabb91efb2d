"""Closed tracks for cars: smooth loops drawn by chance, or through points of one's own.

    radius     r(θ) = 1 + Σ_k a_k cos(kθ + φ_k)        k = 2 … 5, the waves smaller the shorter they are

A loop is kept if the road fits on it: no bend tighter than the road is wide, no two stretches that touch. Every track
is a ring of points at equal distances along its middle, metres, with the edges to either side of it.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepglass.core.errors import DataError

SAMPLES = 96  # points of a random track
SPACING = 3.0  # metres between the points of a track of one's own; the random ones have 2.5 to 3.5
SHORTEST, LONGEST = 240.0, 340.0  # metres of a random track
WIDTH = 8.0  # of the road, metres: two lanes
TIGHTEST = 8.0  # metres, the least radius of a bend of a random track: twice half the road
APART = 4.0  # metres between the edges of stretches that pass each other
WAVES = np.arange(2, 6)  # a first wave would only move the loop
HIGHEST = 0.65  # of the waves, over their number
FINE = 512  # points on which a curve is measured before its own are set
MOST_POINTS, LAP_FROM, LAP_TO = 10_000, 60.0, 5_000.0  # what a file may hold: points, and metres of a lap


@dataclass(frozen=True)
class Tracks:
    """Several tracks of as many points each.

    Shape:
        - middle: (tracks, samples, 2), metres
        - along: (tracks, samples, 2), the direction of the road there, of length 1
        - edges: (tracks, samples, 2, 2), the left and the right edge
        - length: (tracks,), metres of a lap
    """

    middle: np.ndarray
    along: np.ndarray
    edges: np.ndarray
    length: np.ndarray

    @property
    def spacing(self) -> np.ndarray:
        """Metres between two points, (tracks,)."""
        return self.length / self.middle.shape[1]


def tracks_along(middle: np.ndarray) -> Tracks:
    """Tracks with their road along the middles (tracks, samples, 2), points at equal distances."""
    along = np.roll(middle, -1, axis=1) - np.roll(middle, 1, axis=1)
    along /= np.linalg.norm(along, axis=2, keepdims=True)
    side = np.stack((-along[..., 1], along[..., 0]), axis=2) * WIDTH / 2  # to the left
    edges = np.stack((middle + side, middle - side), axis=2)  # (tracks, samples, 2, 2)
    return Tracks(middle, along, edges.astype(np.float32), lengths(middle))


def random_tracks(count: int, rng: np.random.Generator) -> Tracks:
    """So many loops by chance, driven either way round, that start anywhere on them."""
    found = np.empty((0, SAMPLES, 2))
    while len(found) < count:
        middle = evenly(loops(3 * count, rng), SAMPLES)
        found = np.concatenate((found, middle[fits(middle)]))
    found = found[:count]
    is_turned = rng.random(count) < 0.5
    found[is_turned] = found[is_turned, ::-1]
    start = (np.arange(SAMPLES) + rng.integers(0, SAMPLES, (count, 1))) % SAMPLES
    return tracks_along(found[np.arange(count)[:, None], start])


def loops(count: int, rng: np.random.Generator) -> np.ndarray:
    """Curves r(θ) around 0 that are as long as a track may be, (count, FINE, 2)."""
    angle = np.linspace(0, 2 * np.pi, FINE, endpoint=False)
    height = rng.uniform(0, HIGHEST, (count, len(WAVES))) / WAVES
    phase = rng.uniform(0, 2 * np.pi, (count, len(WAVES)))
    wave = np.cos(WAVES[:, None] * angle + phase[..., None])  # (count, waves, FINE)
    radius = 1 + np.einsum("cw,cwf->cf", height, wave)
    curve = radius[..., None] * np.stack((np.cos(angle), np.sin(angle)), axis=1)
    wanted = rng.uniform(SHORTEST, LONGEST, count)
    return curve * (wanted / lengths(curve))[:, None, None]


def fits(middle: np.ndarray) -> np.ndarray:
    """Whether the road has room along each middle (tracks, samples, 2)."""
    step = np.roll(middle, -1, axis=1) - middle
    direction = np.unwrap(np.arctan2(step[..., 1], step[..., 0]), axis=1)
    turn = np.abs(np.diff(direction, axis=1, append=direction[:, :1] + 2 * np.pi))  # they all go round once
    spacing = lengths(middle)[:, None] / middle.shape[1]
    is_gentle = (turn * TIGHTEST <= spacing).all(axis=1)
    few = middle[is_gentle, ::2]
    gap = np.linalg.norm(few[:, :, None] - few[:, None], axis=3)  # (tracks, points, points)
    number = np.arange(few.shape[1])
    apart = np.abs(number[:, None] - number)
    apart = 2 * np.minimum(apart, few.shape[1] - apart)
    is_other = apart * spacing[is_gentle, :, None] > np.pi / 2 * (WIDTH + APART)  # further by road than by half a turn
    is_gentle[is_gentle] = ~((gap < WIDTH + APART) & is_other).any(axis=(1, 2))
    return is_gentle


def lengths(curves: np.ndarray) -> np.ndarray:
    """Metres once round closed curves (curves, points, 2)."""
    return np.linalg.norm(np.roll(curves, -1, axis=1) - curves, axis=2).sum(axis=1)


def evenly(curves: np.ndarray, samples: int) -> np.ndarray:
    """Closed curves with so many points, at equal distances along them: (curves, samples, 2)."""
    closed = np.concatenate((curves, curves[:, :1]), axis=1)
    way = np.linalg.norm(np.diff(closed, axis=1), axis=2).cumsum(axis=1)
    way = np.concatenate((np.zeros((len(curves), 1)), way), axis=1)  # (curves, points + 1)
    return np.stack(
        [
            np.stack([np.interp(np.linspace(0, at[-1], samples, endpoint=False), at, axis) for axis in curve.T], axis=1)
            for at, curve in zip(way, closed, strict=True)
        ]
    )


def track_through(points: np.ndarray) -> Tracks:
    """One track, smooth, through points in the order in which they are driven.

    Between two points runs a cubic whose slope at each is that from its neighbour to its other neighbour (Catmull and
    Rom). Where the road crosses itself, it is a bridge; where a bend is too tight for it, the inner edge folds.

    Args:
        points: (points, 2), metres.

    Raises:
        DataError: If there are fewer than 3 different points, too many, numbers that are not finite, or a lap that is
            too short or too long.

    References:
        Catmull and Rom (1974), A class of local interpolating splines
    """
    points = np.asarray(points, dtype=float)
    if points.ndim != 2 or points.shape[1:] != (2,) or not np.isfinite(points).all():
        raise DataError(f"a track is a list of points x, y that are finite numbers, got {str(points.tolist())[:80]}")
    points = points[np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1) > 1e-6]  # one may close it by itself
    if not 3 <= len(points) <= MOST_POINTS:
        raise DataError(f"a track needs 3 to {MOST_POINTS:,} different points, got {len(points)}")
    curve = spline(points, max(4, FINE // len(points)))[None]
    if not LAP_FROM <= (lap := float(lengths(curve)[0])) <= LAP_TO:
        raise DataError(f"expected a lap of {LAP_FROM:g} to {LAP_TO:,.0f} metres, got {lap:.4g}: scale x and y")
    return tracks_along(evenly(curve, round(lap / SPACING)))


def spline(points: np.ndarray, per_point: int) -> np.ndarray:
    """The closed Catmull-Rom curve through points (points, 2): (points · per_point, 2)."""
    before, after, further = (np.roll(points, -by, axis=0) for by in (-1, 1, 2))
    t = np.linspace(0, 1, per_point, endpoint=False)[:, None]
    start, end = (after - before) / 2, (further - points) / 2  # slopes at the two ends
    weights = (2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, 3 * t**2 - 2 * t**3, t**3 - t**2)  # Hermite's
    parts = zip(weights, (points, start, after, end), strict=True)
    return sum(weight * part[:, None] for weight, part in parts).reshape(-1, 2)


def read_track(path: Path) -> Tracks:
    """A track through the points of a file: two numbers a line, x and y in metres; a first line may name them.

    Raises:
        DataError: If the file cannot be read, or a line holds something else, or the points are no track.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise DataError(f"{path} cannot be read as a track ({reason}): expected lines such as 12.5, -3") from None
    points = []
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and [cell.lower() for cell in cells] == ["x", "y"]):
            continue
        try:
            x, y = map(float, cells)
        except ValueError:
            raise DataError(
                f"line {number} of {path}: expected two numbers, x and y in metres, such as 12.5, -3; "
                f"got {','.join(row)[:60]!r}"
            ) from None
        points.append((x, y))
    try:
        return track_through(np.array(points).reshape(-1, 2))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
