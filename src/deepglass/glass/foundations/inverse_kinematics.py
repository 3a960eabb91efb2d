"""Inverse kinematics: which angles of an arm bring its tip there? By steps, and by a network that learns from misses.

    forward    angles → tip        a formula
    inverse    tip → angles        two answers for an arm of two links, elbow on either side; none out of reach

A network that is shown angles learns the mean of the answers that it was shown, and the mean of two right answers is
wrong: the straight arm. So it is not told angles. Its angles go through the forward model, and what is blamed is how
far the tip is from the goal: then each answer of the two is right, and it settles for one.

References:
    Wampler (1986), Manipulator inverse kinematic solutions based on vector formulations and damped least-squares
    methods, https://doi.org/10.1109/TSMC.1986.289285
    Jordan and Rumelhart (1992), Forward models: supervised learning with a distal teacher,
    https://doi.org/10.1207/s15516709cog1603_1
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import nn
from ..autograd import no_grad
from ..ops.random import manual_seed
from ..ops.shape import stack
from ..optim import Adam
from ..tensor import Tensor, tensor

LENGTHS = (0.5, 0.5)  # m, of upper arm and forearm
STRIDE = 0.2  # m that the tip is asked to move in one step
HIDDEN, RATE = 32, 0.01  # units of both layers; rate of Adam, which falls to 0


def forward(angles: Tensor, lengths: tuple[float, float] = LENGTHS) -> Any:
    """Where the tip is: l₁ (cos q₁, sin q₁) + l₂ (cos(q₁ + q₂), sin(q₁ + q₂)).

    Shape:
        - angles: (N, 2), the first from the horizontal, the second from the first link
        - output: (N, 2)
    """
    first, second = angles[:, 0], angles[:, 0] + angles[:, 1]
    x = lengths[0] * first.cos() + lengths[1] * second.cos()
    y = lengths[0] * first.sin() + lengths[1] * second.sin()
    return stack([x, y], dim=1)


def jacobian(angles: Any, lengths: tuple[float, float] = LENGTHS) -> np.ndarray:
    """How fast the tip moves per angle, ∂(x, y) / ∂(q₁, q₂): (N, 2, 2) for angles (N, 2)."""
    angles = np.asarray(angles, float)
    first, second = angles[:, 0], angles.sum(axis=1)
    by_second = lengths[1] * np.stack([-np.sin(second), np.cos(second)], axis=1)
    by_first = lengths[0] * np.stack([-np.sin(first), np.cos(first)], axis=1) + by_second
    return np.stack([by_first, by_second], axis=2)


def solutions(goals: Any, lengths: tuple[float, float] = LENGTHS) -> np.ndarray:
    """Both answers by the law of cosines, (2, N, 2): elbow bent to the left, and to the right.

    Args:
        goals: (N, 2).
        lengths: Of the links.

    Raises:
        ValueError: If a goal is out of reach.
    """
    goals = np.asarray(goals, float)
    one, two = lengths
    cosine = ((goals**2).sum(axis=1) - one**2 - two**2) / (2 * one * two)
    if (np.abs(cosine) > 1 + 1e-9).any():
        raise ValueError(f"expected goals between {abs(one - two):g} and {one + two:g} from the shoulder")
    found = []
    for elbow in (np.arccos(np.clip(cosine, -1, 1)), -np.arccos(np.clip(cosine, -1, 1))):
        bearing = np.arctan2(goals[:, 1], goals[:, 0])
        inner = np.arctan2(two * np.sin(elbow), one + two * np.cos(elbow))
        found.append(np.stack([bearing - inner, elbow], axis=1))
    return np.stack(found)


def damped_least_squares(angles: Any, goals: Any, steps: int = 30, damping: float = 0.05) -> Iterator[np.ndarray]:
    """Angles (N, 2) at the start and after each step: Δq = Jᵀ (J Jᵀ + λ² I)⁻¹ e, e towards the goal.

    J is right for small steps, so e is at most `STRIDE` long. Near the stretched arm J has no inverse, and without the
    damping λ a step there would be as long as it likes.

    Args:
        angles: (N, 2) where the arm is.
        goals: (N, 2).
        steps: How many.
        damping: λ; larger is safer and slower.
    """
    angles, goals = np.asarray(angles, float), np.asarray(goals, float)
    yield angles
    for _ in range(steps):
        J, e = jacobian(angles), goals - forward(tensor(angles)).numpy()
        e = e / np.maximum(1, np.linalg.norm(e, axis=1, keepdims=True) / STRIDE)
        JT = J.swapaxes(1, 2)
        angles = angles + (JT @ np.linalg.solve(J @ JT + damping**2 * np.eye(2), e[..., None]))[..., 0]
        yield angles


def network(elbow: float = 0.0, seed: int = 0) -> nn.Sequential:
    """Goal (N, 2) → angles (N, 2).

    Args:
        elbow: Which bend it begins with, in radians: more than 0 is left, less is right, 0 is undecided.
        seed: Of the weights.
    """
    manual_seed(seed)
    layers = [nn.Linear(2, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 2)]
    net = nn.Sequential(*layers)
    with no_grad():
        layers[-1].bias.copy_(tensor([0.0, elbow]))
    return net


def told_angles(net: nn.Module, goals: Tensor, angles: Tensor) -> Tensor:
    """The loss of a network that is shown angles: mean of (angles of the net − angles)²."""
    return (net(goals) - angles).square().mean()


def told_misses(net: nn.Module, goals: Tensor) -> Tensor:
    """The loss behind the forward model: mean of (tip of the net's angles − goal)²."""
    return (forward(net(goals)) - goals).square().mean()


def train(net: nn.Module, goals: Any, angles: Any = None, steps: int = 1000) -> Iterator[float]:
    """Train a network on all goals at each step, and give the loss before it.

    Args:
        net: It is changed.
        goals: (N, 2).
        angles: (N, 2) that are to be copied; without them what counts is where the tip is.
        steps: How many.
    """
    optimizer = Adam(net.parameters(), lr=RATE)
    goals = tensor(np.asarray(goals, np.float32))
    told = None if angles is None else tensor(np.asarray(angles, np.float32))
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps)
        loss = told_misses(net, goals) if told is None else told_angles(net, goals, told)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def misses(net: nn.Module, goals: Any) -> np.ndarray:
    """How far the tip is from each goal, (N,) in m."""
    goals = np.asarray(goals, np.float32)
    with no_grad():
        tips = forward(net(tensor(goals))).numpy()
    return np.hypot(*(tips - goals).T)
