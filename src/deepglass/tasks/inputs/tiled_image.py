"""Learning from pictures with an answer for each pixel: length and speed of the training, size of the network.

Chosen on shapes-with-masks and on slices 13 to 15 of em-membrane.
"""

import math
from typing import Any

import torch
from torch import nn

from deepglass.data.fields.tiled_image import Field
from deepglass.tasks import Prepared
from deepglass.tasks.inputs import Learning as Usual
from deepglass.tasks.inputs.image import measure_statistics

WINDOWS_WANTED = 4_000  # looked at in a training, each a random part of a picture
FEWEST_EPOCHS, MOST_EPOCHS = 10, 200
BATCH_SIZES = ((50, 2), (200, 4), (math.inf, 8))  # fewer pictures than, size
LEARNING_RATE = 3e-3


class Learning(Usual):
    """From windows of pictures (B, C, H, W)."""

    field: Field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Small batches: every picture holds thousands of pixels."""
        epochs = round(WINDOWS_WANTED / max(1, num_examples))
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": next(size for most, size in BATCH_SIZES if num_examples < most),
            "learning_rate": LEARNING_RATE,
            "weight_decay": 0.01,
        }

    def model_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """A network that two processor cores can train in minutes."""
        return {"width": 16, "depth": 3, "batch_norm": True} if model == "unet" else {}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """With the statistics of these pictures."""
        some = prepared.train
        with torch.random.fork_rng(devices=[]):  # windows are drawn: the training draws as if nothing had been
            measure_statistics(model, some)
