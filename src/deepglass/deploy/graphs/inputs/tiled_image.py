"""Tiles of pictures, each of the size that the network sees at once; `deploy/runtime/tiles.py` cuts and joins them."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.deploy.graphs.inputs import Context, image


class Part(image.Part):
    """images (B, h, w, C), uint8 or float32 → standardised brightness (B, C, h, w)."""

    def __init__(self, task: Any):
        super().__init__(task)
        self.sizes = {}
        self.specs = [replace(self.specs[0], shape=("batch", self.height, self.width, self.channels))]

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        images = given["images"].permute(0, 3, 1, 2).float()  # (B, C, h, w)
        return ((images - self.mean) / self.std,), {}

    def fix_sizes(self) -> None:
        """They are."""

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        """Whole pictures (B, H, W, C), which the task cuts into tiles; it is told by `channels_last`."""
        examples = copy.copy(super().raw(examples, data, rows))
        examples.channels_last = True
        return examples

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        longer = self.task.preprocessor.longer
        return [{**one, "kind": "tiled_image", "longer": longer} for one in super().describe(statistics)]

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        return super().example(batch, {}, generator)
