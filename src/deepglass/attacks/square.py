"""Square attack: a random search that asks for answers only. No gradient, so nothing can hide from it behind one.

    begin with stripes of ±ε; again and again give a random square ±ε; keep what raises the loss; squares get smaller

Of a table or a series a random part of the numbers takes the place of the square.

References:
    Andriushchenko et al. (2020), Square Attack: a query-efficient black-box adversarial attack via random search,
    https://arxiv.org/abs/1912.00049 (their p is our `share`; it halves at the same points of the search)
"""

import torch
from torch import Tensor

from deepglass.attacks import Attacked, Losses, all_rows
from deepglass.attacks.ball import Ball

SHARE = 0.8  # of the input that the first square covers; their p for L∞, tuned there for large pictures
HALVES_AT = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)  # of all queries


@torch.no_grad()
def square(losses: Losses, ball: Ball, *, queries: int = 200, generator: torch.Generator | None = None) -> Attacked:
    """Search at random; an example whose loss is above 0 (a margin: its answer is wrong) is not asked any more.

    Args:
        losses: That are to rise; best a margin, which is above 0 once the answer is wrong.
        ball: Where.
        queries: Answers that may be asked for, of each example.
        generator: Of what is drawn; PyTorch's own by default.
    """
    generator = generator or torch.Generator().manual_seed(int(torch.randint(1 << 31, ())))
    clean = losses(ball.center, all_rows(ball.center))
    points = ball.project(ball.center + _stripes(ball, generator))
    values = losses(points, all_rows(points))
    is_better = (values > clean).view(-1, *[1] * (points.dim() - 1))
    points, values = torch.where(is_better, points, ball.center), torch.maximum(values, clean)
    for query in range(queries - 1):
        rows = (values <= 0).nonzero()[:, 0]
        if not len(rows):
            break
        part = _of_rows(ball, rows)
        tried = part.project(_changed(points[rows], part, _share(query / queries), generator))
        found = losses(tried, rows)
        wins = found > values[rows]
        points[rows[wins]], values[rows[wins]] = tried[wins], found[wins]
    return Attacked(points, values, queries=queries)


def _share(progress: float) -> float:
    """Of the numbers that are changed together."""
    return SHARE / 2 ** sum(progress > at for at in HALVES_AT)


def _signs(shape: tuple[int, ...], generator: torch.Generator, like: Tensor) -> Tensor:
    return (2 * torch.randint(0, 2, shape, generator=generator) - 1).to(like)


def _stripes(ball: Ball, generator: torch.Generator) -> Tensor:
    """Vertical stripes, one sign for each column and channel; of other inputs a sign for each number."""
    shape = list(ball.center.shape)
    if len(shape) == 4:
        shape[2] = 1
    return _size(ball) * ball.unit * _signs(tuple(shape), generator, ball.center)


def _size(ball: Ball) -> float:
    """Of a change of every number together: the corner of the cube, or the sphere in the same direction."""
    count = ball.center[0].numel()
    return ball.epsilon if ball.norm == "linf" else ball.epsilon / count**0.5


def _changed(points: Tensor, ball: Ball, share: float, generator: torch.Generator) -> Tensor:
    """Points with a random part set to a corner of the ball, each example another one."""
    is_inside = _squares(points, share, generator) if points.dim() == 4 else _parts(points, share, generator)
    size = ball.epsilon if ball.norm == "linf" else ball.epsilon / max(1.0, share * points[0].numel()) ** 0.5
    sign_shape = (*points.shape[:2], *[1] * (points.dim() - 2)) if points.dim() == 4 else tuple(points.shape)
    corner = ball.center + size * ball.unit * _signs(sign_shape, generator, points)
    return torch.where(is_inside, corner, points)


def _squares(points: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """(n, 1, H, W) whether a pixel is inside the square of its example."""
    n, _, H, W = points.shape
    side = min(max(1, round((share * H * W) ** 0.5)), H, W)
    top, left = (torch.randint(0, size - side + 1, (n, 1), generator=generator) for size in (H, W))
    row, column = torch.arange(H), torch.arange(W)
    inside = ((row >= top) & (row < top + side))[:, :, None] & ((column >= left) & (column < left + side))[:, None, :]
    return inside[:, None].to(points.device)


def _parts(points: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """(n, …) whether a number is among those that change: about a share of them, and at least one."""
    drawn = torch.rand(points.shape, generator=generator).flatten(1)
    count = max(1, round(share * drawn.shape[1]))
    least = drawn.kthvalue(count, dim=1, keepdim=True).values
    return (drawn <= least).view(points.shape).to(points.device)


def _of_rows(ball: Ball, rows: Tensor) -> Ball:
    """The balls of some examples."""
    own = (part[rows] if part.dim() == ball.center.dim() and len(part) > 1 else part
           for part in (ball.unit, ball.low, ball.high))  # fmt: skip
    return Ball(ball.center[rows], ball.epsilon, *own, ball.norm)
