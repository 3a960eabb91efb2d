"""Logistic regression on what is known of a node itself: what the links add is what a network is better by.

Cox (1958), The Regression Analysis of Binary Sequences, https://doi.org/10.1111/j.2517-6161.1958.tb00292.x
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.rivals.label_propagation import Simple, accuracy
from deepglass.rivals.pixels import of_all_classes

NAME = "logistic regression on each node alone"
STRENGTHS = (1.0, 10.0, 100.0, 1000.0)  # scikit-learn's C; words of a paper are small numbers
STEPS = 500  # of the solver


class NodeRegression(nn.Module):
    """features (1, N, F), adjacency, nodes (M,) → logits (M, K); the links are not looked at."""

    def __init__(self, weight: np.ndarray, bias: np.ndarray):
        super().__init__()
        for name, array in (("weight", weight), ("bias", bias)):
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(array, np.float32)))

    def forward(self, features: Tensor, adjacency: Tensor, nodes: Tensor) -> Tensor:
        return F.linear(features[0, nodes], self.weight, self.bias)  # type: ignore[arg-type]


def fit(train: Sequence[Tensor], val: Sequence[Tensor], num_classes: int) -> list[Simple]:
    """With the penalty that answers the validation nodes best; none without two classes.

    Args:
        train: Features, adjacency, nodes and targets; likewise `val`.
        num_classes: K.
    """
    from sklearn.linear_model import LogisticRegression

    features, _, nodes, targets = (part.cpu() for part in train)
    X, y = features[0, nodes].numpy(), targets.numpy()
    if len(np.unique(y)) < 2:
        return []
    found = [LogisticRegression(C=strength, max_iter=STEPS).fit(X, y) for strength in STRENGTHS]
    models = [NodeRegression(*of_all_classes(one, num_classes)) for one in found]
    scores = [accuracy(model, val) for model in models]
    best = max(range(len(models)), key=scores.__getitem__)
    return [Simple(NAME, models[best], scores[best])]
