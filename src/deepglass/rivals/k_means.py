"""K-means as a rival: groups of the inputs as they are, without any network.

Lloyd (1982), Least squares quantization in PCM, https://doi.org/10.1109/TIT.1982.1056489. Computed by scikit-learn; how
it can be done by hand is read in `glass/classic/k_means.py`.
"""

import numpy as np

BEGINNINGS = 10  # by k-means++; the best ending is kept
MOST_NUMBERS = 40_000_000  # of the rows that it learns from


def fit(rows: np.ndarray, count: int, seed: int = 0, beginnings: int = BEGINNINGS) -> np.ndarray:
    """(count, D) centres of rows (n, D), that of the largest cluster first.

    Args:
        rows: To learn from; of many so many as fit into memory, evenly chosen.
        count: How many centres, at most n.
        seed: Of the beginnings.
        beginnings: How many of them.
    """
    from sklearn.cluster import KMeans  # scikit-learn takes its time

    some = np.linspace(0, len(rows) - 1, min(len(rows), max(count, MOST_NUMBERS // rows.shape[1]))).astype(int)
    found = KMeans(count, n_init=beginnings, random_state=seed).fit(rows[some].astype(np.float64))
    sizes = np.bincount(found.labels_, minlength=count)
    return found.cluster_centers_[np.argsort(-sizes, kind="stable")]


def distances(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(n, k) of rows (n, D) from centres (k, D)."""
    return np.stack([np.sqrt(((rows - centre) ** 2).sum(axis=1)) for centre in centres], axis=1)
