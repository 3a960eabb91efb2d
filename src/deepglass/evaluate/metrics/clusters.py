"""How well clusters recover groups that nobody has shown them, and how far they are apart.

ARI        pairs of examples that both partitions put together or both apart, beyond what chance would give
NMI        what the clusters tell of the labels, as a share of the mean of both entropies
silhouette how much nearer an example is to its own cluster than to the next; needs no labels

Which label belongs to which cluster does not matter, and need not be said. Intervals are bootstraps over the examples.
A resample holds some examples twice, which are together in both partitions; that lifts both scores a little, and the
interval is moved back by as much as the resamples are above the score on average.

References:
    Hubert & Arabie (1985), Comparing partitions, https://doi.org/10.1007/BF01908075
    Vinh, Epps & Bailey (2010), Information Theoretic Measures for Clusterings Comparison,
    https://www.jmlr.org/papers/v11/vinh10a.html
    Rousseeuw (1987), Silhouettes, https://doi.org/10.1016/0377-0427(87)90125-7
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import RESAMPLES, Interval, mean_interval, percentile_interval, resampled_counts
from deepglass.evaluate.scores import score

MOST_ROWS = 3000  # of a silhouette, which needs all distances between them


def evaluate(
    assigned: np.ndarray, truth: np.ndarray, rows: np.ndarray | None = None, *, seed: int = 0
) -> dict[str, Any]:
    """Agreement with the labels where there are some, and the silhouette.

    Args:
        assigned: (N,) which cluster each example is in.
        truth: (N,) its label as a number; -1 where nobody knows.
        rows: (N, K) where the silhouette is measured; without them there is none.
        seed: Of the bootstrap.

    Returns:
        "adjusted_rand_index" and "normalised_mutual_info" where there are two labels or more, "silhouette" where there
        are rows and two clusters or more.

    Example:
        >>> found = evaluate(np.array([1, 1, 0, 0]), np.array([0, 0, 2, 2]))
        >>> found["adjusted_rand_index"]["value"], found["normalised_mutual_info"]["value"]
        (1.0, 1.0)
    """
    known = truth >= 0
    details: dict[str, Any] = {"labelled": int(known.sum()), "sizes": np.bincount(assigned).tolist()}
    found = agreement(assigned[known], truth[known], seed) if len(np.unique(truth[known])) > 1 else {}
    headline = [*found] or ["silhouette"]
    of_each = None if rows is None else silhouettes(rows, assigned)
    within = score(None) if of_each is None else score(of_each.mean(), mean_interval(of_each, seed=seed))
    return {
        "kind": "clusters", "count": len(assigned), "headline": headline, **found, "silhouette": within,
        "details": details,
    }  # fmt: skip


def agreement(assigned: np.ndarray, truth: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """ARI and NMI of two partitions of (N,) examples, with intervals."""
    table = table_of(assigned, truth)
    drawn = resampled_counts(table.ravel(), resamples=RESAMPLES, rng=np.random.default_rng(seed))
    drawn = drawn.reshape(-1, *table.shape)  # (resamples, k, g)
    return {
        name: score(float(measure(table)), moved_back(float(measure(table)), measure(drawn)))
        for name, measure in (("adjusted_rand_index", adjusted_rand), ("normalised_mutual_info", mutual_information))
    }


def moved_back(value: float, samples: np.ndarray) -> Interval:
    """The interval of resamples whose mean is put upon the value; at most 1."""
    low, high = percentile_interval(samples - samples.mean() + value)
    return min(1.0, low), min(1.0, high)


def table_of(assigned: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(k, g) how many examples are in a cluster and have a label."""
    (clusters, rows), (groups, columns) = (np.unique(part, return_inverse=True) for part in (assigned, truth))
    cells = rows * len(groups) + columns
    return np.bincount(cells, minlength=len(clusters) * len(groups)).reshape(len(clusters), len(groups)).astype(float)


def adjusted_rand(tables: np.ndarray) -> np.ndarray:
    """(…) the adjusted Rand index of tables (…, k, g): 1 is the same partition, 0 what chance gives.

    Example:
        >>> float(adjusted_rand(np.array([[5.0, 0.0], [0.0, 5.0]])))
        1.0
    """
    both = _pairs(tables).sum(axis=(-2, -1))
    mine, theirs = _pairs(tables.sum(axis=-1)).sum(axis=-1), _pairs(tables.sum(axis=-2)).sum(axis=-1)
    by_chance = mine * theirs / np.maximum(_pairs(tables.sum(axis=(-2, -1))), 1)
    most = (mine + theirs) / 2 - by_chance
    return np.where(most == 0, 1.0, (both - by_chance) / np.where(most == 0, 1.0, most))


def mutual_information(tables: np.ndarray) -> np.ndarray:
    """(…) the mutual information of tables (…, k, g), divided by the mean of both entropies.

    Example:
        >>> float(mutual_information(np.array([[5.0, 5.0], [5.0, 5.0]])))
        0.0
    """
    shares = tables / tables.sum(axis=(-2, -1), keepdims=True)
    mine, theirs = _entropy(shares.sum(axis=-1)), _entropy(shares.sum(axis=-2))
    told = np.maximum(mine + theirs - _entropy(shares.reshape(*shares.shape[:-2], -1)), 0.0)
    mean = (mine + theirs) / 2
    return np.where(mean == 0, 1.0, told / np.where(mean == 0, 1.0, mean))


def _pairs(counts: np.ndarray) -> np.ndarray:
    return counts * (counts - 1) / 2


def _entropy(shares: np.ndarray) -> np.ndarray:
    """(…) of shares (…, n) in nats."""
    return -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=-1)


def silhouettes(rows: np.ndarray, assigned: np.ndarray) -> np.ndarray | None:
    """(n,) of rows (N, K), of many so many as `MOST_ROWS`, evenly chosen; None unless 2 to n − 1 clusters occur."""
    some = np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).astype(int)
    if not 1 < len(np.unique(assigned[some])) < len(some):
        return None
    from sklearn.metrics import silhouette_samples  # scikit-learn takes its time

    return np.asarray(silhouette_samples(rows[some].astype(np.float64), assigned[some]))
