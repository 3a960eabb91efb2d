"""Pictures that are kept whole: each side is scaled by itself, so that every place stays a share of the picture."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.inputs import Context, image
from deepglass.deploy.graphs.inputs.image import as_bytes, triangles

TIE = 1e-3  # what lies half way between two bytes is rounded up, whatever the last digit of a sum of weights is


class Part(image.Part):
    """images (B, H, W, C), uint8 or float32 → standardised brightness (B, C, H, W) of the size of training."""

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        images = given["images"].permute(0, 3, 1, 2).float()  # (B, C, H, W)
        if self.sizes:
            images = stretch(images, self.height, self.width, rounds=self.is_bytes)
        return ((images - self.mean) / self.std,), {}

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        return [{**one, "kind": "whole_image"} for one in super().describe(statistics)]


def stretch(images: Tensor, height: int, width: int, rounds: bool = True) -> Tensor:
    """Scale pictures (B, C, H, W) along each side by itself, as `PIL.Image.resize` does.

    Args:
        images: Brightness from 0 to 255.
        height: Of the result.
        width: Of the result.
        rounds: Whether they are bytes, and stay so.
    """
    H, W = (torch.full((), size, dtype=torch.float64, device=images.device) for size in images.shape[2:])
    start, rounded = torch.zeros_like(H), as_bytes if rounds else torch.nn.Identity()
    images = images @ triangles(images.shape[3], start, W, width).T  # (B, C, H, width)
    images = triangles(images.shape[2], start, H, height) @ rounded(images + TIE)
    return rounded(images + TIE)  # (B, C, height, width)
