"""Autoencoder: a row through a bottleneck, and back. What passes it is a short code of the row.

Rumelhart, Hinton & Williams (1986), Learning internal representations by error propagation (the encoder problem);
Hinton & Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks,
https://doi.org/10.1126/science.1127647. Without hidden layers it is linear, and its code spans the plane of the
principal components: Baldi & Hornik (1989), Neural networks and principal component analysis,
https://doi.org/10.1016/0893-6080(89)90014-2. Noise on the inputs and a sparse code are a matter of the loss.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

TASKS = ("embedding",)
VARIANTS = {"autoencoder": {}, "linear-autoencoder": {"num_layers": 0}}
NEEDS = {"hidden_dim": ("num_layers", 1, "a hidden layer")}


@dataclass(frozen=True)
class Config:
    code_dim: int = 8  # numbers of a code; fewer compress more
    num_layers: int = 2  # hidden layers on either side of the code; 0 leaves a linear map, as PCA is one
    hidden_dim: int = 256  # width of the hidden layers


class Autoencoder(nn.Module):
    """code = E(row), made = D(code); both at once, side by side.

    A category enters as a one among zeros (one-hot), so that a row is D numbers.

    Args:
        num_features: Numeric inputs F; pixels times channels of a picture, which is flattened.
        cardinalities: Codes of every categorical column.
        config: Settings.

    Shape:
        - numeric: (B, F), or (B, C, H, W) with C·H·W = F
        - categories: (B, n) int64; may be left out where there are none
        - output: (B, K + D), first the code of K numbers, then what is made of it, with D = F + Σ cardinalities

    Example:
        >>> Autoencoder(num_features=64, config=Config(code_dim=3))(torch.zeros(2, 1, 8, 8)).shape
        torch.Size([2, 67])
    """

    def __init__(self, num_features: int, cardinalities: tuple[int, ...] = (), config: Config = Config()):
        super().__init__()
        self.cardinalities = cardinalities
        D, hidden = num_features + sum(cardinalities), [config.hidden_dim] * config.num_layers
        self.encoder = perceptron([D, *hidden, config.code_dim])
        self.decoder = perceptron([config.code_dim, *hidden, D])

    def encode(self, numeric: torch.Tensor, categories: torch.Tensor | None = None) -> torch.Tensor:
        """(B, K) codes."""
        return self.encoder(rows_of(numeric, categories, self.cardinalities))

    def decode(self, code: torch.Tensor) -> torch.Tensor:
        """(B, D) rows, made from codes (B, K)."""
        return self.decoder(code)

    def forward(self, numeric: torch.Tensor, categories: torch.Tensor | None = None) -> torch.Tensor:
        code = self.encode(numeric, categories)  # (B, K)
        return torch.cat([code, self.decode(code)], dim=1)  # (B, K + D)


def perceptron(widths: list[int]) -> nn.Sequential:
    """Linear layers with a bend between them, none behind the last."""
    layers: list[nn.Module] = []
    for in_dim, out_dim in pairwise(widths):
        layers += [nn.Linear(in_dim, out_dim), nn.GELU()]
    return nn.Sequential(*layers[:-1])


def rows_of(
    numeric: torch.Tensor, categories: torch.Tensor | None = None, cardinalities: tuple[int, ...] = ()
) -> torch.Tensor:
    """(B, D) numbers of a row: the numeric ones, then a one among zeros for each category."""
    parts = [numeric.flatten(1)]  # (B, F)
    for place, count in enumerate(cardinalities):
        levels = torch.arange(count, device=numeric.device)
        parts.append((categories[:, place : place + 1] == levels).to(numeric.dtype))  # pyright: ignore[reportOptionalSubscript]
    return torch.cat(parts, dim=1)


Model = Autoencoder
