"""Log-odds of classes that exclude each other: what explanations by gradients explain, for they never saturate."""

import math

import torch
from torch import Tensor


def log_odds(logits: Tensor) -> Tensor:
    """(B, K) log p / (1 − p) of each class, from logits (B, K), or (B, members, K) of an ensemble, whose mean is p.

    Of the likeliest class 1 − p is summed from the others, so that nothing is lost where p is nearly 1.
    """
    log_probs = logits.log_softmax(dim=-1)
    if log_probs.dim() == 3:
        log_probs = log_probs.logsumexp(dim=1) - math.log(log_probs.shape[1])  # (B, K)
    best = log_probs.argmax(dim=1, keepdim=True)
    is_best = torch.zeros_like(log_probs, dtype=torch.bool).scatter(1, best, value=True)
    beside_best = log_probs.masked_fill(is_best, -torch.inf).logsumexp(dim=1, keepdim=True)  # (B, 1)
    beside_others = torch.log1p(-log_probs.exp().masked_fill(is_best, 0.0))
    return log_probs - torch.where(is_best, beside_best, beside_others)
