"""Fine-tuning: a classifier of the training's classes gets a new last layer, fitted to a few pictures of new ones.

What everybody does without episodes, and a strong rival of them (Chen et al. 2019). The last layer is a direction for
each class; a picture's score is the cosine to it. The directions begin at the means of the known pictures and take some
steps down the cross entropy of these.

Chen et al. (2019), A Closer Look at Few-shot Classification, https://arxiv.org/abs/1904.04232 (their Baseline++)
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.tasks.rules import SCALE
from deepglass.tasks.rules.prototypes import means

BY_EPISODES = False
STEPS, RATE = 50, 0.02  # few and small: of a handful of pictures more only makes it surer of what it says already


def scores(support: Tensor, members: Tensor, queries: Tensor) -> Tensor:
    """(E, q, K) s·cos to the direction of each class."""
    weights = fitted(support.detach(), members)
    return SCALE * queries @ F.normalize(weights, dim=2).transpose(1, 2)


def fitted(support: Tensor, members: Tensor) -> Tensor:
    """(E, K, D) the directions after the steps; every episode by itself."""
    weights, classes = means(support, members), members.argmax(dim=2)  # (E, n)
    with torch.enable_grad():
        for _ in range(STEPS):
            weights = weights.detach().requires_grad_()
            logits = SCALE * support @ F.normalize(weights, dim=2).transpose(1, 2)  # (E, n, K)
            own = F.cross_entropy(logits.flatten(0, 1), classes.flatten(), reduction="sum") / logits.shape[1]
            (slope,) = torch.autograd.grad(own, weights)
            weights = weights - RATE * slope
    return weights.detach()
