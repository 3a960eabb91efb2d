"""Label propagation: labels flow along the links until every node has some of each, and nothing else is known.

    F ← α Â F + (1 − α) Y

References:
    Zhou et al. (2004), Learning with Local and Global Consistency,
    https://papers.nips.cc/paper/2003/hash/87682805257e619d49b8e0dfdc14affa-Abstract.html (their S is our Â)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NAME = "label propagation along the links"
SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)  # α: how much of a label comes from the neighbours
ROUNDS = 50  # after which 0.95^50 = 8 % of the way is left, and the order of the classes has settled
LEAST = 1e-6  # of a class: a node that no label reaches is answered by all alike


@dataclass(frozen=True)
class Simple:
    """A simple model of nodes, and its share of right answers on the validation nodes."""

    name: str
    model: nn.Module
    accuracy: float


class LabelPropagation(nn.Module):
    """features (1, N, F), adjacency (1, N, N), nodes (M,) → log-probabilities (M, K); the features are not looked at.

    Args:
        labels: (N, K) 1 for the class of each labelled node, else 0.
        share: α, of what a node believes that comes from its neighbours.
    """

    def __init__(self, labels: Tensor, share: float):
        super().__init__()
        self.register_buffer("labels", labels)
        self.share = share

    def forward(self, features: Tensor, adjacency: Tensor, nodes: Tensor) -> Tensor:
        given = F.pad(self.labels, (0, 0, 0, features.shape[1] - len(self.labels)))[None]  # type: ignore[arg-type]
        said = given  # (1, N, K)
        for _ in range(ROUNDS):
            said = self.share * torch.bmm(adjacency, said) + (1 - self.share) * given
        said = said[0, nodes] + LEAST * said.max()
        return (said / said.sum(dim=1, keepdim=True)).log()


def fit(train: Sequence[Tensor], val: Sequence[Tensor], num_classes: int) -> Simple:
    """With the share that answers the validation nodes best.

    Args:
        train: Features, adjacency, nodes and targets; likewise `val`.
        num_classes: K.
    """
    features, _, nodes, targets = (part.cpu() for part in train)
    labels = torch.zeros(features.shape[1], num_classes)
    labels[nodes, targets] = 1
    models = [LabelPropagation(labels, share) for share in SHARES]
    scores = [accuracy(model, val) for model in models]
    best = max(range(len(models)), key=scores.__getitem__)
    return Simple(f"{NAME} (α = {SHARES[best]:g})", models[best], scores[best])


def accuracy(model: nn.Module, examples: Sequence[Tensor]) -> float:
    """Share of right answers."""
    *inputs, targets = (part.cpu() for part in examples)
    return float((model(*inputs).argmax(dim=1) == targets).float().mean())
