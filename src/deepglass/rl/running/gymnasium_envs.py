"""Worlds with Gymnasium's interface, one by one, as copies that are stepped together.

Whoever wrote such a world knows nothing of us: everything that it hands over is looked at, and what does not fit is
said with the step at which it came. An episode is known by its seed and its actions: that is how a resumed training
puts a world back to where it was, whatever it holds inside.

Towers et al. (2024), Gymnasium: a standard interface for reinforcement learning environments,
https://arxiv.org/abs/2407.17032
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from deepglass.core.errors import OptionError, TrainingError
from deepglass.rl.envs import Box, Discrete, Step, VectorEnv

EXPECTED = "(observation, reward, terminated, truncated, info)"


class GymnasiumEnvs(VectorEnv):
    """Copies of a world of somebody else.

    Args:
        name: For messages.
        factory: Makes one copy.
        num_envs: Number of copies.
        seed: Of the worlds.
        max_episode_steps: After so many an episode is cut.

    Raises:
        OptionError: If its observations or actions are of a kind that nothing here learns.
        TrainingError: If it cannot be made.
    """

    def __init__(
        self, name: str, factory: Callable[..., Any], num_envs: int, seed: int | Sequence[int], max_episode_steps: int
    ):
        self.name, self.num_envs, self.max_steps = name, num_envs, max_episode_steps
        self.factory, self.seed = factory, np.atleast_1d(seed).tolist()
        self.envs = [factory() for _ in range(num_envs)]
        for what in ("observation_space", "action_space", "reset", "step"):
            if not hasattr(self.envs[0], what):
                raise OptionError(f"{name} has no {what}: expected the interface of Gymnasium")
        self._read_observations(self.envs[0].observation_space)
        self._read_actions(self.envs[0].action_space)
        self.solved_at = getattr(getattr(self.envs[0], "spec", None), "reward_threshold", None)
        self.episodes, self.elapsed = np.zeros(num_envs, np.int64), np.zeros(num_envs, np.int64)
        self.history: list[list[Any]] = [[] for _ in range(num_envs)]  # actions of the episode of each
        self.seen = np.zeros((num_envs, *self.observation_shape), self.dtype)
        self.failed = np.zeros(num_envs, bool)  # copies whose episode cannot go on
        self.restarted = 0  # copies that could not be put back

    # -- spaces -----------------------------------------------------------------------------------------------------

    def _read_observations(self, space: Any) -> None:
        self.flatten, self.dtype = None, np.dtype(np.float32)
        if hasattr(space, "low") and hasattr(space, "shape"):
            self.observation_shape = tuple(space.shape)
            if len(space.shape) == 3 and space.dtype == np.uint8:
                self.dtype = np.dtype(np.uint8)
        else:
            try:
                from gymnasium import spaces

                self.flatten = lambda seen: spaces.flatten(space, seen)
                self.observation_shape = (int(spaces.flatdim(space)),)
            except Exception as error:  # whatever a space that is none of Gymnasium's lacks
                kind = type(space).__name__
                raise OptionError(f"{self.name}: observations of the kind {kind} cannot be learnt from") from error
        if math.prod(self.observation_shape) == 0:
            raise OptionError(f"{self.name}: an observation of shape {self.observation_shape} holds nothing")

    def _read_actions(self, space: Any) -> None:
        self.first_action, self.action_shape = 0, None
        if hasattr(space, "n") and np.ndim(space.n) == 0 and not hasattr(space, "low"):
            self.actions = Discrete(int(space.n), tuple(map(str, getattr(space, "names", ()))))
            self.first_action = int(getattr(space, "start", 0))
        elif hasattr(space, "low") and np.issubdtype(np.asarray(space.low).dtype, np.floating):
            self.action_shape = tuple(space.shape)
            low, high = (np.ravel(bound).astype(float).tolist() for bound in (space.low, space.high))
            self.actions = Box(tuple(low), tuple(high))
        else:
            raise OptionError(
                f"{self.name}: actions of the kind {type(space).__name__} cannot be learnt: expected Discrete, or Box "
                "of real numbers"
            )

    # -- acting -----------------------------------------------------------------------------------------------------

    def reset(self) -> np.ndarray:
        """Begin an episode in every copy.

        Raises:
            TrainingError: If a world fails, or hands over what does not fit.
        """
        for i in range(self.num_envs):
            self._begin(i)
        return self.seen.copy()

    def step(self, actions: np.ndarray) -> Step:
        """One action in every copy; an episode that is over begins anew.

        Raises:
            TrainingError: If a world fails, or hands over what does not fit.
        """
        N = self.num_envs
        reward, terminated, truncated = np.zeros(N), np.zeros(N, bool), np.zeros(N, bool)
        final = np.empty_like(self.seen)
        for i, action in enumerate(actions):
            final[i], reward[i], terminated[i], is_cut = self._step(i, action)
            truncated[i] = (is_cut or self.elapsed[i] >= self.max_steps) and not terminated[i]
            self.seen[i] = final[i]
            if terminated[i] or truncated[i]:
                self._begin(i)
        self.steps_taken += N
        return Step(self.seen.copy(), reward, terminated, truncated, final)

    def _begin(self, i: int) -> None:
        self.episodes[i] += 1
        self.elapsed[i], self.history[i] = 0, []
        seed = int(np.random.SeedSequence([*self.seed, i, int(self.episodes[i])]).generate_state(1)[0] >> 1)
        answer = self._ask(i, "reset", lambda: self.envs[i].reset(seed=seed))
        if not (isinstance(answer, tuple) and len(answer) == 2):
            raise self._wrong(i, "reset", f"expected (observation, info), got {_kind(answer)}")
        self.seen[i] = self._observed(i, answer[0], "reset")

    def _step(self, i: int, action: Any) -> tuple[np.ndarray, float, bool, bool]:
        given = self._given(action)
        self.history[i].append(given)
        self.elapsed[i] += 1
        answer = self._ask(i, "step", lambda: self.envs[i].step(given))
        if not (isinstance(answer, tuple) and len(answer) == 5):
            raise self._wrong(i, "step", f"expected {EXPECTED}, got {_kind(answer)}")
        seen, reward, terminated, truncated, _ = answer
        if np.ndim(reward) != 0 or not isinstance(reward, int | float | np.number) or not math.isfinite(reward):
            raise self._wrong(i, "step", f"expected a finite number as reward, got {str(reward)[:60]}")
        return self._observed(i, seen, "step"), float(reward), bool(terminated), bool(truncated)

    def _given(self, action: Any) -> Any:
        """An action as the world wants it."""
        if self.action_shape is None:
            return int(action) + self.first_action
        return np.asarray(action, np.float32).reshape(self.action_shape)

    def _observed(self, i: int, seen: Any, asked: str) -> np.ndarray:
        """What was seen, after checking shape and numbers."""
        try:
            seen = np.asarray(self.flatten(seen) if self.flatten else seen)
        except Exception as error:
            raise self._wrong(i, asked, f"an observation outside of its space ({type(error).__name__})") from error
        if seen.shape != self.observation_shape:
            raise self._wrong(
                i, asked, f"expected an observation of shape {self.observation_shape}, got shape {seen.shape}"
            )
        if seen.dtype.kind not in "biuf" or not np.isfinite(seen).all():
            raise self._wrong(i, asked, f"expected finite numbers as observation, got {str(seen.tolist())[:80]}")
        return seen.astype(self.dtype)

    def _ask(self, i: int, what: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            line = (str(error).strip().splitlines() or [""])[0][:160]
            raise self._wrong(i, what, f"{type(error).__name__}: {line}".rstrip(": ")) from error

    def _wrong(self, i: int, what: str, came: str) -> TrainingError:
        self.history[i], self.failed[i] = [], True
        where = f"step {self.elapsed[i]:,} of episode {self.episodes[i]:,}" if what == "step" else "a new episode"
        return TrainingError(f"{self.name}: {what} failed at {where}: {came}. Correct the environment")

    # -- pictures and checkpoints -----------------------------------------------------------------------------------

    def picture(self, index: int) -> np.ndarray | None:
        """What the world draws of itself; None where it does not, or needs a package for it."""
        try:
            drawn = np.asarray(self.envs[index].render())
        except Exception:  # whatever a stranger's drawing raises: there is no picture then
            return None
        return drawn.astype(np.uint8) if drawn.ndim == 3 and drawn.shape[2] == 3 else None

    def draws(self) -> "GymnasiumEnvs":
        """The same worlds, which draw themselves where they can."""
        try:
            self.envs = [self.factory(render_mode="rgb_array") for _ in self.envs]
        except Exception:  # it knows no such argument, or lacks a package
            self.envs = [self.factory() for _ in self.envs]
        return self

    def state(self) -> dict[str, Any]:
        """Which episode each copy is in, and the actions since it began."""
        history = [np.array(actions) for actions in self.history]
        kept = ("episodes", "failed", "seen", "steps_taken")
        return {"history": history} | {name: getattr(self, name) for name in kept}

    def load_state(self, state: dict[str, Any]) -> None:
        """Play the episodes again up to where they were; one that goes otherwise this time begins anew.

        Raises:
            TrainingError: If a world fails, or hands over what does not fit.
        """
        self.steps_taken = state["steps_taken"]
        for i, actions in enumerate(state["history"]):
            self.episodes[i] = state["episodes"][i] - 1
            self._begin(i)
            for action in actions:
                self.seen[i] = self._step(i, action - self.first_action if self.action_shape is None else action)[0]
            if state["failed"][i] or not np.array_equal(self.seen[i], state["seen"][i]):
                self.restarted += 1
                self._begin(i)

    def close(self) -> None:
        """Close the worlds."""
        for env in self.envs:
            if hasattr(env, "close"):
                env.close()


def _kind(answer: Any) -> str:
    """What came in the place of a tuple of the right length."""
    if isinstance(answer, tuple):
        return f"{len(answer)} values" + (" (the interface of Gym before 0.26)" if len(answer) == 4 else "")
    return f"a {type(answer).__name__} alone"
