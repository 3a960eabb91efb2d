"""Small worlds for tests, with Gymnasium's interface and without the package: what works, and what does not."""

from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np


def box(low, high, shape, dtype=np.float32):
    bounds = (np.full(shape, bound, dtype) for bound in (low, high))
    return SimpleNamespace(**dict(zip(("low", "high"), bounds, strict=True)), shape=shape, dtype=np.dtype(dtype))


class Line:
    """Walk to the right end of a line; a random start, drawn with the seed of the episode."""

    observation_space = box(-1, 1, (2,))
    action_space = SimpleNamespace(n=2)
    spec = SimpleNamespace(reward_threshold=None)
    max_episode_steps = 20

    def __init__(self, **more: Any):
        self.asked = more

    def reset(self, seed=None, options=None):
        self.rng = np.random.default_rng(seed)
        self.x = self.rng.uniform(-0.5, 0.5)
        return self.see(), {}

    def step(self, action):
        self.x += (0.1 if action == 1 else -0.1) + self.rng.normal(0, 0.01)
        return self.see(), -abs(1 - self.x), bool(self.x > 1), False, {}

    def see(self):
        return np.array([self.x, 1.0], np.float32)


class Push(Line):
    """The same with a number as action."""

    action_space = box(-0.2, 0.2, (1,))

    def step(self, action):
        self.x += float(action[0])
        return self.see(), -abs(1 - self.x), bool(self.x > 1), False, {}


class Grey(Line):
    """Pictures: a bright column where one is."""

    observation_space = box(0, 255, (8, 8, 1), np.uint8)

    def see(self):
        picture = np.zeros((8, 8, 1), np.uint8)
        picture[:, int(np.clip((self.x + 1) * 4, 0, 7))] = 255
        return picture


class Hostile(Line):
    """Does what it should up to a step, and then something else."""

    what: ClassVar[str] = ""
    when: ClassVar[int] = 5

    def reset(self, seed=None, options=None):
        self.count = 0
        seen, info = super().reset(seed)
        return seen if self.what == "reset without info" else (seen, info)

    def step(self, action):
        self.count += 1
        seen, reward, terminated, truncated, info = super().step(action)
        terminated = False
        if self.count >= self.when:
            if self.what == "nan observation":
                seen = np.array([np.nan, 1.0])
            elif self.what == "nan reward":
                reward = float("nan")
            elif self.what == "wrong shape":
                seen = np.zeros(3)
            elif self.what == "text":
                seen = "lost"
            elif self.what == "raises":
                raise ZeroDivisionError("the wheel came off")
            elif self.what == "four values":
                return seen, reward, terminated, info
            elif self.what == "reward of two":
                reward = np.zeros(2)
        return seen, reward, terminated, truncated, info


MESSAGES = {
    "nan observation": "expected finite numbers as observation, got .nan",
    "nan reward": "expected a finite number as reward, got nan",
    "wrong shape": r"expected an observation of shape \(2,\), got shape \(3,\)",
    "text": "expected an observation of shape",
    "raises": "ZeroDivisionError: the wheel came off",
    "four values": "got 4 values .the interface of Gym before 0.26",
    "reward of two": "expected a finite number as reward",
    "reset without info": r"expected \(observation, info\), got a ndarray alone",
}


def hostile(what: str, when: int = 5) -> type[Hostile]:
    """The class of a world that goes wrong in one way."""
    return type("Hostile", (Hostile,), {"what": what, "when": when})
