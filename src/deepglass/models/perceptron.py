"""The perceptron: a line that moves only when it is wrong.

Rosenblatt (1958), The Perceptron: A Probabilistic Model for Information Storage and Organization in the Brain,
https://doi.org/10.1037/h0042519. Rosenblatt's rule w ← w + x (or - x) on a mistake is one step of gradient descent,
one example at a time and with learning rate 1, on the criterion max(0, -y·score); so the ordinary training loop
trains it. For more than two classes every class has a score and the largest answers (Kesler's construction).
"""

from dataclasses import dataclass

import torch
from torch import nn

TASKS = ("tabular-classification",)
STABLE = True  # one line is the lesson


@dataclass(frozen=True)
class Config:
    bias: bool = True  # lets the line lie anywhere; without it it goes through the origin


class Perceptron(nn.Module):
    """score = w·x + b; two classes share one score s, the first has logit -s/2 and the second s/2.

    While it learns, the logits are scores. In evaluation they are distances to the line, score / |w|: the weights grow
    with every mistake, and only distances can be compared from one epoch to the next.

    Args:
        num_features: Numeric inputs F.
        num_outputs: Classes K.
        cardinalities: Codes of every categorical column; each code is an input of its own (one-hot).
        config: Settings.

    Shape:
        - numeric: (B, F)
        - categories: (B, n) int64; may be left out where there are none
        - output: (B, K)

    Example:
        >>> Perceptron(num_features=4, num_outputs=2)(torch.zeros(3, 4)).shape
        torch.Size([3, 2])
    """

    def __init__(
        self, num_features: int, num_outputs: int, cardinalities: tuple[int, ...] = (), config: Config = Config()
    ):
        super().__init__()
        num_scores = 1 if num_outputs == 2 else num_outputs
        self.numbers = nn.Linear(num_features, num_scores, bias=config.bias)
        self.categories = nn.ModuleList([nn.Embedding(count, num_scores) for count in cardinalities])
        for weight in self.parameters():
            nn.init.zeros_(weight)  # as Rosenblatt began; the size of a step then changes nothing

    def forward(self, numeric: torch.Tensor, categories: torch.Tensor | None = None) -> torch.Tensor:
        scores = self.numbers(numeric)  # (B, 1) or (B, K)
        for column, table in enumerate(self.categories):
            scores = scores + table(categories[:, column])  # pyright: ignore[reportOptionalSubscript]
        if not self.training:
            scores = scores / self.length().clamp(min=1e-12)
        return torch.cat([-scores / 2, scores / 2], dim=1) if scores.shape[1] == 1 else scores  # (B, K)

    def length(self) -> torch.Tensor:
        """|w| over the weights of numbers and categories; the bias does not count."""
        weights = [self.numbers.weight] + [table.weight for table in self.categories]
        return torch.cat([weight.flatten() for weight in weights]).norm()

    def criterion(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """How far the best wrong class is ahead of the true one, 0 where it is not: (B, K) and (B,) in, () out.

        For two classes this is Rosenblatt's max(0, -y·score) with y = ±1.
        """
        true = logits.gather(1, targets.unsqueeze(1)).squeeze(1)  # (B,)
        return (logits.max(dim=1).values - true).mean()


Model = Perceptron
