"""The multilayer perceptron: linear layers with a bend between them.

Rosenblatt (1962) had the layers, Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating
errors, https://doi.org/10.1038/323533a0, showed how to train them. The settings of today's version: rectified units
(Nair & Hinton 2010), dropout (Srivastava et al. 2014), batch normalisation (Ioffe & Szegedy 2015) and layer
normalisation (Ba et al. 2016).
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

TASKS = ("tabular-classification", "tabular-regression", "image-classification", "meta-regression")
HEAD = "layers.-1"

ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
NEEDS = {  # setting: the size or setting without which it does nothing, the least of it, in words
    "category_dim": ("cardinalities", 1, "a column of categories"),
    "hidden_dim": ("num_layers", 1, "a hidden layer"),
    "activation": ("num_layers", 1, "a hidden layer"),
    "normalization": ("num_layers", 1, "a hidden layer"),
    "dropout": ("num_layers", 1, "a hidden layer"),
}


@dataclass(frozen=True)
class Config:
    hidden_dim: int = 256  # width of the hidden layers
    num_layers: int = 2  # hidden layers; 0 leaves a linear model
    activation: Literal["relu", "gelu", "silu", "tanh", "sigmoid"] = "relu"  # the bend; tanh and sigmoid learn slower
    normalization: Literal["none", "batch", "layer"] = "none"  # of each hidden layer; batch helps deep ones
    dropout: float = 0.1  # probability of dropping a hidden unit while training
    category_dim: int = 8  # width of a category's embedding


class MLP(nn.Module):
    """h ← dropout(bend(norm(W·h + b))), layer after layer, then a linear output.

    Args:
        num_features: Numeric inputs F; pixels times channels of a picture, which is flattened.
        num_outputs: Classes K, or 1 for regression.
        cardinalities: Codes of every categorical column, code 0 (unknown) included.
        config: Settings.

    Shape:
        - numeric: (B, F), or (B, C, H, W) with C·H·W = F
        - categories: (B, n) int64; may be left out where there are none
        - output: (B, K)

    Example:
        >>> MLP(num_features=784, num_outputs=10)(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self, num_features: int, num_outputs: int, cardinalities: tuple[int, ...] = (), config: Config = Config()
    ):
        super().__init__()
        self.categories = nn.ModuleList([nn.Embedding(count, config.category_dim) for count in cardinalities])
        layers: list[nn.Module] = []
        in_dim = num_features + len(cardinalities) * config.category_dim
        for _ in range(config.num_layers):
            layers += hidden_layer(in_dim, config)
            in_dim = config.hidden_dim
        self.layers = nn.Sequential(*layers, nn.Linear(in_dim, num_outputs))

    def forward(self, numeric: torch.Tensor, categories: torch.Tensor | None = None) -> torch.Tensor:
        parts = [numeric.flatten(1)]  # (B, F)
        for column, table in enumerate(self.categories):
            parts.append(table(categories[:, column]))  # (B, category_dim)  # pyright: ignore[reportOptionalSubscript]
        return self.layers(torch.cat(parts, dim=1))  # (B, K)


def hidden_layer(in_dim: int, config: Config) -> list[nn.Module]:
    """One hidden layer with what the settings add to it."""
    layers: list[nn.Module] = [nn.Linear(in_dim, config.hidden_dim)]
    if config.normalization == "batch":
        layers.append(nn.BatchNorm1d(config.hidden_dim))
    if config.normalization == "layer":
        layers.append(nn.LayerNorm(config.hidden_dim))
    layers.append(ACTIVATIONS[config.activation]())
    if config.dropout:
        layers.append(nn.Dropout(config.dropout))
    return layers


Model = MLP
