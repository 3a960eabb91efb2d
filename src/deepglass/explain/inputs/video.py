"""Frames of a clip as parts: a hidden one turns to the mean of all frames, in which nothing moves, or to black.

The mean keeps what is there and where it usually is; what a frame adds to it is what happens at its time.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from deepglass.data.clips import strip
from deepglass.explain.inputs import Parts as Base
from deepglass.explain.inputs.image import as_bytes


@dataclass(frozen=True)
class Parts(Base):
    """The frames of one clip (1, T, C, H, W)."""

    kind = "frames"
    base_is = "the mean of all frames"
    WALK_IS: ClassVar[str | None] = None
    BASES = ("mean", "zeros")

    @classmethod
    def of(cls, task: Any, inputs: tuple[Tensor, ...], example: dict[str, Any]) -> "Parts":
        """Of a clip."""
        (x,) = inputs
        _, T, C, H, W = x.shape
        owner = torch.arange(T).view(T, 1, 1, 1).expand(T, C, H, W)
        base = x.mean(dim=1, keepdim=True).expand_as(x).contiguous()
        pixels = as_bytes(x[0].flatten(0, 1), task.preprocessor)  # (H, W, T·C)
        picture = strip(pixels.reshape(H, W, T, C).transpose(2, 0, 1, 3), most=T)
        return cls(inputs, (base,), (owner,), [f"frame {t + 1}" for t in range(T)], [None] * T, example, picture)

    def named_base(self, name: str, task: Any) -> tuple[tuple[Tensor, ...], str]:
        """Nothing that moves, or black."""
        (x,) = self.inputs
        if name == "mean":
            return self.base, self.base_is
        fitted = task.preprocessor
        shape = (1, fitted.num_frames, fitted.colours, 1, 1)
        mean, std = (torch.tensor(of, dtype=x.dtype).view(shape) for of in (fitted.mean, fitted.std))
        return ((-mean / std).expand_as(x).contiguous(),), "black frames"

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Occlusion: few parts, each hidden once."""
        return "occlusion", "a clip: every frame is hidden once"
