"""A linear machine with hinge loss: the line with the widest empty road on both sides (support vector machine).

Cortes and Vapnik (1995), Support-Vector Networks, https://doi.org/10.1007/BF00994018; learned by dual coordinate
descent: Hsieh et al. (2008), https://doi.org/10.1145/1390156.1390208 (their αᵢ is our `shares`).
"""

import numpy as np

from .two_classes import TwoClasses


def hinge(margins):
    """max(0, 1 − m): nothing for a row that is right by at least 1, a straight slope for all others."""
    return np.maximum(0.0, 1.0 - np.asarray(margins))


class LinearSVC(TwoClasses):
    """ŷ = sign(w·x + b) with the least ‖w‖²/2 + b²/2 + C·Σ hinge(yᵢ·(w·xᵢ + b)), y being −1 or 1.

    The road between w·x + b = −1 and 1 is 2/‖w‖ wide; C says what a row that stands on it costs. In the best solution
    w = Σ αᵢ·yᵢ·xᵢ with 0 ≤ αᵢ ≤ C, and αᵢ > 0 for the rows at the edge of the road, on it, or on the wrong side: the
    *support vectors*. All others could be left out. One αᵢ after the other is set to its best value, which is a line of
    algebra, until none moves. As in scikit-learn the offset b is the weight of a column of ones, held back like others.

    Args:
        C: Price of a row inside the road; larger follows the data, smaller prefers a wide road.
        max_iter: Rounds over all rows at most.
        tol: Stop when the largest violation of the optimum in a round is below.
        seed: Of the order in which the rows are visited.

    Attributes:
        coef_: w, shape (1, n_features).
        intercept_: b, shape (1,).
        classes_: The two classes; the second lies on the positive side.
        support_: The numbers of the rows that carry the line.
        n_iter_: Rounds over all rows.

    Raises:
        ValueError: If `C` is not above 0.

    Example:
        >>> model = LinearSVC().fit([[0.0], [1.0], [3.0], [4.0]], ["low", "low", "high", "high"])
        >>> model.predict([[0.5], [3.5]]).tolist()
        ['low', 'high']
    """

    def __init__(self, C=1.0, max_iter=5000, tol=1e-8, seed=0):
        if C <= 0:
            raise ValueError(f"LinearSVC: expected C > 0, got {C}")
        self.C, self.max_iter, self.tol, self.seed = C, max_iter, tol, seed

    def fit(self, X, y):
        """Learn from X (n_samples, n_features) and two classes y (n_samples).

        Raises:
            ValueError: If there are not exactly two classes, or X and y do not fit.
        """
        X, signs = self.check(X, y)
        rows = np.column_stack([X, np.ones(len(X))]) * signs[:, None]  # yᵢ·(xᵢ, 1)
        lengths, shares, w = (rows * rows).sum(1), np.zeros(len(X)), np.zeros(rows.shape[1])
        draw, worst, self.n_iter_ = np.random.default_rng(self.seed), np.inf, 0
        while worst > self.tol and self.n_iter_ < self.max_iter:
            worst, self.n_iter_ = 0.0, self.n_iter_ + 1
            for i in draw.permutation(len(X)):
                slope = rows[i] @ w - 1  # of the dual objective, by αᵢ
                best = min(max(shares[i] - slope / lengths[i], 0.0), self.C)
                worst = max(worst, abs(best - shares[i]) * lengths[i])
                w += (best - shares[i]) * rows[i]
                shares[i] = best
        self.coef_, self.intercept_, self.support_ = w[None, :-1], w[-1:], np.flatnonzero(shares)
        return self
