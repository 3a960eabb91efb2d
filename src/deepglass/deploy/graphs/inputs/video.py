"""Clips of the size and number of frames of training: centring and scaling of brightness inside.

They come as bytes; the small runtime takes frames out of a file and scales them with Pillow, as training did.
"""

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.deploy.graphs.inputs import Context, image
from deepglass.deploy.graphs.spec import Spec


class Part(image.Part):
    """clips (B, T, H, W, C) uint8 → standardised brightness (B, T, C, H, W)."""

    def __init__(self, task: Any):
        super().__init__(task)
        fitted = task.preprocessor
        self.frames, self.colours = fitted.num_frames, fitted.colours
        self.sizes = {}
        self.specs = [Spec("clips", torch.uint8, ("batch", self.frames, self.height, self.width, self.colours))]
        self.register_buffer("mean", torch.tensor(fitted.mean[: self.colours]).view(-1, 1, 1))
        self.register_buffer("std", torch.tensor(fitted.std[: self.colours]).view(-1, 1, 1))

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        clips = given["clips"].permute(0, 1, 4, 2, 3).float()  # (B, T, C, H, W)
        return ((clips - self.mean) / self.std,), {}

    def fix_sizes(self) -> None:
        """They are."""

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        shape = (batch, self.frames, self.height, self.width, self.colours)
        made = torch.randint(256, shape, generator=generator)
        return (made.to(self.specs[0].dtype),)

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        examples, frames = copy.copy(examples), self.frames

        def as_stored(batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            B, _, H, W = batch[0].shape
            clips = batch[0].reshape(B, frames, -1, H, W).permute(0, 1, 3, 4, 2)  # (B, T, H, W, C)
            return (clips.contiguous(), *batch[1:])

        examples.transform = as_stored
        return examples

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        size = {"frames": self.frames, "height": self.height, "width": self.width, "channels": self.colours}
        shape = [-1, self.frames, self.height, self.width, self.colours]
        tensor = {"tensor": "clips", "datatype": "UINT8", "shape": shape}
        background = self.task.preprocessor.background
        facts = {"name": "video", "kind": "video", **tensor, **size, "background": background}
        return [facts | {"statistics": statistics.get("image")}]
