"""An imperfect wire between policy and world: what is seen is noisy, and what is asked for is done later.

    shown    s + noise                        at each step anew
    done     the action of `delay` steps ago

A robot's joints are read by sensors and its motors wait for a bus. Under a delay the last observation does not say what
comes next any more: it takes the actions that are still on their way as well. With `recall` they are shown, and the
world is again one in which the present is enough.

References:
    Katsikopoulos and Engelbrecht (2003), Markov decision processes with delays and asynchronous cost collection,
    https://doi.org/10.1109/TAC.2003.809799 (the last actions as part of the state)
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.errors import OptionError
from deepglass.rl.envs import Box, Shape, Step, VectorEnv


@dataclass(frozen=True)
class Wire:
    noise: float = 0.0  # deviation of what is added to every number that is seen
    delay: int = 0  # steps that an action is on its way
    recall: int = 0  # last actions that are shown beside what is seen; as many as the delay make up for it


class Imperfect(VectorEnv):
    """Another world behind a wire.

    Before the first action of an episode arrives, the middle of a `Box` is done, and the first of `Discrete` actions.

    Args:
        env: The world.
        wire: Its noise and delay.
        seed: Of the noise.

    Raises:
        OptionError: If noise or recall are asked for where pictures are seen.
    """

    def __init__(self, env: VectorEnv, wire: Wire, seed: int | Sequence[int] = 0):
        self.env, self.wire, self.rng = env, wire, np.random.default_rng(seed)
        self.name, self.num_envs, self.actions = env.name, env.num_envs, env.actions
        self.max_steps, self.solved_at = env.max_steps, env.solved_at
        self.usual = env.usual
        self.dtype = np.dtype(getattr(env, "dtype", np.float32))
        if (wire.noise or wire.recall) and (self.dtype == np.uint8 or len(env.observation_shape) != 1):
            raise OptionError("noise and recall are for worlds that show a row of numbers, and this one shows pictures")
        self.observation_shape, self.observation_names = env.observation_shape, env.observation_names
        if wire.recall:
            size = len(self.actions.low) if isinstance(self.actions, Box) else 1
            self.observation_shape = (math.prod(env.observation_shape) + wire.recall * size,)
            sent = tuple(f"action {i + 1}, {back} back" for back in range(wire.recall, 0, -1) for i in range(size))
            self.observation_names = (*env.observation_names, *sent) if env.observation_names else ()
        self.sent = self.idle(max(wire.delay, wire.recall))

    def idle(self, steps: int) -> np.ndarray:
        """So many steps in which nobody has asked for anything: (steps, N) or (steps, N, actions)."""
        if isinstance(self.actions, Box):
            low, high = np.clip(self.actions.low, -1e3, 1e3), np.clip(self.actions.high, -1e3, 1e3)
            return np.tile(((low + high) / 2).astype(np.float32), (steps, self.num_envs, 1))
        return np.zeros((steps, self.num_envs), np.int64)

    def reset(self) -> np.ndarray:
        """Begin an episode in every copy."""
        self.sent = self.idle(len(self.sent))
        return self._shown(self.env.reset(), self._noise())

    def step(self, actions: np.ndarray) -> Step:
        """Ask for these actions; what was asked for `delay` steps ago is done."""
        sent = np.concatenate((self.sent, actions[None].astype(self.sent.dtype)))
        step = self.env.step(sent[len(sent) - 1 - self.wire.delay])
        self.steps_taken = self.env.steps_taken
        self.sent = sent[1:]
        noise = self._noise()
        final = observation = self._shown(step.final, noise)
        if step.ended.any():
            self.sent[:, step.ended] = self.idle(len(self.sent))[:, step.ended]
            observation = self._shown(step.observation, noise)
        return step._replace(observation=observation, final=final)

    def _noise(self) -> np.ndarray:
        if not self.wire.noise:
            return np.zeros(())
        return self.rng.normal(0.0, self.wire.noise, (self.num_envs, *self.env.observation_shape))

    def _shown(self, seen: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """With noise, and with the last actions, the oldest first."""
        if self.wire.noise:
            seen = (seen + noise).astype(self.dtype)
        if not self.wire.recall:
            return seen
        last = self.sent[len(self.sent) - self.wire.recall :]
        last = last.reshape(*last.shape[:2], -1).swapaxes(0, 1).reshape(self.num_envs, -1)
        return np.concatenate((seen, last.astype(self.dtype)), axis=1)

    def state(self) -> dict[str, Any]:
        """That of the world, and what is on the wire."""
        return {"env": self.env.state(), "sent": self.sent, "rng": self.rng}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self.env.load_state(state["env"])
        self.sent, self.rng, self.steps_taken = np.array(state["sent"]), state["rng"], self.env.steps_taken
        self.restarted = getattr(self.env, "restarted", 0)
        if hasattr(self.env, "seen"):
            self.seen = self._shown(self.env.seen, np.zeros(()))

    def picture(self, index: int) -> np.ndarray | None:
        """The world's own."""
        return self.env.picture(index)

    def shapes(self, index: int) -> list[Shape]:
        """The world's own."""
        return self.env.shapes(index)

    def advice(self) -> np.ndarray | None:
        """The world's own: an expert stands in the world, and sees it without noise."""
        return self.env.advice()

    def draws(self) -> "Imperfect":
        """The same, of a world that draws itself where it can."""
        self.env = getattr(self.env, "draws", lambda: self.env)()
        return self

    def close(self) -> None:
        """Close the world."""
        self.env.close()


def behind(make: Callable[..., VectorEnv], wire: Wire) -> Callable[..., VectorEnv]:
    """`make`, whose worlds are behind a wire."""

    def made(count: int, seed: Sequence[int], max_steps: int | None) -> VectorEnv:
        return Imperfect(make(count, seed, max_steps), wire, (*seed, 1))

    return made
