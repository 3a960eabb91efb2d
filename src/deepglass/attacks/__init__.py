"""How little must an input change until the answer does? The contract of an attack.

    inputs, what may change ── ball ── an attack asks for losses, some also for gradients ── inputs in the ball, worse

One short file per attack: `fgsm.py` (one step), `pgd.py` (many, from several starts), `square.py` (no gradient at all),
`random_points.py` (no aim at all: what every other one must beat). `masking.py` asks whether gradients can be trusted.
Everything is written for losses and tensors: an attack knows no task, no kind of input and no model. Images, columns
and series say in `tasks/inputs/` what may change and by how much.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

Losses = Callable[[Tensor, Tensor], Tensor]  # points (n, …) of the examples at rows (n,) → what each costs (n,)


@dataclass(frozen=True)
class Attacked:
    """What an attack found.

    Attributes:
        points: (B, …) in the ball, for each example the one with the largest loss.
        losses: (B,) there.
        path: The mean loss at each step of the first start, of attacks that take steps.
        queries: Forward passes per example, about.
    """

    points: Tensor
    losses: Tensor
    path: list[float] = field(default_factory=list)
    queries: int = 1


def all_rows(points: Tensor) -> Tensor:
    """(B,) every example."""
    return torch.arange(len(points), device=points.device)


def with_gradient(losses: Losses, points: Tensor) -> tuple[Tensor, Tensor]:
    """Losses (B,) and their gradients (B, …); a gradient that does not exist, or is not a number, is 0."""
    points = points.detach().requires_grad_(True)
    with torch.enable_grad():
        values = losses(points, all_rows(points))
        found = None
        if values.requires_grad:
            (found,) = torch.autograd.grad(values.sum(), points, allow_unused=True)
    gradient = torch.zeros_like(points) if found is None else found.nan_to_num(0.0, 0.0, 0.0)
    return values.detach(), gradient.detach()


def worse(one: Attacked, other: Attacked) -> Attacked:
    """Of two attacks on the same examples, for each example the point with the larger loss."""
    is_worse = other.losses > one.losses
    shape = (-1, *[1] * (one.points.dim() - 1))
    points = torch.where(is_worse.view(shape), other.points, one.points)
    losses = torch.where(is_worse, other.losses, one.losses)
    return Attacked(points, losses, one.path or other.path, one.queries + other.queries)
