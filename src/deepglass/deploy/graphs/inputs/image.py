"""Pictures of any size: scaling to cover the size of training, centring and scaling of brightness inside.

They come as bytes, or, where training kept more than 8 bits, as float32; brightness runs from 0 to 255 in both.

Pillow's bilinear scaling is a weighted mean along each axis with a triangle as wide as the reduction. Written as a
matrix for each axis it is part of the graph, and gives Pillow's bytes to within one step of 255: Pillow chooses by
itself which axis comes first, and rounds in between. The small runtime scales with Pillow, so that a picture which has
its size already, and passes unchanged, is exactly what training saw.
"""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec

LARGEST_SIDE = 20_000  # pixels that the graph declares to take


class Part(InputPart):
    """images (B, H, W, C), uint8 or float32 → standardised brightness (B, C, H, W) of the size of training."""

    def __init__(self, task: Any):
        super().__init__(task)
        fitted = task.preprocessor
        self.height, self.width, self.channels = fitted.height, fitted.width, fitted.channels
        self.is_bytes = not fitted.scale.keeps_depth
        self.sizes = {"height": (2, LARGEST_SIDE), "width": (2, LARGEST_SIDE)}
        dtype = torch.uint8 if self.is_bytes else torch.float32
        self.specs = [Spec("images", dtype, ("batch", "height", "width", self.channels))]
        self.register_buffer("mean", torch.tensor(fitted.mean).view(-1, 1, 1))
        self.register_buffer("std", torch.tensor(fitted.std).view(-1, 1, 1))

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        images = given["images"].permute(0, 3, 1, 2).float()  # (B, C, H, W)
        if self.sizes:
            images = cover(images, self.height, self.width, rounds=self.is_bytes)
        return ((images - self.mean) / self.std,), {}

    def fix_sizes(self) -> None:
        """Take pictures of the size of training only."""
        self.sizes = {"height": (self.height, self.height), "width": (self.width, self.width)}
        super().fix_sizes()

    def for_edge(self) -> None:
        """Pictures come as numbers from 0 to 255 in float32: not every converter knows bytes."""
        self.specs = [replace(self.specs[0], dtype=torch.float32)]

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        shape = (batch, sizes.get("height", self.height), sizes.get("width", self.width), self.channels)
        if self.is_bytes:
            return (torch.randint(256, shape, generator=generator).to(torch.uint8),)
        return (255 * torch.rand(shape, generator=generator),)

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        examples = copy.copy(examples)
        examples.transform = lambda batch: (batch[0].permute(0, 2, 3, 1).contiguous(), *batch[1:])  # (B, H, W, C)
        return examples

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        size = {"height": self.height, "width": self.width, "channels": self.channels}
        datatype = "UINT8" if self.is_bytes else "FP32"
        tensor = {"tensor": "images", "datatype": datatype, "shape": [-1, -1, -1, self.channels]}
        fitted = self.task.preprocessor
        values = {"background": fitted.background, "scale": fitted.scale.state()}
        return [{"name": "image", "kind": "image", **tensor, **size, **values, "statistics": statistics.get("image")}]


def cover(images: Tensor, height: int, width: int, rounds: bool = True) -> Tensor:
    """Scale pictures (B, C, H, W) to cover the size and cut what juts out evenly, as `PIL.ImageOps.fit` does.

    Args:
        images: Brightness from 0 to 255.
        height: Of the result.
        width: Of the result.
        rounds: Whether they are bytes, and stay so.
    """
    H, W = (torch.full((), size, dtype=torch.float64, device=images.device) for size in images.shape[2:])
    crop_height, crop_width = torch.minimum(H, W * (height / width)), torch.minimum(W, H * (width / height))
    rows = triangles(images.shape[2], (H - crop_height) / 2, crop_height, height)  # (height, H)
    columns = triangles(images.shape[3], (W - crop_width) / 2, crop_width, width)  # (width, W)
    images = images @ columns.T  # (B, C, H, width)
    images = rows @ (as_bytes(images) if rounds else images)  # (B, C, height, width)
    return as_bytes(images) if rounds else images


def triangles(size: Any, start: Tensor, extent: Tensor, count: int) -> Tensor:
    """(count, size): for each of `count` new pixels the weights of the old ones between start and start + extent."""
    step = extent / count
    support = step.clamp(min=1)  # half the width of the triangle: a reduction looks at all that it merges
    centre = start + (torch.arange(count, device=start.device) + 0.5) * step  # (count,)
    place = torch.arange(size, device=start.device) + 0.5  # (size,)
    weights = (1 - (place - centre[:, None]).abs() / support).clamp(min=0)  # (count, size)
    return (weights / weights.sum(dim=1, keepdim=True)).float()


def as_bytes(values: Tensor) -> Tensor:
    """Rounded half up, as Pillow does after each axis."""
    return (values + 0.5).floor().clamp(0, 255)
