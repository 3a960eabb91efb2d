"""A bound: what a network pays to say a row by a code, which is at least what the row costs (the negative ELBO).

One update of all weights. Its two parts are kept apart: how badly the row is said once the code is known, and how much
the code itself tells (the KL divergence from the cloud of all codes).

Kingma & Welling (2014), Auto-Encoding Variational Bayes, https://arxiv.org/abs/1312.6114
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.data.examples import Batch
from deepglass.tasks.makers import Maker
from deepglass.training.update import Update

STEPS = 6000  # of the 8x8 digits, until the bound of unseen ones falls no longer
LATENT = 16  # numbers of a code: the digits use about ten of them and leave the others at the noise
FEWEST_BATCH, MOST_BATCH = 16, 64
AT_ONCE = 4096  # rows


class Way(Maker):
    """model(noise, rows) gives (B, 3) nats of each row: what is made small, reconstruction, KL."""

    MONITOR = "loss"

    def usual_latent_dim(self, num_features: int) -> int:
        """At most as many as a row has."""
        return min(LATENT, num_features)

    def noise_dim(self, num_features: int, is_binary: bool) -> int:
        """That of the code; of rows that are no zeros and ones also that of their numbers."""
        return self.latent_dim if is_binary else self.latent_dim + num_features

    def train_defaults(self, num_examples: int) -> dict[str, Any]:
        """So many steps, whatever the number of rows; no weight decay, for the KL divergence keeps the code small."""
        batch_size = min(MOST_BATCH, max(FEWEST_BATCH, num_examples // 8), num_examples)
        epochs = math.ceil(STEPS / math.ceil(num_examples / batch_size))
        rate = {"learning_rate": 1e-3, "optimizer": "adam", "weight_decay": 0.0}
        return {"epochs": epochs, "batch_size": batch_size, "precision": "float32", **rate}

    def updates(self, model: nn.Module) -> list[Update]:
        """One of all weights.

        Raises:
            OptionError: If the weight of the KL divergence is below 0.
        """
        if not 0 <= model.beta < math.inf:
            raise OptionError(f"--beta: expected 0 or more, got {model.beta:g}; 1 is the bound")
        return []

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Reconstruction + β · KL, in nats per row."""
        (rows,) = batch
        return model(self.noise(rows), rows)[:, 0].mean()

    def has_one_loss(self, network: nn.Module) -> bool:
        """Where β is 1: validation measures the bound itself."""
        return bool(network.beta == 1)

    @torch.no_grad()
    def nats(self, model: nn.Module, rows: Tensor, seed: int) -> dict[str, np.ndarray]:
        """(N,) reconstruction and KL of rows (N, F), always with the same noise."""
        model.eval()
        generator, found = torch.Generator().manual_seed(seed), []
        for part in rows.split(AT_ONCE):
            noise = torch.randn(len(part), self.latent_dim, generator=generator)
            found.append(model(noise.to(device_of(model)), part.to(device_of(model))).float().cpu())
        _, reconstruction, kl = torch.cat(found).numpy().T
        return {"reconstruction": reconstruction, "kl": kl}
