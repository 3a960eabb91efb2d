"""Losses that learn from two views of one thing: they shall agree, and must not do so by all being alike.

    NT-Xent    cross entropy: which of the 2n − 1 other views belongs to this one? (SimCLR)
    agreement  2 − 2·cos of what is foreseen and what a teacher says (BYOL)

Views come as one batch (2n, …): first one view of each of n examples, then the other, in the same order.

References:
    Sohn (2016), Improved Deep Metric Learning with Multi-class N-pair Loss Objective
    Chen et al. (2020), A Simple Framework for Contrastive Learning of Visual Representations,
    https://arxiv.org/abs/2002.05709 (NT-Xent, equation 1)
    Grill et al. (2020), Bootstrap Your Own Latent, https://arxiv.org/abs/2006.07733 (equation 2)
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def nt_xent(codes: Tensor, temperature: float) -> Tensor:
    """−log( exp(s(i, i')/τ) / Σ_{j ≠ i} exp(s(i, j)/τ) ), the mean over both views of each example; s is the cosine.

    The own other view is pulled near, all others are pushed away; a small τ pushes away the nearest of them most.

    Args:
        codes: Of both views, of any length.
        temperature: τ, above 0.

    Shape:
        - codes: (2n, P)
        - output: (n,), 0 where nothing else is in the batch

    Example:
        >>> round(float(nt_xent(torch.eye(2)[[0, 1, 0, 1]], temperature=1.0).mean()), 4)
        0.5514
    """
    n = len(codes) // 2
    unit = F.normalize(codes.float(), dim=1)
    logits = (unit @ unit.T / temperature).masked_fill(_itself(2 * n, codes.device), -math.inf)  # (2n, 2n)
    other = torch.arange(2 * n, device=codes.device).roll(n)
    return F.cross_entropy(logits, other, reduction="none").view(2, n).mean(dim=0)


def agreement(foreseen: Tensor, said: Tensor) -> Tensor:
    """2 − 2·cos(qᵢ, tᵢ') of each view i and the other i' of the same example, the mean over both: 0 to 4.

    Args:
        foreseen: What the network predicts, of both views.
        said: What the teacher says, of both views; it gets no gradient.

    Shape:
        - foreseen, said: (2n, P)
        - output: (n,)
    """
    n = len(foreseen) // 2
    theirs = F.normalize(said.detach().float(), dim=1).roll(n, dims=0)
    return (2 - 2 * (F.normalize(foreseen.float(), dim=1) * theirs).sum(dim=1)).view(2, n).mean(dim=0)


def _itself(count: int, device: torch.device) -> Tensor:
    return torch.eye(count, dtype=torch.bool, device=device)
