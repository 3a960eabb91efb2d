"""Random points of the ball: what a change does that has no aim. An attack that finds less has not worked."""

import torch

from deepglass.attacks import Attacked, Losses, all_rows, worse
from deepglass.attacks.ball import Ball


@torch.no_grad()
def random_points(losses: Losses, ball: Ball, *, draws: int = 20, generator: torch.Generator | None = None) -> Attacked:
    """The worst of some points drawn at random, for each example."""

    def drawn() -> Attacked:
        points = ball.random(generator)
        return Attacked(points, losses(points, all_rows(points)))

    found = drawn()
    for _ in range(draws - 1):
        found = worse(found, drawn())
    return found
