"""The support vector machine: a line with as much room on both sides as the rows allow.

Cortes & Vapnik (1995), Support-Vector Networks, https://doi.org/10.1007/BF00994018; for several classes Crammer &
Singer (2001), On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines,
https://www.jmlr.org/papers/v2/crammer01a.html. A row costs nothing once its own class is ahead by 1, so only rows near
the line or on its wrong side pull at it: the support vectors. Weight decay then makes the room wide, for the width of
the margin is 2 / |w|. Without weight decay nothing asks for a wide margin.
"""

from dataclasses import dataclass

import torch
from torch import nn

TASKS = ("tabular-classification", "image-classification")
STABLE = True  # hardly changes with the rows that it learns from: several would agree


@dataclass(frozen=True)
class Config:
    bias: bool = True  # lets the line lie anywhere; without it it goes through the origin


class SupportVectorMachine(nn.Module):
    """score = w·x + b; two classes share one score s, the first has logit -s/2 and the second s/2.

    The softmax of the logits ranks rows by their distance to the line. The hinge does not ask it to be a probability:
    look at the calibration in the report before you use it as one.

    Args:
        num_features: Numeric inputs F; pixels times channels of a picture.
        num_outputs: Classes K.
        cardinalities: Codes of every categorical column; each code is an input of its own (one-hot).
        config: Settings.

    Shape:
        - numeric: (B, F), or (B, C, H, W) with C·H·W = F
        - categories: (B, n) int64; may be left out where there are none
        - output: (B, K)

    Example:
        >>> SupportVectorMachine(num_features=4, num_outputs=2)(torch.zeros(3, 4)).shape
        torch.Size([3, 2])
    """

    def __init__(
        self, num_features: int, num_outputs: int, cardinalities: tuple[int, ...] = (), config: Config = Config()
    ):
        super().__init__()
        num_scores = 1 if num_outputs == 2 else num_outputs
        self.numbers = nn.Linear(num_features, num_scores, bias=config.bias)
        self.categories = nn.ModuleList([nn.Embedding(count, num_scores) for count in cardinalities])
        for table in self.categories:
            nn.init.zeros_(table.weight)  # a category says nothing until data speak

    def forward(self, numeric: torch.Tensor, categories: torch.Tensor | None = None) -> torch.Tensor:
        scores = self.numbers(numeric.flatten(1))  # (B, 1) or (B, K)
        for column, table in enumerate(self.categories):
            scores = scores + table(categories[:, column])  # pyright: ignore[reportOptionalSubscript]
        return torch.cat([-scores / 2, scores / 2], dim=1) if scores.shape[1] == 1 else scores  # (B, K)

    def criterion(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The hinge max(0, 1 - lead of the true class over the best other one): (B, K) and (B,) in, () out.

        For two classes this is max(0, 1 - y·score) with y = ±1.
        """
        places = targets.unsqueeze(1)
        true = logits.gather(1, places).squeeze(1)  # (B,)
        others = logits.scatter(1, places, float("-inf")).max(dim=1).values
        return (1 - (true - others)).clamp(min=0).mean()


Model = SupportVectorMachine
