"""A network that takes no memory: built on PyTorch's meta device, where tensors have shapes and no numbers.

    with without_memory():
        model = architectures.load("resnet18", num_classes=10)

Nothing is drawn there either. PyTorch would ask its reference of `normal_`, in Python, which imports the compiler: more
than a second in which no number comes about.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

DRAWS = {torch.Tensor.normal_, nn.init.normal_}  # what of the draws is asked of a reference


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
        return func(*args, **kwargs)
