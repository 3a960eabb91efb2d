"""Generative adversarial network: one network makes rows from noise, another tells them from real ones.

Goodfellow et al. (2014), Generative Adversarial Nets, https://arxiv.org/abs/1406.2661 (their G is our generator, their
D our discriminator, their z our noise). Leaky rectifiers as in Radford et al. (2016), Unsupervised Representation
Learning with Deep Convolutional Generative Adversarial Networks, https://arxiv.org/abs/1511.06434. Each weight of the
discriminator may be divided by its largest singular value: Miyato et al. (2018), Spectral Normalization for Generative
Adversarial Networks, https://arxiv.org/abs/1802.05957. What the two play for is decided by the loss.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

TASKS = ("generation",)
LEARNS_BY = "game"  # how it is taught: a file of tasks/makers/
TEACHES = ("discriminator",)  # parts that learn only to teach: what is made from noise does not pass through them
SLOPE = 0.2  # of the rectifiers below zero: a dead unit of the discriminator would teach nothing


@dataclass(frozen=True)
class Config:
    hidden_dim: int = 64  # width of the hidden layers of both networks
    num_layers: int = 3  # hidden layers of each
    spectral_norm: bool = False  # let no verdict change faster than its row: steadier, and slower to tell rows apart


class GAN(nn.Module):
    """rows = G(noise), logits = D(rows); without `rows` the one network is asked, with them the other.

    Both are reached through one call, so that whoever wraps a model wraps both.

    Args:
        num_features: Numbers F of a row.
        latent_dim: Numbers of noise behind a row.
        is_binary: Whether rows hold zeros and ones: what is made then lies between them.
        config: Settings.

    Shape:
        - noise: (B, latent_dim), standard normal; None where rows are judged
        - rows: (B, F); left out where rows are made
        - output: (B, F) rows, or (B, 1) logits that rows are real

    Example:
        >>> gan = GAN(num_features=2, latent_dim=3)
        >>> rows = gan(torch.randn(5, gan.latent_dim))
        >>> rows.shape, gan(None, rows).shape
        (torch.Size([5, 2]), torch.Size([5, 1]))
    """

    def __init__(self, num_features: int, latent_dim: int, is_binary: bool = False, config: Config = Config()):
        super().__init__()
        self.latent_dim, self.is_binary = latent_dim, is_binary
        self.generator = perceptron(latent_dim, num_features, config)
        self.discriminator = perceptron(num_features, 1, config)
        if config.spectral_norm:  # |D(x) − D(y)| ≤ |x − y|, for no rectifier is steeper than 1
            for layer in self.discriminator:
                if isinstance(layer, nn.Linear):
                    spectral_norm(layer)

    def forward(self, noise: torch.Tensor | None, rows: torch.Tensor | None = None) -> torch.Tensor:
        if rows is not None:
            return self.discriminator(rows)  # (B, 1)
        made = self.generator(noise)  # (B, F)
        return torch.sigmoid(made) if self.is_binary else made


def perceptron(in_dim: int, out_dim: int, config: Config) -> nn.Sequential:
    """Linear layers with leaky rectifiers between them."""
    layers: list[nn.Module] = []
    for _ in range(config.num_layers):
        layers += [nn.Linear(in_dim, config.hidden_dim), nn.LeakyReLU(SLOPE)]
        in_dim = config.hidden_dim
    return nn.Sequential(*layers, nn.Linear(in_dim, out_dim))


Model = GAN
