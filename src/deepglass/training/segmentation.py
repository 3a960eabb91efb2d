"""What a picture costs whose every pixel has a class: the surprise at its pixels, and how badly its regions overlap.

The surprise (cross-entropy) teaches from the first step, but a class of few pixels hardly counts in it. The Dice term
looks at each class as a region: twice what truth and answer share over what both cover together.

References:
    Milletari, Navab and Ahmadi (2016), V-Net, https://arxiv.org/abs/1606.04797 (the Dice loss)
    Isensee et al. (2018), nnU-Net, https://arxiv.org/abs/1809.10486 (both terms together)
"""

import torch
import torch.nn.functional as F
from torch import Tensor

DICE_WEIGHT = 0.5  # of the Dice term beside the surprise
SMOOTH = 1.0  # pixels: a class of a handful of them is not all or nothing


def losses(log_probs: Tensor, targets: Tensor) -> Tensor:
    """(B,) what each picture costs; pixels whose target is no class cost nothing.

    Shape:
        - log_probs: (B, K, H, W)
        - targets: (B, H, W) classes from 0 to K - 1; all else is left out
    """
    K = log_probs.shape[1]
    counts = targets < K  # (B, H, W)
    classes = torch.where(counts, targets, 0).long()
    surprise = F.nll_loss(log_probs, classes, reduction="none") * counts  # (B, H, W)
    mean = surprise.sum(dim=(1, 2)) / counts.sum(dim=(1, 2)).clamp(min=1)
    return mean + DICE_WEIGHT * (1 - dice(log_probs.exp(), classes, counts))


def dice(probs: Tensor, classes: Tensor, counts: Tensor) -> Tensor:
    """(B,) the mean overlap over the classes that are in each picture: 2 Σ p·t / (Σ p + Σ t).

    Shape:
        - probs: (B, K, H, W)
        - classes: (B, H, W) int64
        - counts: (B, H, W) bool, which pixels count
    """
    truth = F.one_hot(classes, probs.shape[1]).permute(0, 3, 1, 2) * counts[:, None]  # (B, K, H, W)
    both = (probs * truth).sum(dim=(2, 3))
    said, true = (probs * counts[:, None]).sum(dim=(2, 3)), truth.sum(dim=(2, 3))  # (B, K)
    overlap = (2 * both + SMOOTH) / (said + true + SMOOTH)
    is_there = true > 0
    return (overlap * is_there).sum(dim=1) / is_there.sum(dim=1).clamp(min=1)
