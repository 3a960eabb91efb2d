"""Reptile: adapt to a group, then move a little towards where that led. No second derivative is needed.

A step of the training goes along θ − φ, from the weights φ after adapting back to those before: the gradient of half
the squared distance between them, φ held still. All rows of a group are adapted to, since none has to be kept for
judging; what adapting helps is in how the gradients of its steps agree.

Nichol, Achiam & Schulman (2018), On First-Order Meta-Learning Algorithms, https://arxiv.org/abs/1803.02999
"""

from torch import Tensor, nn

from deepglass.training.adapting import SUPPORT, Episodes, adapted, for_each, weights_of

VALIDATES = False


def loss(net: nn.Module, episodes: Episodes, steps: int, rate: float) -> Tensor:
    """() half the squared distance to the adapted weights, over the rate: its gradient is (θ − φ) / rate."""
    before = weights_of(net)
    start = {name: weight.detach() for name, weight in before.items()}
    whole = episodes._replace(part=episodes.part.clamp(max=SUPPORT))

    def moved(episode: Episodes) -> Tensor:
        after = adapted(net, start, episode, steps, rate)
        return sum((before[name] - after[name].detach()).square().sum() for name in before) / (2 * rate)  # type: ignore[return-value]

    return for_each(moved, whole).mean()
