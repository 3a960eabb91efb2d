"""Pure pursuit: aim at a point on the middle of the road some way ahead, and steer onto the arc that leads there.

    δ = arctan( 2 L sin α / ℓ )        L wheelbase, ℓ distance of the point, α angle to it from straight ahead

The arc through the rear axle and the point has the curvature 2 sin α / ℓ; the steering angle is the one that drives it.
The pedal goes by the sharpest bend that the car could not brake for any more.

References:
    Coulter (1992), Implementation of the pure pursuit path tracking algorithm,
    https://www.ri.cmu.edu/pub_files/pub3/coulter_r_craig_1992_1/coulter_r_craig_1992_1.pdf
"""

import numpy as np


def steering(place: np.ndarray, heading: np.ndarray, goal: np.ndarray, wheelbase: float) -> np.ndarray:
    """Angles of the front wheels that lead onto the arcs to these points, radians.

    Args:
        place: Of the rear axles.
        heading: Of the cars, radians.
        goal: Points to reach.
        wheelbase: Metres between the axles.

    Shape:
        - place, goal: (N, 2)
        - heading, output: (N,)

    Example:
        >>> steering(np.zeros((1, 2)), np.zeros(1), np.array([[3.0, 3.0]]), 3.0).tolist()  # a quarter of a circle
        [0.7853981633974482]
    """
    x, y = (goal - place).T
    angle = np.arctan2(y, x) - heading
    return np.arctan2(2 * wheelbase * np.sin(angle), np.hypot(x, y))


def safe_speed(curvature: np.ndarray, distance: np.ndarray, grip: float, braking: float) -> np.ndarray:
    """The most that still lets a car brake for every bend in sight: v² = grip / |κ| + 2 · braking · distance.

    Args:
        curvature: Of the road at points ahead, 1/m.
        distance: Of those points along the road, m.
        grip: Sideways acceleration that the tyres hold, m/s².
        braking: Deceleration, m/s².

    Shape:
        - curvature, distance: (N, points)
        - output: (N,) m/s
    """
    allowed = grip / np.maximum(np.abs(curvature), 1e-3) + 2 * braking * distance
    return np.sqrt(allowed.min(axis=1))
