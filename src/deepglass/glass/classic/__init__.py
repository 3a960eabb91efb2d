"""Where everybody begins, with scikit-learn's names: perceptron, linear and logistic regression, support vectors."""

from .linear_regression import LinearRegression
from .linear_svc import LinearSVC, hinge
from .logistic_regression import LogisticRegression
from .perceptron import Perceptron, novikoff_bound

__all__ = ["LinearRegression", "LinearSVC", "LogisticRegression", "Perceptron", "hinge", "novikoff_bound"]
