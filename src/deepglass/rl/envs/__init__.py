"""Worlds to act in, many copies at once: the contract. One file per world; the folder is the list.

Ours are `Simulated`: they fill in `begin`, `advance` and `observe` for all copies together; this file counts steps,
cuts an episode that lasts too long and begins the next one in the same step. A time limit is a truncation and not an
end: the last observation of an episode is handed over in `final`, so that whoever learns can add the value of what
would have come.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Discrete:
    """So many actions, numbered from 0; `names` for people."""

    n: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Box:
    """Actions that are vectors of numbers between `low` and `high`."""

    low: tuple[float, ...]
    high: tuple[float, ...]


Shape = tuple[str, Sequence[tuple[float, float]], str, float]


class Step(NamedTuple):
    """What all copies answer to an action each.

    Shape:
        - observation, final: (N, *observation_shape); `final` is what was seen before a new episode began
        - reward: (N,)
        - terminated, truncated: (N,) whether the world ended, or only the patience with it
        - reached: (N,) whether the episode has been at its goal; None where a world has none
    """

    observation: np.ndarray
    reward: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    final: np.ndarray
    reached: np.ndarray | None = None

    @property
    def ended(self) -> np.ndarray:
        """Episodes that are over, (N,)."""
        return self.terminated | self.truncated


class VectorEnv(ABC):
    """Copies of a world that are stepped together.

    Attributes:
        name: Of the world.
        num_envs: Number of copies N.
        observation_shape: Of what one copy shows; `observation_names` for people where there are some.
        actions: Which there are.
        max_steps: After so many an episode is cut.
        solved_at: Mean return of an episode that counts as solved; None where nobody said.
        steps_taken: In all copies together.
        usual: "model" and options of a training that suit this world, where nothing else is asked for.
    """

    name: str = ""
    num_envs: int
    observation_shape: tuple[int, ...] = ()
    observation_names: tuple[str, ...] = ()
    actions: Discrete | Box
    max_steps: int
    solved_at: float | None = None
    steps_taken: int = 0
    usual: ClassVar[dict[str, Any]] = {}

    @abstractmethod
    def reset(self) -> np.ndarray:
        """Begin an episode in every copy; returns the observations."""

    @abstractmethod
    def step(self, actions: np.ndarray) -> Step:
        """One action in every copy: (N,) whole numbers, or (N, actions) of a `Box`."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """All that the copies need to go on to the bit, in plain data and arrays."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""

    def picture(self, index: int) -> np.ndarray | None:
        """One copy as pixels (H, W, 3) uint8, where a world draws itself; else `shapes` are drawn."""
        return None

    def shapes(self, index: int) -> list[Shape]:
        """A drawing of one copy: (kind, points, colour, width) in a square from -1 to 1, y upwards; empty if none."""
        return []

    def advice(self) -> np.ndarray | None:
        """What an expert does now in every copy, (N,) or (N, actions); None where a world knows none."""
        return None

    def close(self) -> None:  # noqa: B027 - most worlds have nothing to close
        """Nothing is asked of it any more."""


class Simulated(VectorEnv):
    """A world that is computed for all copies at once: fill in `begin`, `advance` and `observe`.

    Args:
        num_envs: Number of copies N.
        seed: Of the world alone; whoever acts has a seed of its own.
        max_steps: After so many an episode is cut; the world's own limit by default.

    Attributes:
        hold: Steps in a row `at_goal` after which the goal counts as reached.
    """

    hold: int = 1

    def __init__(self, num_envs: int = 1, seed: int | Sequence[int] = 0, max_steps: int | None = None):
        self.num_envs, self.rng = num_envs, np.random.default_rng(seed)
        self.max_steps = max_steps or self.max_steps
        self.elapsed, self.held = np.zeros(num_envs, np.int64), np.zeros(num_envs, np.int64)
        self.has_reached = np.zeros(num_envs, bool)
        self.physics = self.begin(num_envs)

    @abstractmethod
    def begin(self, count: int) -> np.ndarray:
        """The first state of so many episodes, (state, count)."""

    @abstractmethod
    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Move `physics` on by one step; returns reward and whether the world ended, (N,) each."""

    @abstractmethod
    def observe(self, physics: np.ndarray) -> np.ndarray:
        """What is seen of a state (state, N): (N, *observation_shape) float32."""

    def at_goal(self) -> np.ndarray | None:
        """Which copies are where they should be, (N,); None where a world has no such place."""
        return None

    def reset(self) -> np.ndarray:
        """Begin an episode in every copy; returns the observations."""
        self._forget(np.ones(self.num_envs, bool))
        self.physics = self.begin(self.num_envs)
        return self.observe(self.physics)

    def step(self, actions: np.ndarray) -> Step:
        """One action in every copy; an episode that is over begins anew."""
        reward, terminated = self.advance(actions)
        self.elapsed += 1
        self.steps_taken += self.num_envs
        truncated = (self.elapsed >= self.max_steps) & ~terminated
        final = observation = self.observe(self.physics)
        reached = self._reached()
        ended = terminated | truncated
        if ended.any():
            self.physics[:, ended] = self.begin(int(ended.sum()))
            self._forget(ended)
            observation = final.copy()
            observation[ended] = self.observe(self.physics[:, ended])
        return Step(observation, reward, terminated, truncated, final, reached)

    def _reached(self) -> np.ndarray | None:
        is_there = self.at_goal()
        if is_there is None:
            return None
        self.held = np.where(is_there, self.held + 1, 0)
        self.has_reached |= self.held >= self.hold
        return self.has_reached.copy()

    def _forget(self, ended: np.ndarray) -> None:
        self.elapsed[ended], self.held[ended], self.has_reached[ended] = 0, 0, False

    def state(self) -> dict[str, Any]:
        """State, clock and generator."""
        kept = ("physics", "elapsed", "held", "has_reached", "rng", "steps_taken")
        return {name: getattr(self, name) for name in kept}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        for name in ("physics", "elapsed", "held", "has_reached"):
            setattr(self, name, state[name].copy())
        self.rng, self.steps_taken = state["rng"], state["steps_taken"]
