"""A model takes over a linear forecast, and goes on to that of more data with all that its training has added."""

from copy import deepcopy

import torch
from torch import nn

from deepglass.tasks._linear_solution import Solution


def begin_at(model: nn.Module, solution: Solution) -> None:
    """Where the solution is, as far as the model can say it; others stay where they are."""
    if not hasattr(model, "begin_at"):
        return
    parts = (solution.weights, solution.bias, solution.of_static, solution.effect, solution.of_covariates)
    model.begin_at(*(None if part is None else part.float() for part in parts))  # type: ignore[operator]


@torch.no_grad()
def move(model: nn.Module, begun: Solution, further: Solution) -> bool:
    """From a solution that a model has begun with to another one; what training has changed since stays.

    Returns:
        Whether it could be moved.
    """
    if not hasattr(model, "begin_at"):
        return False
    there, on = deepcopy(model), deepcopy(model)
    begin_at(there, begun)
    begin_at(on, further)
    for own, old, new in zip(model.parameters(), there.parameters(), on.parameters(), strict=True):
        own += new - old
    return True
