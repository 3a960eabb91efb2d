"""Checkpoints: all that a training needs to go on as if it had never stopped.

Weights and optimiser state, the running mean of the weights, the best weights so far, the generators' states, the
position inside the epoch. Written whole or not at all; read with `weights_only`, so no code can hide in them.
"""

import pickle
from pathlib import Path
from typing import Any

import torch

from deepglass.core import files
from deepglass.core.errors import RunError


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint atomically."""
    with files.atomic(path) as draft, draft.open("wb") as file:
        torch.save(state, file)


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint.

    Raises:
        RunError: If it is missing or damaged.
    """
    if not path.is_file():
        raise RunError(f"{path} is missing: there is nothing to resume; train without --resume")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, pickle.UnpicklingError, KeyError) as error:
        raise RunError(f"{path} is damaged ({type(error).__name__}): remove it and train again") from None
