"""Prototypes: a class is the mean of its known embeddings, and the nearest mean names a picture.

    c_k = mean of f(x) over the known pictures of class k        p(k | x) ∝ exp(−s·‖f(x) − c_k‖²)

One bad picture is one of n in the mean; with a single one it is the mean.

Snell, Swersky & Zemel (2017), Prototypical Networks for Few-shot Learning, https://arxiv.org/abs/1703.05175
Changed: embeddings are of length 1, and s stands for the length that theirs find by themselves.
"""

from torch import Tensor

from deepglass.tasks.rules import SCALE

BY_EPISODES = True


def scores(support: Tensor, members: Tensor, queries: Tensor) -> Tensor:
    """(E, q, K) −s·d² to the mean of each class; s is half the scale of cosines, for d² = 2 − 2·cos of one picture."""
    away = queries.unsqueeze(2) - means(support, members).unsqueeze(1)  # (E, q, K, D)
    return -SCALE / 2 * away.square().sum(dim=3)


def means(support: Tensor, members: Tensor) -> Tensor:
    """(E, K, D) the mean of the known embeddings of each class."""
    shares = members / members.sum(dim=1, keepdim=True)  # (E, n, K)
    return shares.transpose(1, 2) @ support
