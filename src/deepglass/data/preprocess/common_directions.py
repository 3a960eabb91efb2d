"""All but the top: what all word vectors have in common tells no word apart, so it is taken out of them.

    v ← v − mean;  v ← v − Σ (v·d) d    over the few directions d in which the vectors vary most

Those directions say how frequent a word is rather than what it means. Mu & Viswanath (2018), All-but-the-Top: Simple
and Effective Postprocessing for Word Representations, https://arxiv.org/abs/1702.01417 (one direction per hundred
numbers of a vector). Short vectors have no direction to spare: of them the mean alone is taken.
"""

from dataclasses import dataclass

import numpy as np

PER_DIRECTION = 100  # numbers of a vector for each direction that is taken out


@dataclass(frozen=True)
class Common:
    """What is taken out. mean: (C,). directions: (D, C), orthonormal."""

    mean: np.ndarray
    directions: np.ndarray

    def without(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors (…, C) without it."""
        centred = vectors - self.mean
        return centred - centred @ self.directions.T @ self.directions


def common_of(vectors: np.ndarray, count: int | None = None) -> Common:
    """The mean of vectors (V, C), and the `count` directions in which they vary most.

    Args:
        vectors: Of all words.
        count: Directions; one per hundred numbers if not given.
    """
    dim = vectors.shape[1]
    count = round(dim / PER_DIRECTION) if count is None else count
    mean = vectors.mean(axis=0)
    centred = (vectors - mean).astype(np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)  # the largest variance last
    return Common(mean, axes.T[::-1][: min(count, dim - 1)].astype(vectors.dtype))
