"""Attributes: say how likely each one is, and a class is as likely as its whole description.

    log p(class | x) = Σₐ log p(a as described | x)

Every attribute is learnt by itself, from all classes that have it: "striped" from tigers, bees and deck chairs. The
network never learns what a class is, which is why one that it has never seen costs nothing more.

References:
    Lampert, Nickisch & Harmeling (2009), Learning to Detect Unseen Object Classes by Between-Class Attribute Transfer,
    https://doi.org/10.1109/CVPR.2009.5206594 (direct attribute prediction, each attribute as likely as not)
"""

import torch.nn.functional as F
from torch import Tensor

CENTRED = False


def scores(said: Tensor, codes: Tensor) -> Tensor:
    """(B, C) the log-likelihood of each description; log-odds are `said`."""
    return F.logsigmoid(said) @ codes.T + F.logsigmoid(-said) @ (1 - codes).T


def loss(said: Tensor, codes: Tensor, classes: Tensor) -> Tensor:
    """Cross entropy of every attribute by itself, summed over them."""
    return F.binary_cross_entropy_with_logits(said, codes[classes].clamp(0, 1), reduction="none").sum(dim=1).mean()
