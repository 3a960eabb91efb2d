"""Weights as safetensors: no code inside, any framework can read them."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from deepglass.core import files
from deepglass.core.errors import RunError
from deepglass.models._mismatch import address, first_mismatch


def save_weights(path: Path, state_dict: dict[str, Tensor]) -> None:
    """Write a state dict; tensors that share memory (tied weights) are written once."""
    seen: dict[tuple, str] = {}
    unique = {k: t for k, t in state_dict.items() if seen.setdefault(address(t), k) == k}
    files.write_bytes(path, save({k: t.detach().cpu().contiguous().clone() for k, t in unique.items()}))


def load_weights(path: Path, model: nn.Module) -> None:
    """Fill a model from a file that `save_weights` wrote.

    Raises:
        RunError: If the file is missing or damaged, or belongs to another model: names the first mismatch.
    """
    try:
        tensors = load(path.read_bytes())
    except FileNotFoundError:
        raise RunError(f"{path} is missing: the run is incomplete; copy the whole folder or train again") from None
    except SafetensorError as error:
        raise RunError(f"{path} is damaged ({error}): restore it from a copy, or train again") from None
    fill(model, tensors, str(path))


def fill(model: nn.Module, tensors: dict[str, Tensor], origin: str) -> None:
    """Copy tensors into a model after checking every name and shape.

    Raises:
        RunError: If one does not fit, such as a head for another number of classes.
    """
    own = model.state_dict()
    if mismatch := first_mismatch(own, tensors):
        raise RunError(
            f"{origin}: {mismatch}: it belongs to another model, or to data with other classes or columns; to begin "
            "from these weights with a new head, pass their run to --pretrained"
        )
    with torch.no_grad():
        for name, tensor in tensors.items():
            own[name].copy_(tensor)
