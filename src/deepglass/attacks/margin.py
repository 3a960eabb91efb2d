"""Losses of classes that an attack can raise.

    cross-entropy   −log p(true)                       what is trained with; flat where a network is very sure
    margin          max other logit − true logit       above 0 once the answer is wrong; a temperature cannot flatten it

References:
    Carlini & Wagner (2017), Towards Evaluating the Robustness of Neural Networks, https://arxiv.org/abs/1608.04644
    (the margin is their f₆ with the sign turned)
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """(n,) of logits (n, K) and targets (n,)."""
    return F.cross_entropy(logits, targets, reduction="none")


def margin(logits: Tensor, targets: Tensor) -> Tensor:
    """(n,) by how much the likeliest wrong class leads; above 0 the answer is wrong."""
    own = logits.gather(1, targets[:, None])[:, 0]
    others = logits.scatter(1, targets[:, None], -torch.inf).amax(dim=1)
    return others - own
