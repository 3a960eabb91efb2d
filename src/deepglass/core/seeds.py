"""Random numbers that can be repeated and resumed: one seed for Python, NumPy, PyTorch and the glass engine."""

import random
import sys
from typing import Any

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy, PyTorch (all devices) and, where it is loaded, the glass engine."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    if glass := _glass_engine():
        glass.manual_seed(seed)


def rng_state() -> dict[str, Any]:
    """The state of the engines' generators, in a form that `torch.load(weights_only=True)` reads back."""
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state_all()
    if glass := _glass_engine():
        state["glass"] = torch.from_numpy(glass.get_rng_state().numpy())
    return state


def set_rng_state(state: dict[str, Any]) -> None:
    """Put the generators back to where `rng_state` found them."""
    torch.set_rng_state(state["cpu"].cpu())
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all([s.cpu() for s in state["cuda"]])
    if "glass" in state and (glass := _glass_engine()):
        glass.set_rng_state(glass.from_numpy(state["glass"].cpu().numpy()))


def epoch_order(count: int, seed: int, epoch: int, weights: torch.Tensor | None = None) -> torch.Tensor:
    """The order in which an epoch visits its examples; it depends on seed and epoch alone, so a resume repeats it.

    Args:
        count: Number of examples.
        seed: Of the training.
        epoch: From 0.
        weights: (count,) draws examples in this proportion, with replacement, instead of each once.
    """
    generator = torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63)
    if weights is not None:
        return torch.multinomial(weights, count, replacement=True, generator=generator)
    return torch.randperm(count, generator=generator)


def _glass_engine() -> Any:
    """The glass engine if anybody has loaded it: those who do not use it need not wait for it."""
    return sys.modules.get("deepglass.glass")
