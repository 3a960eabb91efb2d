"""A policy taken out of its run: rebuilt without opening its world, and asked for actions."""

from typing import Any

import numpy as np
from torch import nn

from deepglass.core import catalogue, settings
from deepglass.core.errors import DataError
from deepglass.core.run_folder import RunFolder
from deepglass.core.state import read, require
from deepglass.rl.envs import Box, Discrete, Step, VectorEnv
from deepglass.rl.running.episodes import greedy
from deepglass.rl.running.settings import FOLDER, algorithm_settings
from deepglass.training.weights import fill, tensors_in

WEIGHTS = "weights.safetensors"
MOST_NUMBERS = 1 << 24  # of an observation or an action


class Stage(VectorEnv):
    """A world of which only the sizes are known: enough to build a policy, not to act in."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype, actions: Discrete | Box):
        self.observation_shape, self.dtype, self.actions = shape, dtype, actions
        self.num_envs = self.max_steps = 1

    def reset(self) -> np.ndarray:
        """Zeros."""
        return np.zeros((1, *self.observation_shape), self.dtype)

    def step(self, actions: np.ndarray) -> Step:
        """Nobody acts here.

        Raises:
            TypeError: Always.
        """
        raise TypeError("only the sizes of this world are known")

    def state(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Nothing."""


def stage_of(folder: RunFolder) -> Stage:
    """What a run knows of its world.

    Raises:
        RunError: If task.json is missing, or not as it was written.
    """
    dims = folder.require_record("task.json", "dims", "state")["dims"]
    with folder.understanding("task.json"):
        shape = tuple(read(dims, "observation_shape", list[int]))
        dtype = read(dims, "observation_dtype", str, "float32")
        require(dtype in ("float32", "uint8"), "float32 or uint8 observations", dtype)
        require(0 < int(np.prod(shape, dtype=object)) <= MOST_NUMBERS, "an observation that a memory can hold", shape)
        found = read(dims, "actions", dict[str, Any])
        if "n" in found:
            n = read(found, "n", int)
            require(0 < n <= MOST_NUMBERS, "a number of actions", n)
            return Stage(shape, np.dtype(dtype), Discrete(n))
        low, high = read(found, "low", list[Any]), read(found, "high", list[Any])
        require(0 < len(low) == len(high) <= MOST_NUMBERS, "as many lower as upper bounds", len(low))
        return Stage(shape, np.dtype(dtype), Box(tuple(map(float, low)), tuple(map(float, high))))


def load_policy(folder: RunFolder, config: dict[str, Any]) -> tuple[nn.Module, Stage]:
    """The policy of a run with its best weights, and what it knows of its world.

    Raises:
        RunError: If a file is missing, or not as it was written.
    """
    stage = stage_of(folder)
    tensors = tensors_in(folder.read_bytes(WEIGHTS), folder / WEIGHTS)
    with folder.understanding("config.json", "task.json"):
        module = catalogue.load(FOLDER, config["model"])
        own = settings.build(module.Config, algorithm_settings(config["model"]), config["model_options"])
        policy = module.Learner(stage, own, 0).policy
    fill(policy, tensors, str(folder / WEIGHTS))
    return policy.eval(), stage


def act(policy: nn.Module, stage: Stage, observation: Any) -> Any:
    """The greedy action for one observation, or actions for several.

    Args:
        policy: As `load_policy` gives it.
        stage: Likewise.
        observation: (*shape), or (N, *shape).

    Raises:
        DataError: If it has another shape, or holds what is not a finite number.
    """
    shape = stage.observation_shape
    try:
        given = np.asarray(observation, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"expected numbers of shape {shape}, got {str(observation)[:80]!r}") from None
    if given.shape != shape and given.shape[1:] != shape:
        raise DataError(f"expected an observation of shape {shape}, or several below each other, got {given.shape}")
    if not np.isfinite(given).all():
        raise DataError(f"expected finite numbers, got {str(given.tolist())[:80]}")
    batch = given.reshape(-1, *shape).astype(stage.dtype)
    chosen = greedy(policy, stage.actions)(batch)
    if given.shape == shape:
        return int(chosen[0]) if isinstance(stage.actions, Discrete) else chosen[0]
    return chosen
