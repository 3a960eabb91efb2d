"""A decision tree: one question after the other, each about one column (Breiman et al., 1984, CART)."""

import numpy as np

from .inputs import check_classes, check_table


class DecisionTreeClassifier:
    """Is column j at most t? Left or right, and the next question, until all rows of a place are of one class.

    The question that is asked leaves the two sides purest: it makes Σ nₖ²/n, over the counts nₖ of the classes on a
    side and summed over both sides, as large as possible, which is Gini's index of impurity as small as possible. Every
    question is chosen for itself: no later one is thought of.

    Args:
        max_depth: Questions in a row at most; None asks until there is nothing left to ask.

    Attributes:
        classes_: The classes, sorted.
        root_: A leaf, the number of a class; or (column, threshold, left, right), the last two being trees again.

    Raises:
        ValueError: If `max_depth` is below 0.

    Example:
        >>> tree = DecisionTreeClassifier().fit([[1.0], [2.0], [5.0]], ["low", "low", "high"])
        >>> tree.root_
        (0, 3.5, 1, 0)
        >>> tree.predict([[4.0]]).tolist()
        ['high']
    """

    def __init__(self, max_depth=None):
        if max_depth is not None and max_depth < 0:
            raise ValueError(f"DecisionTreeClassifier: expected max_depth of at least 0, got {max_depth}")
        self.max_depth = max_depth

    def fit(self, X, y):
        """Learn from X (n_samples, n_features) and classes y (n_samples).

        Raises:
            ValueError: If there is only one class, or X and y do not fit.
        """
        X, y = check_table(X, y)
        self.classes_, numbers = check_classes(y)
        self.num_features_ = X.shape[1]
        self.root_ = self._grow(X, np.eye(len(self.classes_))[numbers], depth=0)
        return self

    def _grow(self, X, hot, depth):
        """The tree of these rows, `hot` (n, n_classes) being 1 at their class."""
        question = None
        if depth != self.max_depth and (hot.sum(0) > 0).sum() > 1:
            question = best_question(X, hot)
        if question is None:
            return int(hot.sum(0).argmax())
        column, threshold = question
        left = X[:, column] <= threshold
        return column, threshold, *(self._grow(X[side], hot[side], depth + 1) for side in (left, ~left))

    def predict(self, X):
        X = check_table(X, num_features=self.num_features_)
        return self.classes_[[self._follow(self.root_, row) for row in X]]

    def _follow(self, tree, row):
        while isinstance(tree, tuple):
            column, threshold, left, right = tree
            tree = left if row[column] <= threshold else right
        return tree

    def score(self, X, y):
        """Share of rows that are right."""
        return float((self.predict(X) == np.asarray(y)).mean())


def best_question(X, hot):
    """The column and the threshold that leave both sides purest; None if all rows are alike.

    All thresholds of all columns are tried at once: sorted along a column, the first rows are the left side.
    """
    if len(X) < 2:
        return None
    order = X.argsort(0, kind="stable")  # (n, n_features)
    values, left = np.take_along_axis(X, order, 0), hot[order].cumsum(0)[:-1]  # (n − 1, n_features, n_classes)
    counts = np.arange(1, len(X))[:, None]
    purity = (left**2).sum(-1) / counts + ((hot.sum(0) - left) ** 2).sum(-1) / (len(X) - counts)
    purity[values[1:] <= values[:-1]] = -1  # nothing lies between equal values
    row, column = np.unravel_index(purity.argmax(), purity.shape)
    if purity[row, column] < 0:
        return None
    below, above = values[row, column], values[row + 1, column]
    middle = below / 2 + above / 2
    return int(column), float(middle if below <= middle < above else below)  # two neighbours may have no number between
