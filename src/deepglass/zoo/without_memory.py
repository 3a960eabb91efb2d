"""A network that takes no memory: built on PyTorch's meta device, where tensors have shapes and no numbers.

    with without_memory():
        model = architectures.load("resnet18", num_classes=10)

Nothing is drawn there either. PyTorch would ask its references of `normal_` and `randn`, in Python, which import the
compiler: more than a second in which no number comes about.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

DRAWS = {torch.Tensor.normal_, nn.init.normal_}  # what of the draws is asked of a reference
UNDRAWN = {torch.randn: torch.empty, torch.randn_like: torch.empty_like}  # likewise; what makes the same shape


@contextmanager
def without_memory() -> Iterator[None]:
    """Make every tensor of this thread a shape."""
    with torch.device("meta"), _Undrawn():
        yield


class _Undrawn(TorchFunctionMode):
    """Leave tensors as they are where they would be filled at random."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in DRAWS:
            return args[0] if args else kwargs["tensor"]
        if func in UNDRAWN and "generator" not in kwargs and str(kwargs.get("device") or "meta") == "meta":
            return UNDRAWN[func](*args, **kwargs)
        return func(*args, **kwargs)
