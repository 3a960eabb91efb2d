"""TabM: an ensemble of multilayer perceptrons for tables that share nearly all of their weights.

Gorishniy, Kotelnikov & Babenko (2024), TabM: Advancing Tabular Deep Learning with Parameter-Efficient Ensembling,
https://arxiv.org/abs/2410.24210 (their k is our members M, their R, S, B our scale_in, scale_out, bias).
Numbers enter through piecewise-linear embeddings: Gorishniy, Rubachev & Babenko (2022), On Embeddings for Numerical
Features in Tabular Deep Learning, https://arxiv.org/abs/2203.05556.
Scaling, codes of categories and the edges of the bins are made in data/preprocess/tabular.py.
"""

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("tabular-classification", "tabular-regression")
NEEDS = {  # setting: the size without which it does nothing, the least of it, in words
    "category_dim": ("cardinalities", 1, "a column of categories"),
    "number_dim": ("num_features", 1, "a column of numbers"),
}


@dataclass(frozen=True)
class Config:
    members: int = 8  # networks in the ensemble; the paper takes 32, which costs four times as much
    hidden_dim: int = 128  # width of the shared layers; wider is slower and seldom better below 100,000 rows
    num_layers: int = 2  # shared hidden layers; tables rarely reward more than three
    dropout: float = 0.1  # probability of dropping a hidden unit; small data wants more
    number_dim: int = 16  # width of a number's embedding, as in the paper
    category_dim: int = 8  # width of a category's embedding; most columns have fewer than fifty categories


class TabM(nn.Module):
    """M predictions for every row: y_m = W((x · r_m)) · s_m + b_m, layer after layer, with one W for all members.

    Each member sees the row through its own scales r and so learns a function of its own; what they all agree on
    lives in the shared W. Their mean is better than each of them, at little more than the cost of one.

    Args:
        num_features: Numeric columns F.
        num_outputs: Classes K, or 1 for regression.
        cardinalities: Codes of every categorical column, code 0 (unknown) included.
        bin_edges: For each numeric column the increasing edges of its bins, usually quantiles.
        config: Settings.

    Shape:
        - numeric: (B, F) float32
        - categories: (B, n) int64
        - output: (B, M, K)

    Example:
        >>> model = TabM(num_features=1, num_outputs=3, cardinalities=(4,), bin_edges=((-1.0, 0.0, 1.0),))
        >>> model(torch.zeros(5, 1), torch.zeros(5, 1, dtype=torch.int64)).shape
        torch.Size([5, 8, 3])
    """

    def __init__(
        self,
        num_features: int,
        num_outputs: int,
        cardinalities: tuple[int, ...] = (),
        bin_edges: tuple[tuple[float, ...], ...] = (),
        config: Config = Config(),
    ):
        super().__init__()
        widths = [config.number_dim] * num_features + [config.category_dim] * len(cardinalities)
        self.numbers = PiecewiseLinearEmbedding(bin_edges, config.number_dim) if num_features else None
        self.categories = CategoryEmbedding(cardinalities, config.category_dim) if cardinalities else None
        self.layers = nn.ModuleList()
        in_dim = sum(widths)
        for _ in range(config.num_layers):
            self.layers.append(MemberLinear(in_dim, config.hidden_dim, config.members))
            in_dim = config.hidden_dim
        self.layers[0].draw_members(widths)
        self.dropout = nn.Dropout(config.dropout)
        self.heads = MemberHeads(in_dim, num_outputs, config.members)

    def forward(self, numeric: torch.Tensor, categories: torch.Tensor) -> torch.Tensor:
        parts = []
        if self.numbers is not None:
            parts.append(self.numbers(numeric))
        if self.categories is not None:
            parts.append(self.categories(categories))
        x = torch.cat(parts, dim=1).unsqueeze(1)  # (B, 1, C), broadcast over the members by the first layer
        for layer in self.layers:
            x = self.dropout(F.relu(layer(x)))  # (B, M, hidden)
        return self.heads(x)  # (B, M, K)


