"""Small networks: from what is seen to features, and from features to a choice of action.

References:
    Mnih et al. (2015), Human-level control through deep reinforcement learning (the convolutions),
    https://doi.org/10.1038/nature14236
    Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep linear networks
    (orthogonal weights), https://arxiv.org/abs/1312.6120
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.rl.envs import Box, Discrete


def orthogonal(layer: nn.Linear, gain: float = math.sqrt(2)) -> nn.Linear:
    """Orthogonal weights, biases of 0."""
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer


def body(shape: tuple[int, ...], width: int, activation: type[nn.Module] = nn.Tanh) -> nn.Sequential:
    """What is seen → features (N, width): two layers for vectors, convolutions below them for pictures.

    Args:
        shape: Of one observation: (features,), or (H, W, C) of a picture with values from 0 to 255.
        width: Of both layers.
        activation: Between them.
    """
    front: list[nn.Module]
    if len(shape) == 3 and min(shape[:2]) >= 8:
        front = [Pictures(shape[2]), nn.Flatten()]
        features = 32 * math.prod(-(-side // 4) for side in shape[:2])
    else:
        front = [nn.Flatten()]
        features = math.prod(shape)
    layers = [orthogonal(nn.Linear(features, width)), activation(), orthogonal(nn.Linear(width, width)), activation()]
    return nn.Sequential(*front, *layers)


class Pictures(nn.Module):
    """Two convolutions, each halving the sides.

    Shape:
        - input: (N, H, W, C) from 0 to 255
        - output: (N, 32, ⌈H/4⌉, ⌈W/4⌉)
    """

    def __init__(self, channels: int):
        super().__init__()
        self.one = nn.Conv2d(channels, 16, 3, stride=2, padding=1)
        self.two = nn.Conv2d(16, 32, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = x.float().movedim(-1, 1) / 255  # (N, C, H, W)
        return torch.relu(self.two(torch.relu(self.one(x))))


class Choice(nn.Module):
    """Features → a distribution over actions: logits of `Discrete` ones, mean and deviation of vectors in a `Box`.

    Args:
        width: Of the features.
        actions: Which there are.

    Shape:
        - input: (N, width)
        - output: (N, actions): logits, or means
    """

    def __init__(self, width: int, actions: Discrete | Box):
        super().__init__()
        self.is_discrete = isinstance(actions, Discrete)
        size = actions.n if isinstance(actions, Discrete) else len(actions.low)
        self.layer = orthogonal(nn.Linear(width, size), gain=0.01)  # all actions nearly alike in the beginning
        if not self.is_discrete:
            self.log_deviation = nn.Parameter(torch.zeros(size))

    def forward(self, features: Tensor) -> Tensor:
        return self.layer(features)

    def sample(self, output: Tensor, generator: torch.Generator) -> Tensor:
        """Actions drawn from the distribution: (N,) or (N, actions)."""
        if self.is_discrete:
            return torch.multinomial(output.softmax(dim=1), 1, generator=generator)[:, 0]
        return output + self.log_deviation.exp() * torch.randn(output.shape, generator=generator)

    def log_prob(self, output: Tensor, actions: Tensor) -> Tensor:
        """Logarithm of the probability, or of the density, of these actions: (N,)."""
        if self.is_discrete:
            return output.log_softmax(dim=1).gather(1, actions[:, None])[:, 0]
        distance = (actions - output) / self.log_deviation.exp()
        return (-0.5 * distance**2 - self.log_deviation - 0.5 * math.log(2 * math.pi)).sum(dim=1)

    def entropy(self, output: Tensor) -> Tensor:
        """How undecided it is, in nats: (N,)."""
        if self.is_discrete:
            logs = output.log_softmax(dim=1)
            return -(logs.exp() * logs).sum(dim=1)
        return (self.log_deviation + 0.5 * math.log(2 * math.pi * math.e)).sum().expand(len(output))


class Actor(nn.Module):
    """What is seen → a choice of action: normalisation, two layers, `Choice`.

    Shape:
        - input: (N, *observation_shape)
        - output: (N, actions): logits, or means
    """

    def __init__(self, norm: nn.Module, shape: tuple[int, ...], actions: Discrete | Box, width: int):
        super().__init__()
        self.norm, self.body, self.choice = norm, body(shape, width), Choice(width, actions)

    def forward(self, observation: Tensor) -> Tensor:
        return self.choice(self.body(self.norm(observation)))


class Critic(nn.Module):
    """What is seen → its value V: the return that may be expected from there.

    Shape:
        - input: (N, *observation_shape)
        - output: (N,)
    """

    def __init__(self, norm: nn.Module, shape: tuple[int, ...], width: int):
        super().__init__()
        self.norm, self.body, self.value = norm, body(shape, width), orthogonal(nn.Linear(width, 1), gain=1.0)

    def forward(self, observation: Tensor) -> Tensor:
        return self.value(self.body(self.norm(observation)))[:, 0]


class TwinCritics(nn.Module):
    """Two guesses of what an action that is a vector of numbers is worth, Q(s, a).

    Shape:
        - input: (N, features) and (N, actions)
        - output: (2, N)
    """

    def __init__(self, features: int, actions: int, width: int):
        super().__init__()
        made = (nn.Sequential(body((features + actions,), width, nn.ReLU), nn.Linear(width, 1)) for _ in range(2))
        self.both = nn.ModuleList(made)

    def forward(self, observation: Tensor, action: Tensor) -> Tensor:
        given = torch.cat([observation.flatten(1), action], dim=1)
        return torch.stack([critic(given)[:, 0] for critic in self.both])


def bounded(actions: Tensor | np.ndarray, space: Discrete | Box) -> np.ndarray:
    """Actions as a world takes them: inside its bounds."""
    given = actions.numpy() if isinstance(actions, Tensor) else actions
    return given if isinstance(space, Discrete) else np.clip(given, space.low, space.high)
