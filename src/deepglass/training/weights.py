"""Weights as safetensors: no code inside, any framework can read them."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from deepglass.core import files
from deepglass.core.errors import RunError
from deepglass.training import lora
from deepglass.zoo.key_report import address, first_mismatch


def save_weights(path: Path, state_dict: dict[str, Tensor]) -> None:
    """Write a state dict; tensors that share memory (tied weights) are written once."""
    files.write_bytes(path, as_bytes(state_dict))


def as_bytes(state_dict: dict[str, Tensor]) -> bytes:
    """A state dict as safetensors; tensors that share memory are in it once, low-rank factors in their weights."""
    seen: dict[tuple, str] = {}
    unique = {k: t for k, t in lora.merged(state_dict).items() if seen.setdefault(address(t), k) == k}
    return save({k: t.detach().cpu().contiguous().clone() for k, t in unique.items()})


def load_weights(path: Path, model: nn.Module) -> None:
    """Fill a model from a file that `save_weights` wrote.

    Raises:
        RunError: If the file is missing or damaged, or belongs to another model: names the first mismatch.
    """
    fill(model, tensors_in(files.read_bytes(path), path), str(path))


def tensors_in(content: bytes, path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file.

    Args:
        content: What was read from it.
        path: Where, for messages.

    Raises:
        RunError: If it is damaged.
    """
    try:
        return load(content)
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError, RuntimeError) as error:
        raise RunError(f"{path} is damaged ({str(error)[:200]}): {files.RESTORE}") from None


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
