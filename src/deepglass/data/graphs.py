"""A graph: nodes with names, and which of them are linked; how much each hears of each other.

Whatever a node hears is weighed by 1/√(dᵢdⱼ), where d counts the neighbours and the node itself (Kipf & Welling, 2017,
https://arxiv.org/abs/1609.02907). Nodes that come after the training listen to the others and are not heard by them:
what is said of a node does not depend on who else is asked about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.state import read, require
from deepglass.data.examples import Batch

MOST_DENSE = 1000  # nodes up to which the matrix of all pairs is held whole; beyond, its zeros are left out


@dataclass(frozen=True)
class Graph:
    """Nodes and undirected links.

    Attributes:
        names: (N) of the nodes, each once.
        edges: (E, 2) int64 positions, the smaller first, each pair once.
        known: Nodes of the training, which come first and listen to each other alone.
    """

    names: tuple[str, ...]
    edges: np.ndarray
    known: int

    @classmethod
    def of(cls, names: Sequence[str], links: Sequence[tuple[str, str]]) -> tuple["Graph", list[str]]:
        """The graph of some nodes, whichever end of a link comes first; names in the links that are no node."""
        return cls((), np.zeros((0, 2), np.int64), len(names))._with(names, links)

    def joined(self, names: Sequence[str], links: Sequence[tuple[str, str]]) -> tuple["Graph", list[str]]:
        """The same with more nodes, which listen only; links between two known ones stay as they were."""
        return self._with([name for name in names if name not in self.places], links)

    def _with(self, more: Sequence[str], links: Sequence[tuple[str, str]]) -> tuple["Graph", list[str]]:
        names, before = (*self.names, *more), len(self.names)
        places = {name: place for place, name in enumerate(names)}
        ends = [sorted((places.get(one, -1), places.get(other, -1))) for one, other in links]
        absent = [name for link in links for name in link if name not in places]
        pairs = sorted({(one, other) for one, other in ends if 0 <= one < other and other >= before})
        edges = np.concatenate([self.edges, np.array(pairs, np.int64).reshape(-1, 2)])
        return Graph(names, edges, self.known), list(dict.fromkeys(absent))

    @cached_property
    def places(self) -> dict[str, int]:
        """Name → position."""
        return {name: place for place, name in enumerate(self.names)}

    def heard(self) -> tuple[np.ndarray, np.ndarray]:
        """(2, L) who hears whom, each node itself too, and (L,) how much: the entries of Â that are not 0."""
        one, other = self.edges.T
        listens = np.concatenate([one, other, np.arange(len(self.names))])
        speaks = np.concatenate([other, one, np.arange(len(self.names))])
        counts = (listens >= self.known) | (speaks < self.known)
        listens, speaks = listens[counts], speaks[counts]
        degrees = np.bincount(listens, minlength=len(self.names))
        return np.stack([listens, speaks]), (degrees[listens] * degrees[speaks]) ** -0.5

    def adjacency(self) -> Tensor:
        """Â (1, N, N), dense for few nodes and sparse for many."""
        N, (pairs, weights) = len(self.names), self.heard()
        places = torch.from_numpy(np.concatenate([np.zeros((1, len(weights)), np.int64), pairs]))
        found = torch.sparse_coo_tensor(places, torch.from_numpy(weights).float(), (1, N, N), check_invariants=True)
        return found.to_dense() if N <= MOST_DENSE else found.coalesce()

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"names": list(self.names), "edges": self.edges.tolist()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Graph":
        """What gave `state`: a graph of known nodes.

        Raises:
            ValueError: If it does not fit.
        """
        names, edges = read(state, "names", tuple[str, ...]), read(state, "edges", list[tuple[int, int]])
        require(0 < len(names) == len(set(names)), "names of nodes, each once")
        require(all(one < other < len(names) for one, other in edges), "links between nodes")
        return cls(names, np.array(edges, np.int64).reshape(-1, 2), len(names))


class NodeExamples:
    """Some nodes of one graph as examples: every batch brings the whole graph, and says which nodes are meant.

    Args:
        features: (1, N, F) of all nodes.
        adjacency: (1, N, N) as `Graph.adjacency` gives it.
        nodes: (n,) int64 positions of those that are examples.
        targets: (n,) what is known of them.

    Shape:
        - batch: features (1, N, F), adjacency (1, N, N), nodes (B,), targets (B,)
    """

    def __init__(self, features: Tensor, adjacency: Tensor, nodes: Tensor, targets: Tensor):
        self.features, self.adjacency, self.nodes, self.targets = features, adjacency, nodes, targets

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """The target last."""
        return self.features, self.adjacency, self.nodes, self.targets

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.to(self.nodes.device)
        return self.features, self.adjacency, self.nodes[indices], self.targets[indices]

    def to(self, device: torch.device) -> "NodeExamples":
        return NodeExamples(*(tensor.to(device) for tensor in self.tensors))
