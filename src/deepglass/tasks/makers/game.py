"""A game: one network makes rows, another tells them from real ones, and they learn by turns.

Two updates: the discriminator towards telling real rows from made ones, the generator towards being taken for real
(the non-saturating loss). The slope of the discriminator at real rows is kept small, without which the two circle
around each other: R1, estimated along one random direction per row, so that one backward pass is enough. It is kept
very small at first, so that the generator comes to all the data before it is told the details. What makes rows in the
end is the running mean of the weights.

References:
    Goodfellow et al. (2014), Generative Adversarial Nets, https://arxiv.org/abs/1406.2661
    Mescheder et al. (2018), Which Training Methods for GANs do actually Converge?,
    https://arxiv.org/abs/1801.04406 (R1)
    Yazıcı et al. (2019), The Unusual Effectiveness of Averaging in GAN Training, https://arxiv.org/abs/1806.04498
"""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.data.examples import Batch
from deepglass.tasks.makers import Maker
from deepglass.tasks.makers._falling_penalty import FallingPenalty
from deepglass.training.update import Update

STEP = 0.05  # deviations of a column along which the slope of the discriminator is measured
BETAS = (0.5, 0.99)  # a long memory of the gradient drives the game in circles (Radford et al. 2016)
STEPS = 6000  # of a ring of eight Gaussians, until more than nine of ten samples lie near one
MEAN = 0.995  # decay of the running mean of the weights: it stands in the middle of the circles of the game
FEWEST_BATCH, MOST_BATCH = 16, 256


class Way(Maker):
    """model(noise) makes rows, model(None, rows) gives logits that they are real."""

    OPTIONS = ("gradient_penalty",)
    MONITOR = "sample_score"

    def __init__(self, config: Any):
        super().__init__(config)
        self.penalty: FallingPenalty | None = None  # of the training that runs

    def require_options(self) -> None:
        """A penalty below 0 would reward what it is to prevent.

        Raises:
            OptionError: If it is.
        """
        super().require_options()
        if self.config.gradient_penalty < 0:
            raise OptionError(f"--gradient-penalty: expected 0 or more, got {self.config.gradient_penalty:g}")

    def train_defaults(self, num_examples: int) -> dict[str, Any]:
        """So many steps, whatever the number of rows; in float32, for in bfloat16 a small slope is lost to rounding."""
        batch_size = min(MOST_BATCH, max(FEWEST_BATCH, num_examples // 8), num_examples)
        epochs = math.ceil(STEPS / math.ceil(num_examples / batch_size))
        rate = {"learning_rate": 2e-3, "optimizer": "adam", "weight_decay": 0.0, "ema": MEAN}
        return {"epochs": epochs, "batch_size": batch_size, "precision": "float32", **rate}

    def updates(self, model: nn.Module) -> list[Update]:
        """The two that play, the discriminator first."""
        return [
            Update("discriminator", model.discriminator.parameters(), self.discriminator_loss, betas=BETAS),
            Update("generator", model.generator.parameters(), self.loss, betas=BETAS),
        ]

    def hooks(self, model: nn.Module) -> dict[str, FallingPenalty]:
        """The penalty, which falls from step to step."""
        self.penalty = FallingPenalty(self.config.gradient_penalty, device_of(model))
        return {"penalty": self.penalty}

    def discriminator_loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """softplus(−D(x)) + softplus(D(G(z))) + γ/2 · |∇D(x)|², in the mean."""
        (real,) = batch
        made = model(self.noise(real)).detach()
        beside = real + STEP * torch.randn_like(real)
        on_real, on_beside, on_made = model(None, torch.cat([real, beside, made])).chunk(3)  # (B, 1) each
        slope = ((on_beside - on_real).float() / STEP).square().mean()
        weight = self.config.gradient_penalty if self.penalty is None else self.penalty.value
        return F.softplus(-on_real).mean() + F.softplus(on_made).mean() + weight / 2 * slope

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The generator's: softplus(−D(G(z))), in the mean."""
        (real,) = batch
        return F.softplus(-model(None, model(self.noise(real)))).mean()
