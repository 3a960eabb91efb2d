"""CartPole: keep a pole upright by pushing the cart below it to the left or to the right.

Barto, Sutton and Anderson (1983), Neuronlike adaptive elements that can solve difficult learning control problems,
https://doi.org/10.1109/TSMC.1983.6313077. The physics are those of Gymnasium's CartPole-v1, Euler steps of 20 ms.
"""

import numpy as np

from deepglass.rl.envs import Discrete, Shape, Simulated

GRAVITY, CART, POLE, HALF_LENGTH = 9.8, 1.0, 0.1, 0.5  # m/s², kg, kg, m
FORCE, SECONDS = 10.0, 0.02
FARTHEST, STEEPEST = 2.4, 12 * np.pi / 180  # m, radians


class Env(Simulated):
    """State (4, N): position of the cart, its velocity, angle of the pole, its velocity. Every step is worth 1."""

    name = "CartPole-v1"
    observation_shape = (4,)
    observation_names = ("cart position", "cart velocity", "pole angle", "pole velocity")
    actions = Discrete(2, ("left", "right"))
    max_steps = 500
    solved_at = 475.0

    def begin(self, count: int) -> np.ndarray:
        """Near the middle, nearly upright."""
        return self.rng.uniform(-0.05, 0.05, (4, count))

    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Push, and let 20 ms pass."""
        _, velocity, angle, turning = self.physics
        force = FORCE * (2.0 * actions - 1.0)
        sine, cosine = np.sin(angle), np.cos(angle)
        push = (force + POLE * HALF_LENGTH * turning * turning * sine) / (CART + POLE)
        inertia = HALF_LENGTH * (4 / 3 - POLE / (CART + POLE) * cosine * cosine)
        angular = (GRAVITY * sine - cosine * push) / inertia
        linear = push - POLE * HALF_LENGTH / (CART + POLE) * angular * cosine
        self.physics = self.physics + SECONDS * np.stack((velocity, linear, turning, angular))
        fallen = (np.abs(self.physics[0]) > FARTHEST) | (np.abs(self.physics[2]) > STEEPEST)
        return np.ones(self.num_envs), fallen

    def observe(self, physics: np.ndarray) -> np.ndarray:
        """All of the state."""
        return np.ascontiguousarray(physics.T, np.float32)

    def shapes(self, index: int) -> list[Shape]:
        """Track, cart, pole."""
        place, _, angle, _ = self.physics[:, index]
        x, y, length = place / FARTHEST * 0.9, -0.4, 0.9
        tip = (x + length * np.sin(angle), y + 0.1 + length * np.cos(angle))
        cart = [(x - 0.15, y - 0.08), (x + 0.15, y - 0.08), (x + 0.15, y + 0.08), (x - 0.15, y + 0.08)]
        return [
            ("line", [(-1, y - 0.1), (1, y - 0.1)], "#9aa3ad", 2),
            ("polygon", cart, "#33415c", 0),
            ("line", [(x, y + 0.1), tip], "#d55e00", 7),
        ]
