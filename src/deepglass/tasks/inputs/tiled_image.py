"""Learning from pictures with an answer for each pixel: length and speed of the training, size of the network.

Chosen on shapes-with-masks and on slices 13 to 15 of em-membrane.
"""

from typing import Any

import torch
from torch import nn

from deepglass.data.fields.tiled_image import Field
from deepglass.tasks import Prepared
from deepglass.tasks.inputs import Learning as Usual
from deepglass.tasks.inputs.image import measure_statistics

PIXELS_WANTED = 70_000_000  # looked at in a training: 80 epochs of 13 windows of 256 x 256 learn membranes to 92 %
PIXELS_AT_ONCE = 131_072  # in a step: two windows of 256 x 256
FEWEST_EPOCHS, MOST_EPOCHS = 10, 200
MOST_WINDOWS = 16  # in a step; of shapes with masks 4 leave batch normalisation far from what validation sees
LEARNING_RATE = 3e-3


class Learning(Usual):
    """From windows of pictures (B, C, H, W)."""

    field: Field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Small batches: every picture holds thousands of pixels."""
        height, width = self.field.window
        epochs = round(PIXELS_WANTED / (max(1, num_examples) * height * width))
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": min(MOST_WINDOWS, max(2, PIXELS_AT_ONCE // (height * width))),
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
