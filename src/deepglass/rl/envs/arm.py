"""Arm: two joints in an upright plane bring the tip to a place that is drawn anew each time, and hold it there.

    M(q) q̈ = τ − c(q, q̇) − g(q) − b q̇        mass, motors, swing of the links, gravity, friction

Links are even rods; what the hand holds sits at the tip as a point. The angle of the shoulder is counted from the
horizontal, that of the elbow from the first link. Runge-Kutta steps of 25 ms, an action each 50 ms. No simulator is
the robot: `load`, `friction` and `gravity` make another arm of it, and `vary` draws one for each episode.

References:
    Murray, Li and Sastry (1994), A mathematical introduction to robotic manipulation, chapter 4 (the equations of two
    links), https://doi.org/10.1201/9781315136370
    Peng et al. (2018), Sim-to-real transfer of robotic control with dynamics randomization,
    https://arxiv.org/abs/1710.06537 (episodes that differ in masses, friction and more: our `vary`)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from deepglass.rl.envs import Box, Shape, Simulated

LENGTH, MASS, FRICTION = 0.5, 1.0, 0.5  # of both links: m, kg; of both joints: N m per rad/s
STRONGEST = np.array([[20.0], [8.0]])  # N m of shoulder and elbow; to hold the stretched arm takes 9.8 and 2.5
FASTEST = 20.0  # rad/s that a motor turns at most
SECONDS, SUBSTEPS = 0.05, 2  # of an action, and steps of the integration in it
NEAR = 0.05  # m from the goal that count as reached
FARTHEST = 0.95  # share of the stretched arm within which goals are drawn


@dataclass(frozen=True)
class Config:
    gravity: float = 9.81  # m/s²; 0 is an arm on a table
    friction: float = 1.0  # of the joints, as a multiple of the usual 0.5 N m per rad/s
    load: float = 0.0  # kg in the hand
    vary: float = 0.0  # share by which masses, lengths and friction of an episode differ at most, both ways


class Env(Simulated):
    """State (11, N): two angles, their velocities, the goal (x, y); then two masses, two lengths, the friction.

    A step earns up to 1 at the goal, and costs the distance to it and a little for the torque. The goal is reached
    when the tip has been within 5 cm of it for five steps, a quarter of a second, in a row.

    Args:
        num_envs: Number of copies N.
        seed: Of the world alone.
        max_steps: After so many an episode is cut.
        config: Which arm.
    """

    name = "Arm-v0"
    observation_shape = (10,)
    observation_names = (
        "link 1 x", "link 1 y", "link 2 x", "link 2 y", "velocity 1", "velocity 2",
        "goal x", "goal y", "tip to goal x", "tip to goal y",
    )  # fmt: skip
    actions = Box((-1.0, -1.0), (1.0, 1.0))  # torques as shares of the strongest
    max_steps = 100
    hold = 5
    usual: ClassVar[dict[str, Any]] = {  # far ahead nothing waits; many copies make a step cheap
        "model": "ppo", "steps": 400_000, "gamma": 0.9, "num_envs": 32, "batch_size": 512,
    }  # fmt: skip

    def __init__(
        self,
        num_envs: int = 1,
        seed: int | Sequence[int] = 0,
        max_steps: int | None = None,
        config: Config | None = None,
    ):
        self.config = config or Config()
        super().__init__(num_envs, seed, max_steps)

    def begin(self, count: int) -> np.ndarray:
        """At rest in any pose, the goal anywhere in reach, evenly over the area."""
        usual = np.array([[MASS], [MASS], [LENGTH], [LENGTH], [FRICTION * self.config.friction]])
        drawn = usual * (1 + self.config.vary * self.rng.uniform(-1, 1, (5, count)))
        one, two = drawn[2:4]
        radius = np.sqrt(self.rng.uniform((abs(one - two) + NEAR) ** 2, (FARTHEST * (one + two)) ** 2))
        towards, *angles = self.rng.uniform(-np.pi, np.pi, (3, count))
        goal = radius * np.stack((np.cos(towards), np.sin(towards)))
        return np.concatenate((angles, np.zeros((2, count)), goal, drawn))

    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn both motors, and let 50 ms pass; there is no end."""
        share = np.clip(actions.T.astype(float), -1, 1)
        state, body, h = self.physics[:4], self.physics[6:], SECONDS / SUBSTEPS
        for _ in range(SUBSTEPS):
            state = self.later(state, body, STRONGEST * share, h)
        self.physics = np.concatenate((state, self.physics[4:]))
        off = np.hypot(*to_goal(self.physics))
        reward = np.exp(-((off / (2 * NEAR)) ** 2)) - off - 0.01 * (share**2).sum(axis=0)
        return reward, np.zeros(self.num_envs, bool)

    def at_goal(self) -> np.ndarray:
        """Within 5 cm."""
        return np.hypot(*to_goal(self.physics)) <= NEAR

    def observe(self, physics: np.ndarray) -> np.ndarray:
        """How each link lies, as a point of the circle, and where the goal is."""
        one, two, *turning = physics[:4]
        angles = (np.cos(one), np.sin(one), np.cos(one + two), np.sin(one + two))
        return np.stack((*angles, *turning, *physics[4:6], *to_goal(physics)), axis=1).astype(np.float32)

    def later(self, state: np.ndarray, body: np.ndarray, torque: np.ndarray, h: float) -> np.ndarray:
        """Angles and velocities (4, N) after h seconds."""
        k1 = self.slope(state, body, torque)
        k2 = self.slope(state + h / 2 * k1, body, torque)
        k3 = self.slope(state + h / 2 * k2, body, torque)
        k4 = self.slope(state + h * k3, body, torque)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return np.concatenate((state[:2], np.clip(state[2:], -FASTEST, FASTEST)))

    def slope(self, state: np.ndarray, body: np.ndarray, torque: np.ndarray) -> np.ndarray:
        """How angles and velocities change, (4, N) per second."""
        one, two, turn_one, turn_two = state
        far, near, cross = self.moments(body)
        at_shoulder, at_elbow = self.weights(body)
        swing = cross * np.sin(two)
        pull = at_elbow * np.cos(one + two)
        friction = body[4]
        force_one = torque[0] + swing * turn_two * (2 * turn_one + turn_two) - at_shoulder * np.cos(one) - pull
        force_two = torque[1] - swing * turn_one**2 - pull
        force_one, force_two = force_one - friction * turn_one, force_two - friction * turn_two
        m11, m12 = far + near + 2 * cross * np.cos(two), near + cross * np.cos(two)
        determinant = m11 * near - m12**2
        faster_one = (near * force_one - m12 * force_two) / determinant
        faster_two = (m11 * force_two - m12 * force_one) / determinant
        return np.stack((turn_one, turn_two, faster_one, faster_two))

    def moments(self, body: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the mass matrix is made of, kg m²: about the shoulder, about the elbow, and both together."""
        (m1, m2, l1, l2, _), load = body, self.config.load
        return m1 * l1**2 / 3 + (m2 + load) * l1**2, m2 * l2**2 / 3 + load * l2**2, (m2 / 2 + load) * l1 * l2

    def weights(self, body: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Torques of gravity about shoulder and elbow where a link lies level, N m."""
        (m1, m2, l1, l2, _), load = body, self.config.load
        return self.config.gravity * (m1 / 2 + m2 + load) * l1, self.config.gravity * (m2 / 2 + load) * l2

    def energy(self) -> np.ndarray:
        """Of motion and height, (N,) joules: without friction and motors it stays as it is."""
        one, two, turn_one, turn_two = self.physics[:4]
        far, near, cross = self.moments(self.physics[6:])
        at_shoulder, at_elbow = self.weights(self.physics[6:])
        m11, m12 = far + near + 2 * cross * np.cos(two), near + cross * np.cos(two)
        motion = 0.5 * m11 * turn_one**2 + m12 * turn_one * turn_two + 0.5 * near * turn_two**2
        return motion + at_shoulder * np.sin(one) + at_elbow * np.sin(one + two)

    def shapes(self, index: int) -> list[Shape]:
        """Links, joints, and the goal in its true size."""
        elbow, tip = (place[:, index] for place in joints(self.physics[:2], self.physics[8:10]))
        goal = self.physics[4:6, index]
        at = [tuple(0.95 * place) for place in (np.zeros(2), elbow, tip, goal)]
        return [
            ("dot", [at[3]], "#009e73", 160 * 0.95 * NEAR),
            ("line", at[:2], "#33415c", 10),
            ("line", at[1:3], "#d55e00", 8),
            ("dot", [at[0]], "#33415c", 8),
            ("dot", [at[1]], "#33415c", 6),
            ("dot", [at[2]], "#d55e00", 5),
        ]


def joints(angles: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where elbow and tip are, (2, N) each.

    Shape:
        - angles, lengths: (2, N)
    """
    one, both = angles[0], angles[0] + angles[1]
    elbow = lengths[0] * np.stack((np.cos(one), np.sin(one)))
    return elbow, elbow + lengths[1] * np.stack((np.cos(both), np.sin(both)))


def to_goal(physics: np.ndarray) -> np.ndarray:
    """From the tip to the goal, (2, N) in m."""
    return physics[4:6] - joints(physics[:2], physics[8:10])[1]
