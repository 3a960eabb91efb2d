"""What stands in the place of a network's last layer while it learns without labels: it hands the features on.

    picture or row ── network ── features (C numbers) ── stage 1 ── stage 2 …
                                       └──────────────┴───────────┴──> all of them, side by side

A stage is a small perceptron that the way of learning needs and nobody else: a projector, a predictor, a decoder. They
bear the name of the layer that they replace, so that whoever takes the weights over leaves them where they are, as
any head for another question. The file runs on both engines, as a model does.
"""

import torch
from torch import nn


class PretextHead(nn.Module):
    """[f, g₁(f), g₂(g₁(f)), …] of features f.

    Args:
        feature_dim: Width C of the features.
        stages: For each stage the width of its hidden layer, the width of what comes out, and whether the hidden layer
            is normalised over the batch.

    Shape:
        - features: (B, C)
        - output: (B, C + P₁ + P₂ + …)

    Example:
        >>> PretextHead(16, ((32, 8, True), (32, 8, True)))(torch.zeros(4, 16)).shape
        torch.Size([4, 32])
    """

    def __init__(self, feature_dim: int, stages: tuple[tuple[int, int, bool], ...]):
        super().__init__()
        layers, in_dim = [], feature_dim
        for hidden_dim, out_dim, has_norm in stages:
            norm = [nn.BatchNorm1d(hidden_dim)] if has_norm else []
            layers.append(
                nn.Sequential(nn.Linear(in_dim, hidden_dim), *norm, nn.ReLU(), nn.Linear(hidden_dim, out_dim))
            )
            in_dim = out_dim
        self.stages = nn.ModuleList(layers)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        found = [features]
        for stage in self.stages:
            found.append(stage(found[-1]))  # (B, P)
        return torch.cat(found, dim=1)  # (B, C + P₁ + P₂ + …)
