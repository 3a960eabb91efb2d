"""Distance rays: how far it is to the edge of the road, in a few directions from the car, for many cars at once.

A point p lies on a ray with direction d where p × d = 0 and p · d ≥ 0. So an edge of the road, a chain of points, is
met where p × d changes its sign from one point to the next; how far away follows from p · d on either side of it, by
the same proportion. The first product is computed for all points and rays at once, the rest only where they meet.
"""

import numpy as np


def distances(
    points: np.ndarray, place: np.ndarray, heading: np.ndarray, angles: np.ndarray, reach: float
) -> np.ndarray:
    """Metres from each car to the nearest chain in each direction, at most `reach`.

    Args:
        points: The chains, in the order of their points.
        place: Of the cars.
        heading: Of the cars, radians.
        angles: Of the rays from straight ahead, radians, counter-clockwise.
        reach: Metres that a ray is long.

    Shape:
        - points: (N, points, chains, 2)
        - place: (N, 2)
        - heading: (N,)
        - angles: (rays,)
        - output: (N, rays) float32

    Example:
        >>> wall = np.array([[[[5.0, -9.0]], [[5.0, 9.0]]]])
        >>> distances(wall, np.zeros((1, 2)), np.zeros(1), np.radians([0.0, 60.0, 180.0]), 20.0).round(3).tolist()
        [[5.0, 10.0, 20.0]]
    """
    N, P, K, _ = points.shape
    R = len(angles)
    local = (points - place[:, None, None]).astype(np.float32).reshape(N, P * K, 2)
    direction = heading[:, None] + angles  # (N, R)
    cosine, sine = np.cos(direction).astype(np.float32), np.sin(direction).astype(np.float32)
    aside = local @ np.stack((sine, -cosine), axis=1)  # p × d, (N, P · K, R)
    is_left = (aside > 0).reshape(N, P, K * R)
    met = np.flatnonzero(is_left[:, 1:] != is_left[:, :-1])
    car, ray = met // ((P - 1) * K * R), met % R
    point = (met + car * K * R) // R  # the one before the crossing, of N · P · K; the next of its chain is K further
    near, far = (aside.reshape(-1, R)[at, ray] for at in (point, point + K))
    start, end = (local.reshape(-1, 2)[at] for at in (point, point + K))
    x, y = (start + (near / (near - far))[:, None] * (end - start)).T
    ahead = x * cosine[car, ray] + y * sine[car, ray]  # p · d
    found = np.full((N, R), reach, np.float32)
    is_ahead = ahead >= 0
    np.minimum.at(found, (car[is_ahead], ray[is_ahead]), ahead[is_ahead])
    return found
