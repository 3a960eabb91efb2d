"""One layer: linear regression, logistic regression and softmax regression, y = x·W + b.

Legendre (1805) and Gauss (1809) for least squares; Cox (1958), The Regression Analysis of Binary Sequences,
https://doi.org/10.1111/j.2517-6161.1958.tb00292.x, for classes. What the outputs mean is decided by the loss: squared
error makes it linear regression, cross-entropy logistic (two classes) or softmax regression (more).
"""

from dataclasses import dataclass

import torch
from torch import nn

TASKS = ("tabular-classification", "tabular-regression", "image-classification")
STABLE = True  # hardly changes with the rows that it learns from: several would agree


@dataclass(frozen=True)
class Config:
    bias: bool = True  # an output of its own where all inputs are zero; without it every plane goes through the origin


class Linear(nn.Module):
    """A weighted sum of the inputs for every output.

    A category enters as a one of its own (one-hot), which is the same as looking up its weight in a table. Pictures
    are flattened: each pixel has a weight for each class.

    Args:
        num_features: Numeric inputs F; pixels times channels of a picture.
        num_outputs: Classes K, or 1 for regression.
        cardinalities: Codes of every categorical column, code 0 (unknown) included.
        config: Settings.

    Shape:
        - numeric: (B, F), or (B, C, H, W) with C·H·W = F
        - categories: (B, n) int64; may be left out where there are none
        - output: (B, K)

    Example:
        >>> Linear(num_features=4, num_outputs=3)(torch.zeros(2, 4)).shape
        torch.Size([2, 3])
    """

    def __init__(
        self, num_features: int, num_outputs: int, cardinalities: tuple[int, ...] = (), config: Config = Config()
    ):
        super().__init__()
        self.numbers = nn.Linear(num_features, num_outputs, bias=config.bias)
        self.categories = nn.ModuleList([nn.Embedding(count, num_outputs) for count in cardinalities])
        for table in self.categories:
            nn.init.zeros_(table.weight)  # a category says nothing until data speak

    def forward(self, numeric: torch.Tensor, categories: torch.Tensor | None = None) -> torch.Tensor:
        logits = self.numbers(numeric.flatten(1))  # (B, K)
        for column, table in enumerate(self.categories):
            logits = logits + table(categories[:, column])  # pyright: ignore[reportOptionalSubscript]
        return logits


Model = Linear
