"""What all lines between two classes have in common, however they are learned."""

import numpy as np

from .inputs import check_classes, check_table


class TwoClasses:
    """A line w·x + b = 0 with a class on either side; `coef_`, `intercept_` and `classes_` are learned by `fit`."""

    def check(self, X, y):
        """X as numbers, and −1 or 1 for each row; keeps the names of the classes.

        Raises:
            ValueError: If there are not exactly two classes, or X and y do not fit.
        """
        X, y = check_table(X, y)
        self.classes_, numbers = check_classes(y)
        if len(self.classes_) != 2:
            name = type(self).__name__
            raise ValueError(f"{name}: expected two classes, got {len(self.classes_)}: see LogisticRegression")
        return X, 2.0 * numbers - 1

    def decision_function(self, X):
        """w·x + b for each row: positive on the side of the second class."""
        return check_table(X, num_features=self.coef_.shape[1]) @ self.coef_[0] + self.intercept_

    def predict(self, X):
        return self.classes_[(self.decision_function(X) > 0).astype(int)]

    def score(self, X, y):
        """Share of rows that are right."""
        return float((self.predict(X) == np.asarray(y)).mean())
