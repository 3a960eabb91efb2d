"""Matching: every known picture votes for its class, the more the nearer it is; attention over the known ones.

    p(k | x) = Σ a(x, x_i) over the known pictures i of class k        a = softmax of s·cos(f(x), f(x_i))

Where prototypes keep one place for a class, this keeps all: a class may lie in two places, and a lone bad picture
spoils only what lies near it. With one picture of each class both rules are the same.

Vinyals et al. (2016), Matching Networks for One Shot Learning, https://arxiv.org/abs/1606.04080
Changed: each picture is embedded by itself; theirs may also look at all known ones first (full context embeddings).
"""

import math

import torch
from torch import Tensor

from deepglass.tasks.rules import SCALE

BY_EPISODES = True


def scores(support: Tensor, members: Tensor, queries: Tensor) -> Tensor:
    """(E, q, K) log p(k | x); no class counts more for having more pictures."""
    cosines = SCALE * queries @ support.transpose(1, 2)  # (E, q, n)
    shares = (members / members.sum(dim=1, keepdim=True)).unsqueeze(1)  # (E, 1, n, K)
    votes = cosines.unsqueeze(3) + shares.clamp(min=1e-30).log().masked_fill(shares == 0, -math.inf)  # (E, q, n, K)
    return torch.logsumexp(votes, dim=2).log_softmax(dim=2)
