"""FGSM, the fast gradient sign method: one step as long as the ball is wide.

    x' = x + ε · sign(∇ₓ loss)

If the loss were linear in x this would be the worst point of the ball; networks are linear enough that it often does.

References:
    Goodfellow, Shlens & Szegedy (2015), Explaining and Harnessing Adversarial Examples,
    https://arxiv.org/abs/1412.6572
    Wong, Rice & Kolter (2020), Fast is better than free, https://arxiv.org/abs/2001.03994 (from a random start, with a
    step of 1.25 ε: enough to train with)
"""

import torch

from deepglass.attacks import Attacked, Losses, all_rows, with_gradient
from deepglass.attacks.ball import Ball

LONGER = 1.25  # of a step from a random start


def fgsm(
    losses: Losses, ball: Ball, generator: torch.Generator | None = None, starts_anywhere: bool = False
) -> Attacked:
    """One step along the gradient, from the input itself or from a random point of the ball.

    Args:
        losses: That are to rise.
        ball: Where.
        generator: Of the random start; PyTorch's own by default.
        starts_anywhere: Whether it starts at random, and takes a longer step.
    """
    start = ball.random(generator) if starts_anywhere else ball.center
    _, gradient = with_gradient(losses, start)
    points = ball.step(start, gradient, ball.epsilon * (LONGER if starts_anywhere else 1.0))
    with torch.no_grad():
        return Attacked(points, losses(points, all_rows(points)), queries=2)
