"""Acrobot: two links hang from a bar, a motor sits in the joint between them; swing the tip above the bar.

Sutton (1996), Generalization in reinforcement learning: successful examples using sparse coarse coding. The physics are
those of Gymnasium's Acrobot-v1, a Runge-Kutta step of 0.2 s.
"""

import numpy as np

from deepglass.rl.envs import Discrete, Shape, Simulated

GRAVITY, LENGTH, MASS, CENTRE, INERTIA = 9.8, 1.0, 1.0, 0.5, 1.0  # of both links
SECONDS, FASTEST = 0.2, np.array([[4 * np.pi], [9 * np.pi]])


class Env(Simulated):
    """State (4, N): the two angles (the second from the first) and their velocities. Every step costs 1."""

    name = "Acrobot-v1"
    observation_shape = (6,)
    observation_names = ("cosine 1", "sine 1", "cosine 2", "sine 2", "velocity 1", "velocity 2")
    actions = Discrete(3, ("against the clock", "nothing", "with the clock"))
    max_steps = 500
    solved_at = -100.0

    def begin(self, count: int) -> np.ndarray:
        """Hanging, nearly at rest."""
        return self.rng.uniform(-0.1, 0.1, (4, count))

    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn the joint, and let 0.2 s pass."""
        state, torque, h = self.physics, actions - 1.0, SECONDS
        k1 = slope(state, torque)
        k2 = slope(state + h / 2 * k1, torque)
        k3 = slope(state + h / 2 * k2, torque)
        k4 = slope(state + h * k3, torque)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        angles = (state[:2] + np.pi) % (2 * np.pi) - np.pi
        self.physics = np.concatenate((angles, np.clip(state[2:], -FASTEST, FASTEST)))
        is_above = self.at_goal()
        return np.where(is_above, 0.0, -1.0), is_above

    def at_goal(self) -> np.ndarray:
        """The tip is above the bar by the length of a link."""
        one, two = self.physics[:2]
        return -np.cos(one) - np.cos(two + one) > 1.0

    def observe(self, physics: np.ndarray) -> np.ndarray:
        """Both angles as points of the circle."""
        one, two, *turning = physics
        return np.stack((np.cos(one), np.sin(one), np.cos(two), np.sin(two), *turning), axis=1).astype(np.float32)

    def shapes(self, index: int) -> list[Shape]:
        """Bar and links."""
        one, two = self.physics[:2, index]
        elbow = (0.45 * np.sin(one), -0.45 * np.cos(one))
        tip = (elbow[0] + 0.45 * np.sin(one + two), elbow[1] - 0.45 * np.cos(one + two))
        return [
            ("line", [(-1, 0.45), (1, 0.45)], "#9aa3ad", 2),
            ("line", [(0, 0), elbow], "#33415c", 8),
            ("line", [elbow, tip], "#d55e00", 8),
        ]


def slope(state: np.ndarray, torque: np.ndarray) -> np.ndarray:
    """How the state changes, (4, N) per second."""
    one, two, turning_one, turning_two = state
    reach = MASS * LENGTH * CENTRE
    d1 = MASS * CENTRE**2 + MASS * (LENGTH**2 + CENTRE**2 + 2 * LENGTH * CENTRE * np.cos(two)) + 2 * INERTIA
    d2 = MASS * (CENTRE**2 + LENGTH * CENTRE * np.cos(two)) + INERTIA
    phi2 = MASS * CENTRE * GRAVITY * np.cos(one + two - np.pi / 2)
    phi1 = -reach * (turning_two**2 + 2 * turning_two * turning_one) * np.sin(two)
    phi1 = phi1 + (MASS * CENTRE + MASS * LENGTH) * GRAVITY * np.cos(one - np.pi / 2) + phi2
    inertia = MASS * CENTRE**2 + INERTIA - d2**2 / d1
    second = (torque + d2 / d1 * phi1 - reach * turning_one**2 * np.sin(two) - phi2) / inertia
    return np.stack((turning_one, turning_two, -(d2 * second + phi1) / d1, second))
