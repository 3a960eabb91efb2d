"""Logistic regression on small pictures: what can be told without any idea of shapes.

picture → mean over a grid of at most 16 × 16 patches → weights for each class

It is beside the network in the report. On pictures that lie still, such as digits, it comes far; where things move
or turn, it does not, and the distance is what convolutions are for.

Cox (1958), The Regression Analysis of Binary Sequences, https://doi.org/10.1111/j.2517-6161.1958.tb00292.x
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.data.examples import Examples, in_order
from deepglass.rivals import Time

NAME = "logistic regression on pixels"
SIDE = 16  # of the grid
MOST_PICTURES = 4_000  # that it learns from, evenly spread
STRENGTHS = (
    0.03,
    0.003,
    0.3,
)  # of the weights' penalty, as scikit-learn's C for standardised inputs; the likeliest first
STEPS = 200  # of the solver


class Pixels(nn.Module):
    """Patches (B, C, H, W) → logits (B, K).

    Args:
        weight: (K, C·side²), bias: (K,): of standardised patches.
        mean, std: (C·side²,) of the patches.
    """

    def __init__(self, weight: Tensor, bias: Tensor, mean: Tensor, std: Tensor):
        super().__init__()
        for name, part in (("weight", weight), ("bias", bias), ("mean", mean), ("std", std)):
            self.register_buffer(name, part)

    def forward(self, images: Tensor) -> Tensor:
        return F.linear((patches_of(images) - self.mean) / self.std, self.weight, self.bias)  # type: ignore[arg-type,operator]


def patches_of(images: Tensor) -> Tensor:
    """(B, C, H, W) → (B, C·side²), means over a grid."""
    height, width = (min(SIDE, size) for size in images.shape[2:])
    return F.adaptive_avg_pool2d(images.float(), (height, width)).flatten(1)


def fit(train: Examples, val: Examples, num_classes: int, time: Time) -> Pixels | None:
    """The penalty that validates best, as far as the time allows; None without any time, or without two classes.

    Args:
        train: Pictures as the network sees them, without augmentation.
    """
    from sklearn.linear_model import LogisticRegression

    X, y = _patches(train)
    X_val, y_val = _patches(val)
    if time.is_up() or len(np.unique(y)) < 2:
        return None
    mean, std = X.mean(axis=0), X.std(axis=0) + 1e-6
    best: tuple[float, Any] | None = None
    for strength in STRENGTHS:
        if best is not None and time.is_up():
            break
        model = LogisticRegression(C=strength, max_iter=STEPS).fit((X - mean) / std, y)
        loss = _loss(model, (X_val - mean) / std, y_val)
        if best is None or loss < best[0]:
            best = loss, model
    assert best is not None
    weight, bias = _of_all_classes(best[1], num_classes)
    return Pixels(*(torch.from_numpy(part.astype(np.float32)) for part in (weight, bias, mean, std)))


def all_patches(examples: Examples) -> np.ndarray:
    """(N, C·side²) of all pictures."""
    found = [patches_of(batch[0]).cpu() for batch in in_order(examples, 512, torch.device("cpu"))]
    return torch.cat(found).numpy()


def _patches(examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    step = max(1, len(examples) // MOST_PICTURES)
    found = [
        (patches_of(images[::step]).cpu(), targets[::step].cpu())
        for images, targets in in_order(examples, 512 * step, torch.device("cpu"))
    ]
    patches, targets = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
    return patches, targets


def _loss(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    known = np.isin(y, model.classes_)
    probs = np.clip(model.predict_proba(X[known]), 1e-9, 1)
    places = np.searchsorted(model.classes_, y[known])
    return float(-np.log(probs[np.arange(len(places)), places]).mean()) if known.any() else 0.0


def _of_all_classes(model: Any, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases with a row for each class; those that training had no picture of are as good as impossible."""
    weight, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row stands for two
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    rows, offsets = np.zeros((num_classes, weight.shape[1])), np.full(num_classes, -30.0)
    rows[model.classes_], offsets[model.classes_] = weight, bias
    return rows, offsets