class MemberLinear(nn.Module):
    """A linear layer shared by M members, each with its own scales and bias (BatchEnsemble, Wen et al. 2020)."""

    def __init__(self, in_dim: int, out_dim: int, members: int):
        super().__init__()
        self.shared = nn.Linear(in_dim, out_dim, bias=False)
        self.scale_in = nn.Parameter(torch.ones(members, in_dim))
        self.scale_out = nn.Parameter(torch.ones(members, out_dim))
        bound = in_dim**-0.5
        self.bias = nn.Parameter(torch.empty(members, out_dim).uniform_(-bound, bound))

    def draw_members(self, widths: list[int]) -> None:
        """Make the members differ: one normal number for each column of the table, alike over its whole embedding."""
        for scales in torch.split(self.scale_in.data, widths, dim=1):  # (M, width)
            scales.copy_(torch.randn(len(scales), 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.shared(x * self.scale_in) * self.scale_out + self.bias  # (B, M, out)


class MemberHeads(nn.Module):
    """One output layer for each member."""

    def __init__(self, in_dim: int, num_outputs: int, members: int):
        super().__init__()
        bound = in_dim**-0.5
        self.weight = nn.Parameter(torch.empty(members, in_dim, num_outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(members, num_outputs).uniform_(-bound, bound))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.matmul(x.transpose(0, 1), self.weight)  # (M, B, K)
        return x.transpose(0, 1) + self.bias  # (B, M, K)


class PiecewiseLinearEmbedding(nn.Module):
    """A number as how far it has filled each bin (1, 1, 0.3, 0, …), mapped linearly to a vector.

    A single weight can then bend the answer at the edge of any bin, which a plain input needs many units for.

    Shape:
        - input: (B, F)
        - output: (B, F · embed_dim)
    """

    def __init__(self, bin_edges: tuple[tuple[float, ...], ...], embed_dim: int):
        super().__init__()
        columns, bins = len(bin_edges), max(len(edges) for edges in bin_edges) - 1
        widths = [[right - left for left, right in itertools.pairwise(edges)] for edges in bin_edges]
        empty = [[0.0] * (bins - len(row)) for row in widths]  # absent bins
        left = [[*edges[:-1], *rest] for edges, rest in zip(bin_edges, empty)]
        inverse_width = [[*(1 / width for width in row), *rest] for row, rest in zip(widths, empty)]
        self.register_buffer("left", torch.tensor(left))
        self.register_buffer("inverse_width", torch.tensor(inverse_width))
        bound = embed_dim**-0.5
        self.slope = nn.Parameter(torch.empty(columns, embed_dim).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(columns, embed_dim).uniform_(-bound, bound))
        self.weight = nn.Parameter(torch.zeros(columns, bins, embed_dim))  # bends appear only where data ask for them

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        filled = ((x.unsqueeze(2) - self.left) * self.inverse_width).clamp(0, 1)  # (B, F, bins)
        bent = torch.matmul(filled.transpose(0, 1), self.weight).transpose(0, 1)  # (B, F, embed)
        return (x.unsqueeze(2) * self.slope + self.bias + bent).flatten(1)  # (B, F · embed)


class CategoryEmbedding(nn.Module):
    """One vector for every category of every column, all in one table.

    Shape:
        - input: (B, n) codes
        - output: (B, n · embed_dim)
    """

    def __init__(self, cardinalities: tuple[int, ...], embed_dim: int):
        super().__init__()
        sizes = torch.tensor((0, *cardinalities[:-1]))
        self.register_buffer("offsets", torch.cumsum(sizes, dim=0))
        self.table = nn.Embedding(sum(cardinalities), embed_dim)

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        return self.table(codes + self.offsets).flatten(1)  # (B, n · embed)


Model = TabM
