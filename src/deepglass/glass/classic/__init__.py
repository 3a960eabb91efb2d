"""Where everybody begins: the perceptron, linear and logistic regression, with scikit-learn's names."""

from .linear_regression import LinearRegression
from .logistic_regression import LogisticRegression
from .perceptron import Perceptron, novikoff_bound

__all__ = ["LinearRegression", "LogisticRegression", "Perceptron", "novikoff_bound"]
