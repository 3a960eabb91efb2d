"""Squares of a picture as parts: a hidden one turns to the mean colour of the picture, or to black, or is blurred.

The mean colour keeps the brightness, and black may be what the network looks for; a blurred picture keeps light and
colours and loses edges. They are different questions: Sturmfels, Lundberg & Lee (2020), Visualizing the Impact of
Feature Attribution Baselines, https://distill.pub/2020/attribution-baselines.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from deepglass.explain.inputs import Parts as Base

GRID = 8  # squares a side, as the server hides them
BLUR = 8.0  # a deviation of the blur, as a share of the side: no shape is left, and large areas are


@dataclass(frozen=True)
class Parts(Base):
    """The squares of one picture (1, C, H, W)."""

    kind = "squares"
    base_is = "the mean colour of the picture"
    WALK_IS: ClassVar[str | None] = None
    BASES = ("mean", "zeros", "blur")
    TAKES_EXAMPLES = True

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

    def named_base(self, name: str, task: Any) -> tuple[tuple[Tensor, ...], str]:
        """One colour, black, or the picture blurred."""
        (x,) = self.inputs
        if name == "mean":
            return (x.mean(dim=(2, 3), keepdim=True).expand_as(x).contiguous(),), self.base_is
        if name == "zeros":
            scale = task.preprocessor
            mean, std = (torch.tensor(of, dtype=x.dtype).view(1, -1, 1, 1) for of in (scale.mean, scale.std))
            return ((-mean / std).expand_as(x).contiguous(),), "a black picture"
        return (blurred(x, (2, 3)),), "the picture blurred"

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Integrated gradients: the finest map whose sum can be checked."""
        return "integrated-gradients", "a picture: a map of its pixels that adds up"


def blurred(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """The same shape, smoothed along these axes by a Gaussian that is an eighth of a side wide."""
    from scipy.ndimage import gaussian_filter

    widths = [size / BLUR if axis in axes else 0 for axis, size in enumerate(x.shape)]
    return torch.from_numpy(gaussian_filter(x.numpy(), widths, mode="nearest"))


def as_bytes(x: Tensor, preprocessor: Any) -> np.ndarray:
    """(H, W, C) bytes of a picture (C, H, W) as the network takes it."""
    mean, std = (torch.tensor(of).view(-1, 1, 1) for of in (preprocessor.mean, preprocessor.std))
    return (x * std + mean).clamp(0, 255).round().byte().permute(1, 2, 0).numpy()
