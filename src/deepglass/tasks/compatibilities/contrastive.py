"""Contrastive: of all descriptions the network is to pick the picture's own.

    loss = −log softmax(s·cos(f(x), φ(c)))_y        over the descriptions of the learnt classes

As between pictures and their captions, where a batch brings the descriptions; here they are those of the classes, and
the same picture has to turn away from all that it is not.

References:
    Radford et al. (2021), Learning Transferable Visual Models From Natural Language Supervision,
    https://arxiv.org/abs/2103.00020
"""

import torch.nn.functional as F
from torch import Tensor

from deepglass.tasks.compatibilities import SCALE, cosines

CENTRED = True


def scores(said: Tensor, codes: Tensor) -> Tensor:
    """(B, C) s·cos to the descriptions."""
    return SCALE * cosines(said, codes)


def loss(said: Tensor, codes: Tensor, classes: Tensor) -> Tensor:
    """Cross entropy over the descriptions."""
    return F.cross_entropy(scores(said, codes), classes)
