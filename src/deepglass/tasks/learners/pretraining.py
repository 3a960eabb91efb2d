"""Pre-training: one net for all rows of all groups, as if they were one; what everybody does first.

It learns the mean of the groups. Of sines with any phase that is nearly zero everywhere, and from there a few steps
lead nowhere in particular: the rival of every meta-learner.
"""

from torch import Tensor, nn

from deepglass.training.adapting import SUPPORT, Episodes, error, for_each, weights_of

VALIDATES = False


def loss(net: nn.Module, episodes: Episodes, steps: int, rate: float) -> Tensor:
    """() the mean error over all rows, before any step of adapting."""
    whole = episodes._replace(part=episodes.part.clamp(max=SUPPORT))
    return for_each(lambda episode: error(net, weights_of(net), episode, SUPPORT), whole).mean()
