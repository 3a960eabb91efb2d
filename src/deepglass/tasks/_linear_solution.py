"""What every linear forecast is in the end, however it was found: one matrix from the past to the future.

    future = past·W + static·V + b [+ last covariates·C], after what is known in advance was taken off

So forecasts of several kinds can be mixed, and the mixture is one matrix again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

SAME = 1e-6  # by which the weights of a past may sum to something else than 1 and still keep every level


def _nothing() -> Tensor:
    return torch.zeros(0, 0, dtype=torch.float64)


@dataclass(frozen=True)
class Solution:
    """future = past·weights + static·of_static + bias, after what `effect` explains.

    Shape:
        - weights: (context, horizon), of_static: (static, horizon), bias: (horizon,)
        - effect: (known, series); zeros where it is of no use
        - of_covariates: (lags · covariates + 1, horizon · series), the last row a constant; None where of no use
    """

    weights: Tensor
    of_static: Tensor
    bias: Tensor
    effect: Tensor = field(default_factory=_nothing)
    of_covariates: Tensor | None = None

    @property
    def context(self) -> int:
        """Steps of the past that count."""
        return len(self.weights)

    @property
    def keeps_levels(self) -> bool:
        """Whether a past that lies higher by some amount leads to a future that lies higher by as much."""
        return bool((self.weights.sum(dim=0) - 1).abs().max() < SAME)

    def forecast(self, past: Tensor, static: Tensor) -> Tensor:
        """(n, context', S), (n, F) → (n, horizon, S), of what effect and covariates leave."""
        said = torch.einsum("ncs,ch->nhs", past[:, -self.context :], self.weights)
        return said + (static @ self.of_static + self.bias)[:, :, None]

    def of_length(self, context: int) -> Tensor:
        """The weights (context, horizon) of a longer past, whose first steps do not count."""
        return torch.cat([self.weights.new_zeros(context - self.context, self.weights.shape[1]), self.weights])


def from_last(weights: Tensor, of_level: Tensor | float = 0.0) -> Tensor:
    """Weights (context, horizon) of a past, from those of its differences to its last value, which is added again.

    Args:
        weights: What stands in the last row counts for nothing: that difference is 0.
        of_level: (horizon,) what the last value itself adds.
    """
    weights = weights.clone()
    weights[-1] = 1 - weights[:-1].sum(dim=0) + of_level
    return weights


def mixed(solutions: Sequence[Solution], shares: Sequence[float]) -> Solution:
    """The sum of solutions, each times its share; all of the same effect, without covariates."""
    context = max(solution.context for solution in solutions)
    return Solution(
        sum(share * solution.of_length(context) for share, solution in zip(shares, solutions, strict=True)),  # type: ignore[arg-type]
        sum(share * solution.of_static for share, solution in zip(shares, solutions, strict=True)),  # type: ignore[arg-type]
        sum(share * solution.bias for share, solution in zip(shares, solutions, strict=True)),  # type: ignore[arg-type]
    )
