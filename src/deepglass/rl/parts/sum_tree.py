"""A sum tree: numbers whose running sum can be searched in log₂ n steps, while they change.

Each node holds the sum of its two children; the root holds all. Drawing an index with probability p_i / Σ p is a walk
from the root: left, if what is looked for lies within the left sum, else right with the rest.

References:
    Schaul et al. (2016), Prioritized experience replay, appendix B.2.1, https://arxiv.org/abs/1511.05952
"""

import numpy as np


class SumTree:
    """Numbers p_0 … p_{n−1} that are not negative, all 0 in the beginning.

    Args:
        size: How many.
    """

    def __init__(self, size: int):
        self.leaves = 1 << max(0, size - 1).bit_length()  # the next power of two
        self.nodes = np.zeros(2 * self.leaves)  # the root is 1, the children of i are 2i and 2i + 1

    @property
    def total(self) -> float:
        """Σ p."""
        return float(self.nodes[1])

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        return self.nodes[self.leaves + indices]

    def set(self, indices: np.ndarray, values: np.ndarray | float) -> None:
        """Change some of the numbers; of an index that is named twice the last value stays."""
        nodes = self.leaves + indices
        self.nodes[nodes] = values
        while nodes[0] > 1:  # all leaves are equally deep
            nodes = np.unique(nodes // 2)
            self.nodes[nodes] = self.nodes[2 * nodes] + self.nodes[2 * nodes + 1]

    def find(self, sums: np.ndarray) -> np.ndarray:
        """For each s in [0, total) the index i with p_0 + … + p_{i−1} ≤ s < p_0 + … + p_i."""
        nodes, sums = np.ones(len(sums), np.int64), sums.astype(float)
        while nodes[0] < self.leaves:
            left = self.nodes[2 * nodes]
            goes_right = sums >= left
            sums = np.where(goes_right, sums - left, sums)
            nodes = 2 * nodes + goes_right
        return nodes - self.leaves
