"""The perceptron: the first machine that learned (Rosenblatt 1958, https://doi.org/10.1037/h0042519).

A line decides. Whenever it is wrong about a point, it turns towards the point. Novikoff (1962) proved how many mistakes
that can take at most, if some line is right about all points; if none is, as for XOR, the line never rests (Minsky &
Papert 1969).
"""

import numpy as np

from ..tensor import tensor
from .inputs import check_table
from .two_classes import TwoClasses


class Perceptron(TwoClasses):
    """ŷ = step(w·x + b); after a mistake w ← w ± x, b ← b ± 1.

    Args:
        max_iter: How often to go through all points at most; XOR would go on for ever.

    Attributes:
        coef_: w, shape (1, n_features).
        intercept_: b, shape (1,).
        mistakes_: Mistakes made while learning, each of them one update.
        n_iter_: How often it went through the points.
        converged_: Whether the last time was without a mistake.
        classes_: The two classes; the second lies on the positive side.

    Example:
        >>> p = Perceptron().fit([[0.0, 1.0], [1.0, 0.0]], ["left", "right"])
        >>> p.predict([[2.0, 0.0]]).tolist(), p.converged_
        (['right'], True)
    """

    def __init__(self, max_iter=1000):
        self.max_iter = max_iter

    def fit(self, X, y):
        """Learn from X (n_samples, n_features) and two classes y (n_samples).

        Raises:
            ValueError: If there are not exactly two classes, or X and y do not fit.
        """
        X, signs = self.check(X, y)
        points, signs = tensor(X), tensor(signs)  # a class is -1 or 1
        w, b = tensor(np.zeros(X.shape[1])), tensor(np.zeros(1))
        self.mistakes_, self.n_iter_, self.converged_ = 0, 0, False
        while self.n_iter_ < self.max_iter and not self.converged_:
            self.n_iter_ += 1
            before = self.mistakes_
            for x, sign in zip(points, signs):
                if sign * (x @ w + b) <= 0:  # wrong, or undecided
                    w += sign * x
                    b += sign
                    self.mistakes_ += 1
            self.converged_ = self.mistakes_ == before
        self.coef_, self.intercept_ = w.numpy()[None], b.numpy()
        return self


def novikoff_bound(X, y, w, b):
    """(R/γ)²: the most mistakes a perceptron can make on points that the line w·x + b = 0 separates.

    R is the length of the longest point, γ the smallest distance from the line; both with a 1 appended to each point,
    which makes b one of the weights.

    Args:
        X: Points (n_samples, n_features).
        y: Signs (n_samples), -1 or 1.
        w: Weights of any line that separates them; the wider its margin, the lower the bound.
        b: Its offset.

    Raises:
        ValueError: If the line does not separate the points.
    """
    X, y = check_table(X, y)
    points = np.column_stack([X, np.ones(len(X))])
    line = np.append(w, b)
    margin = (y * (points @ line)).min() / np.linalg.norm(line)
    if margin <= 0:
        raise ValueError(f"novikoff_bound: expected a line with all points on their side, got margin {margin:.3g}")
    return float((np.linalg.norm(points, axis=1).max() / margin) ** 2)
