"""Ranking: what the network says shall lie nearer to its own description than to any other, by a margin.

    loss = Σ_{j ≠ y} max(0, margin − cos(f(x), φ(y)) + cos(f(x), φ(j)))

The network is free to say what an attribute never was, as long as the right class wins.

References:
    Frome et al. (2013), DeViSE: A Deep Visual-Semantic Embedding Model,
    https://papers.nips.cc/paper/2013/hash/7cce53cf90577442771720a370c3c723-Abstract.html (descriptions are word
    vectors, the margin is 0.1)
    Akata et al. (2013), Label-Embedding for Attribute-Based Classification, https://doi.org/10.1109/CVPR.2013.111
"""

import torch.nn.functional as F
from torch import Tensor

from deepglass.tasks.compatibilities import SCALE, cosines

CENTRED = True
MARGIN = 0.1


def scores(said: Tensor, codes: Tensor) -> Tensor:
    """(B, C) cosines to the descriptions, scaled for a softmax."""
    return SCALE * cosines(said, codes)


def loss(said: Tensor, codes: Tensor, classes: Tensor) -> Tensor:
    """How far other descriptions come too near, summed over them."""
    found = cosines(said, codes)  # (B, C)
    own = found.gather(1, classes[:, None])
    too_near = F.relu(MARGIN - own + found) * (1 - F.one_hot(classes, len(codes)))
    return too_near.sum(dim=1).mean()
