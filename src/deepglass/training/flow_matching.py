"""Flow matching: learn which way every point has to go from noise to data, then go that way in a few steps.

    t = 0 noise ── x = (1 − t)·noise + t·data ── t = 1 data        v(x, t) learns the mean of data − noise

Each pair of noise and data is joined by a straight path, on which the velocity is the same all the way. Many paths
cross at a place, and there the network can only learn the mean of their velocities; going along these means, step by
step, ends at samples of the data all the same. Whoever goes from noise alone needs no discriminator and no schedule.

`guided` goes farther in the direction in which a condition changes the velocity than the network says.

References:
    Lipman et al. (2023), Flow Matching for Generative Modeling, https://arxiv.org/abs/2210.02747
    Liu et al. (2023), Flow Straight and Fast: Rectified Flow, https://arxiv.org/abs/2209.03003 (straight paths)
    Ho & Salimans (2022), Classifier-Free Diffusion Guidance, https://arxiv.org/abs/2207.12598 (their w + 1 is our
    guidance)
    Esser et al. (2024), Scaling Rectified Flow Transformers, https://arxiv.org/abs/2403.03206 (which times to learn)
"""

from collections.abc import Callable

import torch
from torch import Tensor

Velocity = Callable[[Tensor, Tensor], Tensor]  # (B, …) points and (B,) times → (B, …) velocities


def between(noise: Tensor, data: Tensor, time: Tensor) -> Tensor:
    """(B, …) points of straight paths: (1 − t)·noise + t·data.

    Example:
        >>> between(torch.zeros(1, 2), torch.tensor([[4.0, 8.0]]), torch.tensor([0.25])).tolist()
        [[1.0, 2.0]]
    """
    t = as_wide(time, data)
    return (1 - t) * noise + t * data


def random_times(data: Tensor, shift: float = 0.0) -> Tensor:
    """(B,) times to learn at: mostly in the middle, where paths cross and the network decides where they go.

    Args:
        data: Whose first dimension is B.
        shift: Of the logit of a time: below 0 they lie nearer to the noise.
    """
    return torch.sigmoid(torch.randn(len(data), device=data.device) + shift)


def errors(velocity: Velocity, noise: Tensor, data: Tensor, time: Tensor) -> Tensor:
    """(B,) mean squared error of the velocities on straight paths; its mean is the loss of flow matching."""
    said = velocity(between(noise, data, time), time).float()
    return (said - (data - noise)).square().flatten(1).mean(dim=1)


def guided(conditional: Velocity, unconditional: Velocity, guidance: float) -> Velocity:
    """v∅ + guidance·(v − v∅): 0 ignores the condition, 1 is as it was learnt, more follows it more narrowly."""
    if guidance == 1:
        return conditional

    def velocity(points: Tensor, time: Tensor) -> Tensor:
        without = unconditional(points, time)
        return without + guidance * (conditional(points, time) - without)

    return velocity


def integrate(velocity: Velocity, noise: Tensor, steps: int) -> Tensor:
    """From noise (B, …) to data in `steps` equal steps of Euler: x ← x + v(x, t) / steps.

    Example:
        >>> target = torch.tensor([[3.0, 1.0]])
        >>> to_target = lambda x, t: (target - x) / (1 - t[:, None])
        >>> integrate(to_target, torch.zeros(1, 2), steps=4).tolist()
        [[3.0, 1.0]]
    """
    points = noise
    for step in range(steps):
        time = torch.full((len(points),), step / steps, device=points.device)
        points = points + velocity(points, time).float() / steps
    return points


def as_wide(time: Tensor, points: Tensor) -> Tensor:
    """Times (B,) with as many dimensions as points."""
    return time.reshape(-1, *[1] * (points.dim() - 1))
