"""GCN: every node of a graph is described anew by the mean of what its neighbours say, a few times over.

    H₁ = ReLU(Â X W₀ + b₀)        logits = Â H₁ W₁ + b₁        Â = D^(-1/2) (A + I) D^(-1/2)

A convolution of pictures adds up the pixels around a pixel, each with a weight for its place. Neighbours in a graph
have no places, so all of them share one weight matrix, and Â only says how much each of them counts. Two layers see
the neighbours of neighbours; with many, all nodes of a graph come to look alike.

References:
    Kipf & Welling (2017), Semi-Supervised Classification with Graph Convolutional Networks,
    https://arxiv.org/abs/1609.02907 (their X, W and Â are ours; we add a bias)
    Li, Han & Wu (2018), Deeper Insights into Graph Convolutional Networks, https://arxiv.org/abs/1801.07606
    (why deep ones look alike everywhere)
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("node-classification",)


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    hidden_dim: int = 16  # H, numbers of a node between the layers; as in Kipf & Welling
    num_layers: int = 2  # so many steps away a node hears of others; from 5 on most graphs blur
    dropout: float = 0.5  # of what goes into each layer: few nodes have labels


class GraphConvolution(nn.Module):
    """H' = Â H W + b.

    Args:
        in_features: Numbers of a node before.
        out_features: Numbers of a node after.

    Shape:
        - x: (B, N, in_features)
        - adjacency: (B, N, N), dense or sparse
        - output: (B, N, out_features)
    """

    def __init__(self, in_features: int, out_features: int):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features, bias=False)
        nn.init.xavier_uniform_(self.linear.weight)
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        return torch.bmm(adjacency, self.linear(x)) + self.bias  # first fewer numbers, then the neighbours: cheaper


class GCN(nn.Module):
    """logits = Â ReLU(Â X W₀ + b₀) W₁ + b₁.

    Args:
        num_features: Numbers F that describe a node.
        num_classes: Classes K.
        config: Settings.

    Shape:
        - features: (B, N, F), of B graphs of N nodes
        - adjacency: (B, N, N), how much each node (row) hears of each other: Â
        - nodes: (M,) int64, those of a single graph that are asked; None asks all
        - output: (M, K), or (B, N, K) of all

    Example:
        >>> GCN(num_features=3, num_classes=2)(torch.ones(1, 5, 3), torch.eye(5)[None]).shape
        torch.Size([1, 5, 2])
    """

    def __init__(self, num_features: int, num_classes: int, config: Config = Config()):
        super().__init__()
        widths = [num_features] + [config.hidden_dim] * (config.num_layers - 1) + [num_classes]
        self.layers = nn.ModuleList([GraphConvolution(*pair) for pair in pairwise(widths)])
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, features: Tensor, adjacency: Tensor, nodes: Tensor | None = None) -> Tensor:
        x = features  # (B, N, F)
        for layer in self.layers[:-1]:
            x = F.relu(layer(self.dropout(x), adjacency))  # (B, N, H)
        logits = self.layers[-1](self.dropout(x), adjacency)  # (B, N, K)
        return logits if nodes is None else logits[0].index_select(0, nodes)  # (M, K)


Model = GCN
