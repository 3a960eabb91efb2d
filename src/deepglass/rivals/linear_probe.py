"""A linear probe: how much of the classes can be read off some features by a linear map alone?

    features ── standardised ── W·f + b ── classes        logistic regression; the features stay as they are

It judges features and is no part of them: whoever made them never saw a label. The same probe on the features of a
network that learnt nothing, and on the inputs themselves, says what the learning was good for.

Alain & Bengio (2016), Understanding intermediate layers using linear classifier probes,
https://arxiv.org/abs/1610.01644; as the measure of learning without labels: Zhang, Isola & Efros (2016), Colorful
Image Colorization, https://arxiv.org/abs/1603.08511.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.state import read, require
from deepglass.rivals.pixels import of_all_classes

STRENGTHS = (0.1, 0.01, 1.0)  # of the weights' penalty, as scikit-learn's C for standardised features
STEPS = 200  # of the solver
MOST_ROWS = 4_000  # that it learns from, evenly spread
LEAST = 1e-6  # of a probability: one certain mistake must not outweigh all else


@dataclass(frozen=True)
class Probe:
    """A fitted probe.

    weight: (K, C), bias: (K,), of standardised features; mean, std: (C,) of the features.
    """

    weight: np.ndarray
    bias: np.ndarray
    mean: np.ndarray
    std: np.ndarray

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(N, K) probabilities of the classes, of features (N, C)."""
        logits = (features - self.mean) / self.std @ self.weight.T + self.bias
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        return chances / chances.sum(axis=1, keepdims=True)

    def state(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {name: np.round(getattr(self, name), 6).tolist() for name in ("weight", "bias", "mean", "std")}

    @classmethod
    def from_state(cls, state: Any) -> "Probe":
        """What `state` gave.

        Raises:
            ValueError: If it is no probe.
        """
        weight = read(state, "weight", list[list[float]])
        bias, mean, std = (np.array(read(state, name, list[float])) for name in ("bias", "mean", "std"))
        require(len(weight) == len(bias) > 1, "a row of weights for each of two classes or more")
        require(len(mean) == len(std) > 0 and bool((std > 0).all()), "deviations of features above 0")
        require(all(len(row) == len(mean) for row in weight), f"rows of {len(mean)} weights")
        return cls(np.array(weight), bias, mean, std)


def fit(train: tuple[np.ndarray, np.ndarray], val: tuple[np.ndarray, np.ndarray], num_classes: int) -> Probe | None:
    """The probe whose penalty validates best; None where the labelled examples are all of one class.

    Args:
        train: Features (N, C) and classes (N,), -1 where nobody knows; of many so many as it learns from.
        val: The same, of examples that choose the penalty.
        num_classes: K.
    """
    (X, y), (X_val, y_val) = _labelled(*train), _labelled(*val)
    if len(np.unique(y)) < 2:
        return None
    mean, std = X.mean(axis=0), X.std(axis=0) + 1e-6
    best: tuple[float, Probe] | None = None
    for strength in STRENGTHS if len(y_val) else STRENGTHS[:1]:
        probe = _fitted((X - mean) / std, y, strength, num_classes, mean, std)
        loss = float(surprise(probe(X_val), y_val).mean()) if len(y_val) else 0.0
        if best is None or loss < best[0]:
            best = loss, probe
    assert best is not None
    return best[1]


def surprise(chances: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """(N,) −log of the probability of the true class."""
    return -np.log(np.clip(chances[np.arange(len(classes)), classes], LEAST, 1))


def _labelled(features: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.flatnonzero(classes >= 0)
    some = known[np.linspace(0, len(known) - 1, min(len(known), MOST_ROWS)).astype(int)]
    return features[some].astype(np.float64), classes[some]


def _fitted(X: np.ndarray, y: np.ndarray, strength: float, num_classes: int, *scale: np.ndarray) -> Probe:
    from sklearn.linear_model import LogisticRegression  # scikit-learn takes its time

    weight, bias = of_all_classes(LogisticRegression(C=strength, max_iter=STEPS).fit(X, y), num_classes)
    return Probe(weight, bias, *scale)
