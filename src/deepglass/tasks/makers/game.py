"""A game: one network makes rows, another tells them from real ones, and they learn by turns.

Two updates: the discriminator towards telling real rows from made ones, the generator towards being taken for real
(`_game_losses.py`). The slope of the discriminator at real rows is kept small, without which the two circle around each
other: R1, estimated along one random direction per row, so that one backward pass is enough. It is kept very small at
first, so that the generator comes to all the data before it is told the details. What makes rows in the end is the
running mean of the weights.

A generator whose opponent is too strong, or too weak, ends in a few of the clumps of the data. The two are balanced by
the rate at which the discriminator learns beside the generator, and by how often.

References:
    Goodfellow et al. (2014), Generative Adversarial Nets, https://arxiv.org/abs/1406.2661 (k discriminator steps)
    Heusel et al. (2017), GANs Trained by a Two Time-Scale Update Rule, https://arxiv.org/abs/1706.08500
    Mescheder et al. (2018), Which Training Methods for GANs do actually Converge?,
    https://arxiv.org/abs/1801.04406 (R1)
    Yazıcı et al. (2019), The Unusual Effectiveness of Averaging in GAN Training, https://arxiv.org/abs/1806.04498
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.data.examples import Batch
from deepglass.tasks.makers import Maker
from deepglass.tasks.makers._falling_penalty import FallingPenalty
from deepglass.tasks.makers._game_losses import LOSSES
from deepglass.training.update import Update

STEP = 0.05  # deviations of a column along which the slope of the discriminator is measured
BETAS = (0.5, 0.99)  # a long memory of the gradient drives the game in circles (Radford et al. 2016)
STEPS = 6000  # of a ring of eight Gaussians, until more than nine of ten samples lie near one
LATENT, FEWEST_LATENT = 16, 2  # numbers of noise: the digits have about ten dimensions, a ring needs a second
MEAN = 0.995  # decay of the running mean of the weights: it stands in the middle of the circles of the game
FEWEST_BATCH, MOST_BATCH = 16, 256
MOST_RATE, MOST_STEPS = 100.0, 100  # of the discriminator beside the generator: beyond it nothing is balanced


class Way(Maker):
    """model(noise) makes rows, model(None, rows) gives logits that they are real."""

    OPTIONS = ("gan_loss", "gradient_penalty", "discriminator_rate", "discriminator_steps")
    MONITOR = "sample_score"

    def __init__(self, config: Any):
        super().__init__(config)
        self.losses = LOSSES[config.gan_loss]
        self.penalty: FallingPenalty | None = None  # of the training that runs

    def usual_latent_dim(self, num_features: int) -> int:
        """As many as a row has, at most so many: fewer would leave its rows on a thin sheet among the real ones."""
        return min(LATENT, max(FEWEST_LATENT, num_features))

    def require_options(self) -> None:
        """A penalty below 0 would reward what it is to prevent, and who does not learn at all is no opponent.

        Raises:
            OptionError: If a number is out of its range.
        """
        super().require_options()
        penalty, rate, steps = (getattr(self.config, name) for name in self.OPTIONS[1:])
        if not 0 <= penalty < math.inf:
            raise OptionError(f"--gradient-penalty: expected 0 or more, got {penalty:g}")
        if not 0 < rate <= MOST_RATE:
            raise OptionError(
                f"--discriminator-rate: expected a factor of the generator's learning rate, above 0 and at most "
                f"{MOST_RATE:g}, got {rate:g}; 1 lets both learn at the same rate"
            )
        if not 1 <= steps <= MOST_STEPS:
            raise OptionError(
                f"--discriminator-steps: expected 1 to {MOST_STEPS} for each of the generator, got {steps:,}"
            )

    def train_defaults(self, num_examples: int) -> dict[str, Any]:
        """So many steps, whatever the number of rows; in float32, for in bfloat16 a small slope is lost to rounding."""
        batch_size = min(MOST_BATCH, max(FEWEST_BATCH, num_examples // 8), num_examples)
        epochs = math.ceil(STEPS / math.ceil(num_examples / batch_size))
        rate = {"learning_rate": 2e-3, "optimizer": "adam", "weight_decay": 0.0, "ema": MEAN}
        return {"epochs": epochs, "batch_size": batch_size, "precision": "float32", **rate}

    def updates(self, model: nn.Module) -> list[Update]:
        """The two that play, the discriminator first.

        Raises:
            OptionError: If nothing bounds the slope of a discriminator whose loss needs it.
        """
        self._require_bounded(model)
        rate, pause = self.config.discriminator_rate, self.config.discriminator_steps
        teacher, maker = model.discriminator.parameters(), model.generator.parameters()
        return [
            Update("discriminator", teacher, self.discriminator_loss, rate, BETAS),
            Update("generator", maker, self.loss, betas=BETAS, every=pause),
        ]

    def _require_bounded(self, model: nn.Module) -> None:
        """Without a bound on its slope there is no largest difference: the critic of a Wasserstein GAN only grows."""
        is_normed = any(map(is_parametrized, model.discriminator.modules()))
        if self.config.gan_loss == "wasserstein" and not (is_normed or self.config.gradient_penalty):
            raise OptionError(
                "--gan-loss wasserstein with --gradient-penalty 0: nothing bounds the slope of the discriminator, and "
                "its verdicts would grow without end; leave --gradient-penalty out, or add --spectral-norm"
            )

    def hooks(self, model: nn.Module) -> dict[str, FallingPenalty]:
        """The penalty, which falls from step to step."""
        self.penalty = FallingPenalty(self.config.gradient_penalty, device_of(model))
        return {"penalty": self.penalty}

    def discriminator_loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """That of the pair, plus γ/2 · |∇D(x)|² in the mean."""
        (real,) = batch
        made = model(self.noise(real)).detach()
        beside = real + STEP * torch.randn_like(real)
        on_real, on_beside, on_made = model(None, torch.cat([real, beside, made])).chunk(3)  # (B, 1) each
        slope = ((on_beside - on_real).float() / STEP).square().mean()
        weight = self.config.gradient_penalty if self.penalty is None else self.penalty.value
        return self.losses.discriminator(on_real, on_made) + weight / 2 * slope

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The generator's."""
        (real,) = batch
        return self.losses.generator(model(None, model(self.noise(real))))
