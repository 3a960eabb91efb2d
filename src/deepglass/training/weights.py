"""Weights as safetensors: no code inside, any framework can read them."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from deepglass.core import files
from deepglass.core.errors import RunError


def save_weights(path: Path, state_dict: dict[str, Tensor]) -> None:
    """Write a state dict; tensors that share memory (tied weights) are written once."""
    seen: dict[tuple, str] = {}
    unique = {k: t for k, t in state_dict.items() if seen.setdefault(_address(t), k) == k}
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
    """Copy tensors into a model after checking every name and shape."""
    own = model.state_dict()
    addresses = {_address(own[name]) for name in tensors if name in own}
    for name, tensor in own.items():
        if name not in tensors:
            if _address(tensor) in addresses:  # tied to one that is there
                continue
            raise RunError(f"{origin} has no weights {name!r} {tuple(tensor.shape)}: it belongs to another model")
        if tensors[name].shape != tensor.shape:
            came = tuple(tensors[name].shape)
            raise RunError(f"{origin}: weights {name!r} have shape {came}, the model expects {tuple(tensor.shape)}")
    if extra := sorted(set(tensors) - set(own)):
        raise RunError(f"{origin} has weights {extra[0]!r} that the model lacks: it belongs to another model")
    with torch.no_grad():
        for name, tensor in tensors.items():
            own[name].copy_(tensor)


def _address(tensor: Tensor) -> tuple:
    return (tensor.data_ptr(), tensor.shape) if tensor.numel() else (id(tensor),)
