"""Isolation forest as a rival: what random cuts separate from the rest early is unusual.

Liu, Ting & Zhou (2008), Isolation Forest, https://doi.org/10.1109/ICDM.2008.17. Computed by scikit-learn.
"""

from collections.abc import Callable

import numpy as np

NUM_TREES = 100  # as in the paper: path lengths have settled by then


def fit(rows: np.ndarray, seed: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """A function from rows (n, D) to scores (n,) in (0, 1], higher where a row is more unusual.

    Args:
        rows: (N, D) to learn from; each tree sees 256 of them.
        seed: Of the cuts.
    """
    from sklearn.ensemble import IsolationForest  # scikit-learn takes its time

    forest = IsolationForest(n_estimators=NUM_TREES, random_state=seed).fit(rows)
    return lambda new: -forest.score_samples(new)
