"""The loss of labels of which several may hold at once: binary cross-entropy of each, weighted, targets smoothed.

References:
    Nam et al. (2014), Large-Scale Multi-label Text Classification: Revisiting Neural Networks,
    https://arxiv.org/abs/1312.5419 (cross-entropy of each label, in place of losses of pairs)
"""

import torch.nn.functional as F
from torch import Tensor


def label_loss(logits: Tensor, targets: Tensor, *, weights: Tensor | None = None, smoothing: float = 0.0) -> Tensor:
    """The mean of -log p of what is true of each label, over examples, labels, and members of an ensemble.

    Args:
        logits: Before the sigmoid.
        targets: 1 where a label holds, 0 where it does not.
        weights: What missing a label costs, in false alarms; 1 for all when left out.
        smoothing: How far targets in [0, 1) are drawn from 0 and 1 towards a half.

    Shape:
        - logits: (B, L), or (B, M, L) of an ensemble, whose members learn each for itself
        - targets: (B, L)
        - weights: (L,)
        - output: ()

    Example:
        >>> import torch
        >>> round(float(label_loss(torch.zeros(4, 8, 2), torch.tensor([[0, 1]] * 4))), 4)
        0.6931
    """
    wanted = targets.to(logits.dtype) * (1 - smoothing) + smoothing / 2  # (B, L)
    if logits.dim() == 3:
        wanted = wanted.unsqueeze(1).expand_as(logits)  # (B, M, L)
    return F.binary_cross_entropy_with_logits(logits, wanted, pos_weight=weights)
