"""Principal components by power iteration: the directions in which rows are spread most.

Pearson (1901), On Lines and Planes of Closest Fit to Systems of Points in Space,
https://doi.org/10.1080/14786440109462720; Hotelling (1933), Analysis of a complex of statistical variables into
principal components, https://doi.org/10.1037/h0071325, who also found them one after the other, by power and
deflation.
"""

import numpy as np

from .inputs import check_table

ROUNDING = 1e-24  # share of the squared spread below which nothing but rounding is left


class PCA:
    """codes = (X − mean)·Wᵀ, and back: X ≈ codes·W + mean, with the least squared error that a linear code can have.

    A direction w is pulled towards the rows that lie along it: w ← Σ (xᵢ·w) xᵢ, made as long as 1 again. Step by step
    it turns into the direction of the largest spread, the faster the more that spread is above the next. Then what
    lies along it is taken out of all rows, and the next direction is found in what is left.

    Args:
        n_components: How many directions K, at most the number of features.
        max_iter: Steps of one direction at most.
        tol: Stop when a step turns a direction by less.
        seed: Of the directions to begin with.

    Attributes:
        mean_: Of the rows, shape (n_features,).
        components_: W, shape (K, n_features), of length 1 and at right angles.
        explained_variance_: The variance of the rows along each.
        n_iter_: Steps that each direction took.

    Raises:
        ValueError: If `n_components` is below 1.

    Example:
        >>> PCA(1).fit([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]).components_.round(4).tolist()
        [[0.7071, 0.7071]]
    """

    def __init__(self, n_components, max_iter=10_000, tol=1e-10, seed=0):
        if n_components < 1:
            raise ValueError(f"PCA: expected 1 component or more, got {n_components}")
        self.n_components, self.max_iter, self.tol, self.seed = n_components, max_iter, tol, seed

    def fit(self, X):
        """Find the directions of X (n_samples, n_features).

        Raises:
            ValueError: If there are fewer features than components, or X does not fit.
        """
        X = check_table(X)
        if X.shape[1] < self.n_components:
            raise ValueError(f"X: expected at least {self.n_components} features, got {X.shape[1]}")
        draw, found, self.n_iter_ = np.random.default_rng(self.seed), [], []
        self.mean_, left = X.mean(0), X - X.mean(0)
        for _ in range(self.n_components):
            w, steps = self.direction(left, draw.normal(size=X.shape[1]), found)
            left = left - np.outer(left @ w, w)
            if np.square(left).sum() < ROUNDING * np.square(X - self.mean_).sum():
                left[:] = 0.0
            found.append(w)
            self.n_iter_.append(steps)
        self.components_ = np.array(found)
        self.explained_variance_ = ((X - self.mean_) @ self.components_.T).var(0, ddof=1)
        return self

    def direction(self, rows, w, found=()):
        """The direction of the largest spread of rows around 0, from a first w on; its largest entry is above 0."""
        steps, moved = 0, np.inf
        while moved > self.tol and steps < self.max_iter:
            before, w, steps = w, turned(rows, w, found), steps + 1
            moved = np.abs(w - before).max()
        return w * np.sign(w[np.abs(w).argmax()]), steps

    def transform(self, X):
        """Codes (n_samples, K)."""
        return (check_table(X, num_features=len(self.mean_)) - self.mean_) @ self.components_.T

    def inverse_transform(self, codes):
        """Rows (n_samples, n_features) that are made of codes."""
        return np.asarray(codes) @ self.components_ + self.mean_


def turned(rows, w, found=()):
    """One step of the power iteration: rows (n, D) pull w (D,) along, each by as much as it lies along w.

    Args:
        rows: Around 0.
        w: The direction, of any length.
        found: Directions (D,) at right angles to which w has to stay, against rounding.
    """
    pulled = rows.T @ (rows @ w)
    if not pulled.any():  # nothing is spread any more: any direction will do
        pulled = w
    for other in found:
        pulled = pulled - (pulled @ other) * other
    return pulled / np.linalg.norm(pulled)
