"""The loss of every task with classes: cross-entropy, with smoothed targets, weighted classes and for ensembles.

An ensemble gives (B, M, K) logits, one set for each of its M members. Every member has a loss of its own, so that
each learns alone; that their probabilities are averaged in evaluation is the task's affair.

References:
    Szegedy et al. (2016), Rethinking the Inception Architecture for Computer Vision (label smoothing),
    https://arxiv.org/abs/1512.00567
    King & Zeng (2001), Logistic Regression in Rare Events Data (class weights),
    https://doi.org/10.1093/oxfordjournals.pan.a004868
"""

import torch.nn.functional as F
from torch import Tensor


def classification_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    weights: Tensor | None = None,
    smoothing: float = 0.0,
    example_weights: Tensor | None = None,
) -> Tensor:
    """The mean cross-entropy -log softmax(logits)[target], over members too where there are any.

    Args:
        logits: Before the softmax.
        targets: Positions of the true classes, or probabilities of all classes.
        weights: What a mistake on each class costs; 1 for all when left out.
        smoothing: Share of the target in [0, 1) that is spread over all classes.
        example_weights: What each example counts in the mean; all alike when left out.

    Shape:
        - logits: (B, K), or (B, M, K) of an ensemble
        - targets: (B,) int64, or (B, K)
        - weights: (K,)
        - example_weights: (B,)
        - output: ()

    Example:
        >>> import torch
        >>> logits, targets = torch.zeros(4, 8, 2), torch.tensor([0, 1, 1, 0])
        >>> round(float(classification_loss(logits, targets)), 4)
        0.6931
    """
    if logits.dim() == 3:
        members = logits.shape[1]
        targets = targets.repeat_interleave(members, dim=0)  # (B·M,)
        example_weights = None if example_weights is None else example_weights.repeat_interleave(members)
        logits = logits.flatten(0, 1)  # (B·M, K)
    if example_weights is None:
        return F.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing)
    losses = F.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing, reduction="none")
    return (losses * example_weights).sum() / example_weights.sum()
