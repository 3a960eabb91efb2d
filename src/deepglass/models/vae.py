"""Variational autoencoder: an autoencoder whose code is a cloud, so that any place of the code can be asked.

Kingma & Welling (2014), Auto-Encoding Variational Bayes, https://arxiv.org/abs/1312.6114 (their q(z|x) is our encoder,
their p(x|z) our decoder, their ε our noise); the weight of the second part of the loss: Higgins et al. (2017),
beta-VAE, https://openreview.net/forum?id=Sy2fzU9gl; one learnt deviation of each number: Rybkin et al. (2021), Simple
and Effective VAE Training with Calibrated Decoders, https://arxiv.org/abs/2006.13202.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("generation",)
LEARNS_BY = "bound"  # how it is taught: a file of tasks/makers/
TEACHES = ("encoder", "log_deviation")  # what is made of a code alone does not pass through them
LARGEST = 10.0  # of a log variance: its exponential stays finite
LEAST = -4.0  # of the log of a deviation: a column that takes a few values would drive it to minus infinity


@dataclass(frozen=True)
class Config:
    num_layers: int = 2  # hidden layers on either side of the code
    hidden_dim: int = 256  # width of the hidden layers
    beta: float = 1.0  # weight of the KL divergence: 1 is the bound; more gives smoother codes and blurred pictures


class VAE(nn.Module):
    """log p(x) ≥ E[log p(x|z)] − KL(q(z|x) ‖ p(z)): the encoder says q, the decoder p(x|z), and p(z) is N(0, 1).

    The encoder gives a mean and a variance for each number of a code; a code is drawn as mean + deviation · noise, so
    that gradients reach both (the reparameterisation). The decoder gives the probability of a one for each number of a
    binary row, else the mean of a Gaussian with a learnt deviation for each number.

    Args:
        num_features: Numbers F of a row; pixels of a picture.
        latent_dim: Numbers K of a code.
        is_binary: Whether rows hold zeros and ones.
        config: Settings.

    Shape:
        - noise: (B, K), standard normal; (B, K + F) makes Gaussian rows with their deviation, and not their mean alone
        - rows: (B, F); left out where rows are made
        - output: (B, F) rows or probabilities; with `rows` (B, 3) nats: what is made small, reconstruction, KL

    Example:
        >>> vae = VAE(num_features=64, latent_dim=2, is_binary=True)
        >>> vae(torch.randn(5, 2)).shape, vae(torch.randn(5, 2), torch.zeros(5, 64)).shape
        (torch.Size([5, 64]), torch.Size([5, 3]))
    """

    def __init__(self, num_features: int, latent_dim: int, is_binary: bool = False, config: Config = Config()):
        super().__init__()
        self.latent_dim, self.is_binary, self.beta = latent_dim, is_binary, config.beta
        hidden = [config.hidden_dim] * config.num_layers
        self.encoder = perceptron([num_features, *hidden, 2 * latent_dim])
        self.decoder = perceptron([latent_dim, *reversed(hidden), num_features])
        if not is_binary:
            self.log_deviation = nn.Parameter(torch.zeros(num_features))

    def encode(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log variance (B, K) of the codes of rows (B, F)."""
        mean, log_variance = self.encoder(rows).chunk(2, dim=1)
        return mean, log_variance.clamp(-LARGEST, LARGEST)

    def decode(self, code: torch.Tensor) -> torch.Tensor:
        """(B, F) probabilities of a one, or means, of codes (B, K)."""
        return torch.sigmoid(self.decoder(code)) if self.is_binary else self.decoder(code)

    def forward(self, noise: torch.Tensor, rows: torch.Tensor | None = None) -> torch.Tensor:
        of_code = noise[:, : self.latent_dim]  # (B, K)
        if rows is None:
            made = self.decode(of_code)  # (B, F)
            of_numbers = noise[:, self.latent_dim :]  # (B, F) or (B, 0)
            return made if of_numbers.shape[1] == 0 else made + self.deviation() * of_numbers
        mean, log_variance = self.encode(rows)
        code = mean + (log_variance / 2).exp() * of_code  # (B, K)
        reconstruction, kl = self.surprise(self.decoder(code), rows), kl_divergence(mean, log_variance)
        return torch.stack([reconstruction + self.beta * kl, reconstruction, kl], dim=1)  # (B, 3)

    def deviation(self) -> torch.Tensor:
        """(F,) of each number around its mean."""
        return self.log_deviation.clamp(min=LEAST).exp()

    def surprise(self, decoded: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """(B,) −log p(x|z) of rows (B, F), in nats."""
        if self.is_binary:
            return F.binary_cross_entropy_with_logits(decoded, rows, reduction="none").sum(dim=1)
        off = (rows - decoded) / self.deviation()
        return (off.square() / 2 + self.deviation().log() + math.log(2 * math.pi) / 2).sum(dim=1)


def kl_divergence(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """(B,) KL(N(mean, variance) ‖ N(0, 1)) = Σ (mean² + variance − 1 − log variance) / 2, of (B, K) each."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1) / 2


def perceptron(widths: list[int]) -> nn.Sequential:
    """Linear layers with a bend between them, none behind the last."""
    layers: list[nn.Module] = []
    for in_dim, out_dim in pairwise(widths):
        layers += [nn.Linear(in_dim, out_dim), nn.GELU()]
    return nn.Sequential(*layers[:-1])


Model = VAE
