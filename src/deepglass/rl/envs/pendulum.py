"""Pendulum: swing it up and keep it there, with a motor too weak to lift it at once.

The physics and the reward are those of Gymnasium's Pendulum-v1: a rod of 1 m and 1 kg, Euler steps of 50 ms.
"""

import numpy as np

from deepglass.rl.envs import Box, Shape, Simulated

GRAVITY, SECONDS, FASTEST, STRONGEST = 10.0, 0.05, 8.0, 2.0
UPRIGHT = np.pi / 15  # rad from the top, 12 degrees: what counts as up


class Env(Simulated):
    """State (2, N): angle from upright in radians, and its velocity. Every step costs distance, speed and force.

    The goal, which the reward does not know, is to have been upright for a second in a row.
    """

    name = "Pendulum-v1"
    observation_shape = (3,)
    observation_names = ("cosine", "sine", "velocity")
    actions = Box((-STRONGEST,), (STRONGEST,))
    max_steps = 200
    hold = 20

    def begin(self, count: int) -> np.ndarray:
        """Anywhere, slowly."""
        return self.rng.uniform([[-np.pi], [-1.0]], [[np.pi], [1.0]], (2, count))

    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn the motor, and let 50 ms pass; there is no end."""
        angle, turning = self.physics
        torque = np.clip(actions[:, 0].astype(float), -STRONGEST, STRONGEST)
        from_top = (angle + np.pi) % (2 * np.pi) - np.pi
        cost = from_top**2 + 0.1 * turning**2 + 0.001 * torque**2
        turning = np.clip(turning + (1.5 * GRAVITY * np.sin(angle) + 3 * torque) * SECONDS, -FASTEST, FASTEST)
        self.physics = np.stack((angle + turning * SECONDS, turning))
        return -cost, np.zeros(self.num_envs, bool)

    def at_goal(self) -> np.ndarray:
        """Upright."""
        return np.cos(self.physics[0]) >= np.cos(UPRIGHT)

    def observe(self, physics: np.ndarray) -> np.ndarray:
        """The angle as a point of the circle, so that a full turn is no jump."""
        angle, turning = physics
        return np.stack((np.cos(angle), np.sin(angle), turning), axis=1).astype(np.float32)

    def shapes(self, index: int) -> list[Shape]:
        """The rod."""
        angle = self.physics[0, index]
        tip = (-0.8 * np.sin(angle), 0.8 * np.cos(angle))
        return [("line", [(0, 0), tip], "#d55e00", 12), ("dot", [(0, 0)], "#33415c", 6)]
