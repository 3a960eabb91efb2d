"""Principal components as a rival: no linear code of as many numbers makes the training rows again with less error.

Pearson (1901), On Lines and Planes of Closest Fit to Systems of Points in Space,
https://doi.org/10.1080/14786440109462720; that nothing linear is better: Eckart & Young (1936), The approximation of
one matrix by another of lower rank, https://doi.org/10.1007/BF02288367. Computed by scikit-learn; how it can be done
by hand is read in `glass/classic/pca.py`.
"""

from dataclasses import dataclass

import numpy as np

MOST_NUMBERS = 40_000_000  # of the rows that it learns from


@dataclass(frozen=True)
class Plane:
    """mean: (D,) of the rows; components: (K, D), of length 1 and at right angles."""

    mean: np.ndarray
    components: np.ndarray

    def answer(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Codes (n, K) of rows (n, D), and the mean squared error (n,) of what is made of them."""
        codes = (rows - self.mean) @ self.components.T
        return codes, ((codes @ self.components + self.mean - rows) ** 2).mean(axis=1)


def fit(rows: np.ndarray, count: int, seed: int = 0) -> Plane:
    """The plane through the mean of rows (n, D) along which they are spread most.

    Args:
        rows: To learn from.
        count: K, at most the smaller of n and D; 0 leaves the mean alone.
        seed: Of the solver for large data.
    """
    mean = rows.mean(axis=0)
    if count == 0:
        return Plane(mean, np.zeros((0, rows.shape[1]), rows.dtype))
    from sklearn.decomposition import PCA  # scikit-learn takes its time

    components = np.asarray(PCA(count, random_state=seed).fit(rows).components_, rows.dtype)
    return Plane(mean, components)


def spread(rows: np.ndarray) -> float:
    """The mean squared deviation of a number of rows (n, D) from its mean."""
    return float(rows.var(axis=0, dtype=np.float64).mean())
