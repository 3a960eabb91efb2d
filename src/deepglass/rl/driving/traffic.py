"""Traffic: other cars on the road, slower than one drives, that nobody may touch.

They keep their speed and their lane, the first to the right, the second to the left, and so on, so that no lane is free
all the way round. A body is a rectangle for whoever sees it; for a crash it is three discs, which hold it.
"""

import numpy as np

from deepglass.rl.driving.tracks import WIDTH, Tracks

PACE = 4.0  # m/s of all others: one starts with 5
LANE = WIDTH / 4  # metres from the middle of the road to that of a lane
BODY = (-0.8, 3.3, 0.9)  # m; how far a body reaches behind and before the rear axle, and aside
DISC = 1.1  # metres of radius: three of them hold a body but for its corners
LOOK = (-8.0, 25.0)  # metres behind and ahead within which an expert keeps clear of another car


def spread(length: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Metres along the track of so many others in each episode, far from the start and from each other: (count, N)."""
    gap = length / (count + 1)
    return gap * (np.arange(1, count + 1)[:, None] + rng.uniform(-0.1, 0.1, (count, len(length))))


def lanes(count: int) -> np.ndarray:
    """-1 right, 1 left, (count,)."""
    return np.where(np.arange(count) % 2, 1.0, -1.0)


def poses(tracks: Tracks, track: np.ndarray, ways: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where others are and which way they look.

    Args:
        tracks: All tracks.
        track: That of each episode.
        ways: Metres along it.

    Shape:
        - track: (N,)
        - ways: (count, N)
        - output: (N, count, 2) each, the second of length 1
    """
    whole, share = np.divmod(ways.T / tracks.spacing[track][:, None], 1)
    point, track = whole.astype(int) % tracks.middle.shape[1], track[:, None]
    here, following = tracks.middle[track, point], tracks.middle[track, (point + 1) % tracks.middle.shape[1]]
    along = tracks.along[track, point]
    return here + share[..., None] * (following - here) + LANE * lanes(len(ways))[:, None] * left_of(along), along


def left_of(along: np.ndarray) -> np.ndarray:
    """Directions (…, 2) a quarter turn to the left."""
    return np.stack((-along[..., 1], along[..., 0]), axis=-1)


def outlines(place: np.ndarray, along: np.ndarray, body: tuple[float, float, float] = BODY) -> np.ndarray:
    """The corners of bodies as closed chains, the first corner twice: (N, 5, count, 2)."""
    behind, before, aside = body
    corners = ((behind, -aside), (before, -aside), (before, aside), (behind, aside), (behind, -aside))
    return np.stack([place + ahead * along + beside * left_of(along) for ahead, beside in corners], axis=1)


def discs(place: np.ndarray, along: np.ndarray, body: tuple[float, float, float] = BODY) -> np.ndarray:
    """The middles of the three discs of bodies: (N, count, 3, 2)."""
    behind, before, aside = body
    ahead = np.linspace(behind + aside, before - aside, 3)
    return place[..., None, :] + ahead[:, None] * along[..., None, :]


def touches(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether one's own discs (N, 1, 3, 2) meet any of the others (N, count, 3, 2): (N,)."""
    apart = own[:, :, :, None] - others[:, :, None]  # (N, count, 3, 3, 2)
    return (np.square(apart).sum(axis=-1) < (2 * DISC) ** 2).any(axis=(1, 2, 3))


def clear_lane(way: np.ndarray, ways: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Metres to the left of the middle at which one passes the next car in sight, 0 where there is none: (N,).

    Args:
        way: Metres along the track.
        ways: The same of the others.
        length: Of a lap.

    Shape:
        - way, length, output: (N,)
        - ways: (count, N)
    """
    gap = (ways - way + length / 2) % length - length / 2  # (count, N), ahead
    gap = np.where((gap > LOOK[0]) & (gap < LOOK[1]), gap, np.inf)
    is_near = np.isfinite(gap).any(axis=0)
    return np.where(is_near, -LANE * lanes(len(ways))[gap.argmin(axis=0)], 0.0)
