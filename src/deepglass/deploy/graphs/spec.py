"""A tensor that goes into a graph or comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn


@dataclass(frozen=True)
class Spec:
    """Its name, its type and its shape, in which a name stands for a size that is open."""

    name: str
    dtype: torch.dtype
    shape: tuple[int | str, ...]

    def fixed(self, sizes: Mapping[str, int]) -> "Spec":
        """The same with some of its open sizes fixed."""
        return replace(self, shape=tuple(sizes.get(size, size) for size in self.shape))  # type: ignore[arg-type]


def narrowed(dtype: torch.dtype) -> torch.dtype:
    """The type on small devices, which know no float64."""
    return torch.float32 if dtype == torch.float64 else dtype


def keep(module: nn.Module, name: str, values: Any) -> None:
    """Keep float64 numbers as a buffer of a module; PyTorch's archive has no place for an empty one."""
    tensor = torch.from_numpy(np.asarray(values, np.float64))
    if tensor.numel():
        module.register_buffer(name, tensor)
