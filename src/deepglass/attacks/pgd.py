"""PGD, projected gradient descent (here: ascent): many small steps up the loss, each put back into the ball.

    x ← project(x + α · sign(∇ₓ loss))          from several random starts; the worst point that was visited counts

References:
    Madry et al. (2018), Towards Deep Learning Models Resistant to Adversarial Attacks,
    https://arxiv.org/abs/1706.06083 (their α = 2.5 ε / steps reaches the border from anywhere)
"""

import torch

from deepglass.attacks import Attacked, Losses, all_rows, with_gradient, worse
from deepglass.attacks.ball import Ball

REACH = 2.5  # ε that all steps together are long


def pgd(
    losses: Losses,
    ball: Ball,
    *,
    steps: int = 20,
    restarts: int = 1,
    generator: torch.Generator | None = None,
    step_size: float | None = None,
) -> Attacked:
    """Climb, from the input itself and then from random points of the ball.

    Args:
        losses: That are to rise.
        ball: Where.
        steps: From each start.
        restarts: Starts in all; the first is the input itself.
        generator: Of the random starts; PyTorch's own by default.
        step_size: In the user's units; 2.5 · ε / steps by default.
    """
    size = REACH * ball.epsilon / steps if step_size is None else step_size
    found = climb(losses, ball, ball.center, steps, size)
    for _ in range(restarts - 1):
        found = worse(found, climb(losses, ball, ball.random(generator), steps, size))
    return found


def climb(losses: Losses, ball: Ball, start: torch.Tensor, steps: int, size: float) -> Attacked:
    """Steps of one size from one start; the worst point on the way, for each example."""
    points, path = start, []
    best = start, torch.full((len(start),), -torch.inf, dtype=start.dtype, device=start.device)
    for _ in range(steps):
        values, gradient = with_gradient(losses, points)
        best = _larger(best, points, values)
        path.append(float(values.mean()))
        points = ball.step(points, gradient, size)
    with torch.no_grad():
        values = losses(points, all_rows(points))
    best = _larger(best, points, values)
    return Attacked(*best, [*path, float(values.mean())], 2 * steps + 1)


def _larger(best: tuple[torch.Tensor, torch.Tensor], points: torch.Tensor, values: torch.Tensor) -> tuple:
    is_larger = values > best[1]
    shape = (-1, *[1] * (points.dim() - 1))
    return torch.where(is_larger.view(shape), points, best[0]), torch.where(is_larger, values, best[1])
