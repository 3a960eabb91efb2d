"""Adapting: from weights that are given, a few steps of gradient descent on the few rows of a new group.

Nothing is changed in place. The weights after the steps are computed from those before, so that a gradient can be
taken through the steps: what a meta-learner does (`tasks/learners/`).

Finn, Abbeel & Levine (2017), Model-Agnostic Meta-Learning, https://arxiv.org/abs/1703.03400
(their inner update; their α is our `rate`)
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from deepglass.data.episodes import QUERY, SUPPORT

Weights = dict[str, Tensor]


class Episodes(NamedTuple):
    """Groups, each with rows to adapt to and rows to be judged by.

    `part` says what a row is: 0 padding, 1 support, 2 query.

    Shape:
        - x: (B, n, F), y: (B, n), part: (B, n); without the first dimension a single one
    """

    x: Tensor
    y: Tensor
    part: Tensor


def error(net: nn.Module, weights: Weights, episode: Episodes, part: int = QUERY) -> Tensor:
    """() the mean squared error of one episode over the rows of one part; 0 where it has none."""
    counts = (episode.part == part).to(episode.y.dtype)  # (n,)
    said = functional_call(net, weights, (episode.x,)).squeeze(-1)  # (n,)
    return ((said - episode.y).square() * counts).sum() / counts.sum().clamp(min=1)


def adapted(net: nn.Module, weights: Weights, episode: Episodes, steps: int, rate: float) -> Weights:
    """The weights after some steps down the slope of the support rows of one episode: θ ← θ − rate·∇L(θ).

    Args:
        net: Gives (n, 1) for x (n, F).
        weights: Where the steps begin, by name.
        episode: A single one.
        steps: 0 gives back the weights.
        rate: Of a step; the same for all weights.
    """
    for _ in range(steps):
        slope = grad(error, argnums=1)(net, weights, episode, SUPPORT)
        weights = {name: weight - rate * slope[name] for name, weight in weights.items()}
    return weights


def weights_of(net: nn.Module) -> Weights:
    """Those that learn, by name."""
    return dict(net.named_parameters())


def for_each(ask: Callable[[Episodes], Tensor], episodes: Episodes) -> Tensor:
    """What is asked of a single episode, asked of all at once: (B, …)."""
    return vmap(ask, randomness="different")(episodes)


@torch.no_grad()
def courses(net: nn.Module, episodes: Episodes, steps: int, rate: float, places: Tensor | None = None) -> Tensor:
    """(steps + 1, B, n) what the net says of every row of every episode before the first step and after each.

    Args:
        net: Left as it is.
        episodes: Their `y` counts in support rows alone.
        steps: To take.
        rate: Of a step.
        places: (B, m, F) where to ask instead of at the rows.
    """
    asked = episodes.x if places is None else places
    weights = {name: weight.detach().expand(len(asked), *weight.shape) for name, weight in weights_of(net).items()}
    said = []
    for step in range(steps + 1):
        if step:
            weights = vmap(lambda own, episode: adapted(net, own, episode, 1, rate))(weights, episodes)
        said.append(vmap(lambda own, x: functional_call(net, own, (x,)).squeeze(-1))(weights, asked))
    return torch.stack(said)
