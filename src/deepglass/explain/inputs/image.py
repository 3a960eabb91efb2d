"""Squares of a picture as parts: a hidden one turns to the mean colour of the picture."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from deepglass.explain.inputs import Parts as Base

GRID = 8  # squares a side, as the server hides them


@dataclass(frozen=True)
class Parts(Base):
    """The squares of one picture (1, C, H, W)."""

    kind = "squares"
    base_is = "the mean colour of the picture"
    WALK_IS: ClassVar[str | None] = None

    @classmethod
    def of(cls, task: Any, inputs: tuple[Tensor, ...], example: dict[str, Any]) -> "Parts":
        """Of a picture."""
        (x,) = inputs
        _, C, H, W = x.shape
        rows, columns = (torch.arange(size) * min(GRID, size) // size for size in (H, W))
        width = int(columns[-1]) + 1
        owner = (rows[:, None] * width + columns).expand(C, H, W)
        names = [f"row {i + 1}, column {j + 1}" for i in range(int(rows[-1]) + 1) for j in range(width)]
        base = x.mean(dim=(2, 3), keepdim=True).expand_as(x).contiguous()
        picture = as_bytes(x[0], task.preprocessor)
        return cls(inputs, (base,), (owner,), names, [None] * len(names), example, picture)

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Integrated gradients: the finest map whose sum can be checked."""
        return "integrated-gradients", "a picture: a map of its pixels that adds up"


def as_bytes(x: Tensor, preprocessor: Any) -> np.ndarray:
    """(H, W, C) bytes of a picture (C, H, W) as the network takes it."""
    mean, std = (torch.tensor(of).view(-1, 1, 1) for of in (preprocessor.mean, preprocessor.std))
    return (x * std + mean).clamp(0, 255).round().byte().permute(1, 2, 0).numpy()
