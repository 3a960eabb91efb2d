"""Do weights fit a model? The first name, shape or kind of number that does not, in words."""

from collections.abc import Mapping

from torch import Tensor


def first_mismatch(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> str:
    """What does not fit first, empty where all does.

    Args:
        own: State dict of the model; tensors that share memory (tied weights) are asked for once.
        tensors: What is to be filled in.

    Example:
        >>> import torch
        >>> first_mismatch({"w": torch.zeros(2, 3)}, {"w": torch.zeros(2, 4)})
        "weights 'w' have shape (2, 4), the model expects (2, 3)"
    """
    there = {address(own[name]) for name in tensors if name in own}
    for name, tensor in own.items():
        if name not in tensors:
            if address(tensor) not in there:
                return f"it has no weights {name!r} {tuple(tensor.shape)}, which the model expects"
        elif tensors[name].shape != tensor.shape:
            came, expected = tuple(tensors[name].shape), tuple(tensor.shape)
            return f"weights {name!r} have shape {came}, the model expects {expected}"
        elif tensor.is_floating_point() and not tensors[name].is_floating_point():
            return f"weights {name!r} are {tensors[name].dtype}, the model expects floating point"
    extra = [name for name in tensors if name not in own]
    return f"it has weights {extra[0]!r} that the model lacks" if extra else ""


def address(tensor: Tensor) -> tuple:
    """Where a tensor lies; the same for tied weights."""
    return (tensor.data_ptr(), tensor.shape) if tensor.numel() else (id(tensor),)
