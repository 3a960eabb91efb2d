"""Where everybody begins, with scikit-learn's names: perceptron, regressions, a tree, components, clusters, …"""

from .decision_tree import DecisionTreeClassifier
from .factorisation import Factorisation
from .k_means import KMeans
from .linear_regression import LinearRegression
from .linear_svc import LinearSVC, hinge
from .logistic_regression import LogisticRegression
from .pca import PCA
from .perceptron import Perceptron, novikoff_bound

__all__ = [
    "PCA",
    "DecisionTreeClassifier",
    "Factorisation",
    "KMeans",
    "LinearRegression",
    "LinearSVC",
    "LogisticRegression",
    "Perceptron",
    "hinge",
    "novikoff_bound",
]
