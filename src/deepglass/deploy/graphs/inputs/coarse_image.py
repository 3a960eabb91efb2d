"""Tiles of coarse pictures, of which the network takes the brightness alone; their colours go round it."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.preprocess.luma import apart
from deepglass.deploy.graphs.inputs import Context, tiled_image

PLANES = "planes"  # the name of Y, Cb and Cr (B, 3, h, w) in the context


class Part(tiled_image.Part):
    """images (B, h, w, C), uint8 or float32 → brightness (B, 1, h, w) in [0, 1]."""

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        planes = apart(given["images"].to(torch.float32)).permute(0, 3, 1, 2)  # (B, 3, h, w)
        return (planes[:, :1].contiguous(),), {PLANES: planes}

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        """Whole coarse pictures (B, h, w, C), which the task cuts into tiles."""
        return examples.as_they_come()

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        return [{**one, "kind": "coarse_image", "times": self.task.scale} for one in super().describe(statistics)]
