"""Checkpoints: all that a learner and its world hold, so that training goes on to the bit.

Nothing is listed by hand: whatever an attribute of the learner is, it is kept by its kind (networks, optimisers,
memory, generators, arrays, numbers, the world), and one of a kind that nobody can keep is an error while developing.
Written in plain types that `torch.load(weights_only=True)` reads back: no code can hide in them.
"""

import dataclasses
import json
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.run_folder import RunFolder
from deepglass.rl.envs import Discrete, VectorEnv
from deepglass.training import checkpoint

NAME = checkpoint.NAME
ARRAY, NUMPY_RNG = "array", "generator"


def state_of(learner: Any) -> dict[str, Any]:
    """Everything that a learner holds, as plain types and tensors; a copy.

    Raises:
        TypeError: If it has an attribute of a kind that is not kept.
    """
    found = {name: _kept(name, value) for name, value in vars(learner).items() if not _is_settled(value)}
    return {name: plain(value) for name, value in found.items()}


def restore(learner: Any, state: dict[str, Any]) -> None:
    """Put a learner, and the world in its hands, back to where `state_of` found them."""
    for name, value in state.items():
        _put_back(learner, name, original(value))
    if hasattr(learner, "observation") and hasattr(learner.env, "seen"):
        learner.observation = learner.env.seen.copy()  # where an episode could not be played again


def save(folder: RunFolder, state: dict[str, Any]) -> None:
    """Write a checkpoint, whole or not at all."""
    checkpoint.save(folder, plain(state))


def load(folder: RunFolder) -> dict[str, Any]:
    """Read a checkpoint.

    Raises:
        RunError: If it is missing, or not as it was written.
    """
    path = folder / NAME
    folder.verify(NAME)
    with folder.understanding(NAME):
        found = torch.load(path, map_location="cpu", weights_only=True)
        return {name: value if name == "learner" else original(value) for name, value in found.items()}


def plain(value: Any) -> Any:
    """Arrays and generators as what needs no pickle; containers likewise, tensors copied."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, np.ndarray):
        return {ARRAY: torch.from_numpy(np.array(value))}
    if isinstance(value, np.random.Generator):
        return {NUMPY_RNG: json.dumps(value.bit_generator.state)}
    if isinstance(value, np.generic):
        return value.item()
    return value.detach().clone() if isinstance(value, Tensor) else value


def original(value: Any) -> Any:
    """What `plain` was given."""
    if isinstance(value, dict):
        if value.keys() == {ARRAY}:
            return value[ARRAY].numpy()
        if value.keys() == {NUMPY_RNG}:
            rng = np.random.default_rng()
            rng.bit_generator.state = json.loads(value[NUMPY_RNG])
            return rng
        return {key: original(part) for key, part in value.items()}
    return [original(part) for part in value] if isinstance(value, list) else value


def _is_settled(value: Any) -> bool:
    """What follows from the settings, or belongs to a network that is kept."""
    if isinstance(value, list):
        return all(isinstance(part, torch.nn.Parameter) for part in value)
    return dataclasses.is_dataclass(value) or isinstance(value, Discrete)


def _kept(name: str, value: Any) -> Any:
    if isinstance(value, VectorEnv):
        return value.state()
    if hasattr(value, "state_dict"):
        return value.state_dict()
    if isinstance(value, torch.Generator):
        return value.get_state()
    if isinstance(value, np.ndarray | np.random.Generator | Tensor | int | float | str | None):
        return value
    raise TypeError(f"{name} is a {type(value).__name__}, which a checkpoint does not keep")


def _put_back(learner: Any, name: str, value: Any) -> None:
    own = getattr(learner, name)
    if isinstance(own, VectorEnv):
        own.load_state(value)
    elif hasattr(own, "load_state_dict"):
        own.load_state_dict(value)
    elif isinstance(own, torch.Generator):
        own.set_state(value)
    elif isinstance(own, Tensor):
        own.data.copy_(value)
    else:
        setattr(learner, name, value)
