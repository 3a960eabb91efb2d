"""Where everybody begins, with scikit-learn's names: perceptron, regressions, support vectors, a tree."""

from .decision_tree import DecisionTreeClassifier
from .linear_regression import LinearRegression
from .linear_svc import LinearSVC, hinge
from .logistic_regression import LogisticRegression
from .perceptron import Perceptron, novikoff_bound

__all__ = [
    "DecisionTreeClassifier",
    "LinearRegression",
    "LinearSVC",
    "LogisticRegression",
    "Perceptron",
    "hinge",
    "novikoff_bound",
]
