"""What every task with classes shares: the loss, probabilities, and weights against imbalance.

An ensemble gives (B, M, K) logits, one set for each of its M members. In training every member has a loss of its
own, so that each learns alone; in evaluation their probabilities are averaged, which is what makes them stronger
together.

References:
    Szegedy et al. (2016), Rethinking the Inception Architecture for Computer Vision (label smoothing),
    https://arxiv.org/abs/1512.00567
    King & Zeng (2001), Logistic Regression in Rare Events Data (class weights),
    https://doi.org/10.1093/oxfordjournals.pan.a004868
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SMALLEST = 1e-12  # a probability below counts as this, so that one bold mistake costs 28 nats and not infinity


def classification_loss(
    logits: Tensor, targets: Tensor, *, weights: Tensor | None = None, smoothing: float = 0.0
) -> Tensor:
    """The mean cross-entropy -log softmax(logits)[target], over members too where there are any.

    Args:
        logits: Before the softmax.
        targets: Positions of the true classes, or probabilities of all classes.
        weights: What a mistake on each class costs, such as `balanced_weights`; 1 for all when left out.
        smoothing: Share of the target in [0, 1) that is spread over all classes.

    Shape:
        - logits: (B, K), or (B, M, K) of an ensemble
        - targets: (B,) int64, or (B, K)
        - weights: (K,)
        - output: ()

    Example:
        >>> logits, targets = torch.zeros(4, 8, 2), torch.tensor([0, 1, 1, 0])
        >>> round(float(classification_loss(logits, targets)), 4)
        0.6931
    """
    if logits.dim() == 3:
        targets = targets.repeat_interleave(logits.shape[1], dim=0)  # (B·M,)
        logits = logits.flatten(0, 1)  # (B·M, K)
    return F.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing)


def probabilities(logits: Tensor) -> Tensor:
    """softmax, averaged over the members of an ensemble: (B, K) or (B, M, K) in, (B, K) out."""
    shares = logits.float().softmax(dim=-1)
    return shares.mean(dim=1) if logits.dim() == 3 else shares


def log_losses(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """-log p(target) of each example: (N, K) and (N,) in, (N,) out."""
    given = probabilities[np.arange(len(targets)), targets]
    return -np.log(np.maximum(given, SMALLEST))


def balanced_weights(targets: np.ndarray, num_classes: int) -> Tensor:
    """(K,) N / (K · count) of each class: all classes together then weigh alike. Absent classes weigh 0."""
    counts = np.bincount(targets, minlength=num_classes)
    weights = np.divide(len(targets), num_classes * counts, out=np.zeros(num_classes), where=counts > 0)
    return torch.tensor(weights, dtype=torch.float32)
