"""Fisher's directions: those along which classes lie far apart beside how far each is spread; Fisherfaces of pictures.

    rows ── principal components ── directions W that maximise |WᵀS_bW| / |WᵀS_wW| ── codes (at most K − 1 numbers)

S_b is the spread of the means of the classes, S_w the spread within them, shrunk towards a ball: of fewer rows than
numbers it has no inverse. The components before do the same. Computed by scikit-learn.

References:
    Fisher (1936), The use of multiple measurements in taxonomic problems,
    https://doi.org/10.1111/j.1469-1809.1936.tb02137.x
    Belhumeur, Hespanha & Kriegman (1997), Eigenfaces vs. Fisherfaces, https://doi.org/10.1109/34.598228
"""

from dataclasses import dataclass

import numpy as np

from deepglass.rivals import principal

SHRINKAGE = 0.03  # of the spread within classes, towards a ball
ROWS_PER_COMPONENT = 2  # so many rows for each component, at least


@dataclass(frozen=True)
class Directions:
    """origin: (D,) the mean of the rows; weights: (K, D) one direction each, the strongest first."""

    origin: np.ndarray
    weights: np.ndarray

    def answer(self, rows: np.ndarray) -> np.ndarray:
        """Codes (n, K) of rows (n, D)."""
        return (rows - self.origin) @ self.weights.T


def fit(rows: np.ndarray, classes: np.ndarray, count: int, seed: int = 0) -> Directions:
    """At most `count` directions: one fewer than there are classes, and none where no class has two rows.

    Args:
        rows: (n, D) to learn from.
        classes: (n,) of them.
        count: K, at most.
        seed: Of the solver for large data.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis  # scikit-learn takes its time

    kinds = len(np.unique(classes))
    components = min(len(rows) // ROWS_PER_COMPONENT, *rows.shape)
    if kinds < 2 or kinds == len(rows) or components < 1:
        return Directions(rows.mean(axis=0), np.zeros((0, rows.shape[1]), rows.dtype))
    plane = principal.fit(rows, components, seed)
    codes = plane.answer(rows)[0]
    found = LinearDiscriminantAnalysis(solver="eigen", shrinkage=SHRINKAGE).fit(codes, classes)
    weights = found.scalings_[:, : min(count, kinds - 1)].T @ plane.components
    return Directions(plane.mean, np.asarray(weights, rows.dtype))
