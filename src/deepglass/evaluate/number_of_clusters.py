"""How many clusters? By the silhouette of codes that the centres have not seen, in five folds.

    silhouette = (b − a) / max(a, b)

a is how far a row is from the others of its own cluster on average, b how far it is from those of the next. For every
k the centres are found among four fifths of the codes, and the silhouette is that of the last fifth. The k with the
highest mean is taken. How much the folds differ says how far that can be trusted: where clusters run into each other,
several k do about as well, and none of them is "the" number.

References:
    Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of cluster analysis,
    https://doi.org/10.1016/0377-0427(87)90125-7
"""

import numpy as np

from deepglass.evaluate.metrics.clusters import silhouettes
from deepglass.rivals import k_means

FEWEST, MOST = 2, 10  # clusters that are tried
FOLDS, BEGINNINGS = 5, 3
MOST_ROWS = 2000  # codes that are looked at: silhouettes need all distances
FEWEST_ROWS = 5  # for every cluster, or a fold has none of some

Tried = dict[str, float]  # k, the mean silhouette of the folds, and their standard deviation


def tried(codes: np.ndarray, seed: int = 0) -> list[Tried]:
    """For each k its silhouette on codes (n, K) that were left out, and how much the folds differ.

    Example:
        >>> two = np.repeat([[0.0, 0.0], [9.0, 9.0]], 30, axis=0) + np.random.default_rng(0).normal(size=(60, 2))
        >>> best(tried(two))
        2
    """
    draw = np.random.default_rng(seed)
    codes = codes[draw.permutation(len(codes))[:MOST_ROWS]]
    fold = np.arange(len(codes)) % min(FOLDS, len(codes))
    found = []
    for k in range(FEWEST, max(FEWEST, min(MOST, len(codes) // FEWEST_ROWS)) + 1):
        scores = [_left_out(codes[fold != out], codes[fold == out], k, seed) for out in np.unique(fold)]
        found.append({"k": k, "silhouette": float(np.mean(scores)), "spread": float(np.std(scores, ddof=1))})
    return found


def _left_out(codes: np.ndarray, others: np.ndarray, k: int, seed: int) -> float:
    """The silhouette of others by centres of codes; 0 where all others are in one cluster, or each in its own."""
    if len(codes) < k:
        return 0.0
    centres = k_means.fit(codes, k, seed, BEGINNINGS)
    found = silhouettes(others, k_means.distances(others, centres).argmin(axis=1))
    return 0.0 if found is None else float(found.mean())


def best(found: list[Tried]) -> int:
    """The k with the highest silhouette; the smaller of two that are level."""
    return int(max(found, key=lambda one: one["silhouette"])["k"])


def level(found: list[Tried]) -> list[int]:
    """The other k whose silhouette is below the highest by no more than the larger of both spreads."""
    first = next(one for one in found if one["k"] == best(found))
    return [
        int(one["k"])
        for one in found
        if one is not first and first["silhouette"] - one["silhouette"] <= max(first["spread"], one["spread"])
    ]
