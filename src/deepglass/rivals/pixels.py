"""Logistic regression on small pictures: what can be told without any idea of shapes.

picture → mean over a grid of at most 16 × 16 patches → weights for each class

It is beside the network in the report. On pictures that lie still, such as digits, it comes far; where things move
or turn, it does not, and the distance is what convolutions are for. Of a few pictures of many classes it learns in
seconds what a network that begins with nothing needs many minutes for: where the validation part says so, both answer
together.

Cox (1958), The Regression Analysis of Binary Sequences, https://doi.org/10.1111/j.2517-6161.1958.tb00292.x
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.core.state import require
from deepglass.data.examples import Examples, in_order
from deepglass.rivals import Part, Rival, Time

NAME = "logistic regression on pixels"
SIDE = 16  # of the grid
MOST_PICTURES = 4_000  # that it learns from, evenly spread
STRENGTHS = (
    0.03,
    0.003,
    0.3,
)  # of the weights' penalty, as scikit-learn's C for standardised inputs; the likeliest first
STEPS = 200  # of the solver


class Pixels(Part):
    """Patches (B, C, H, W) → logits (B, K).

    Buffers:
        weight: (K, C·side²), bias: (K,): of standardised patches.
        mean, std: (C·side²,) of the patches.
    """

    def require_fit(self, *inputs: Tensor) -> None:
        """No patch is divided by nothing."""
        require(bool((self.std > 0).all()), "deviations of patches above 0")  # type: ignore[operator]

    def forward(self, images: Tensor) -> Tensor:
        return self.logits(patches_of(images))

    def logits(self, patches: Tensor) -> Tensor:
        """(B, C·side²) → (B, K)"""
        return F.linear((patches - self.mean) / self.std, self.weight, self.bias)  # type: ignore[arg-type,operator]


def patches_of(images: Tensor) -> Tensor:
    """(B, C, H, W) → (B, C·side²), means over a grid; as two products, which every format of an export knows."""
    rows, columns = (means_over(size).to(images.device) for size in images.shape[2:])
    return (rows @ images.float() @ columns.T).flatten(1)


def means_over(size: int) -> Tensor:
    """(side, size) of pixels in a line the means over at most `SIDE` stretches, which may share a pixel."""
    side = min(SIDE, size)
    begins = [i * size // side for i in range(side)]
    ends = [-(-(i + 1) * size // side) for i in range(side)]
    weights = torch.zeros(side, size)
    for i, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        weights[i, begin:end] = 1 / (end - begin)
    return weights


def rival(train: Examples, val: Examples, num_classes: int, time: Time) -> Rival | None:
    """Beside a network that is judged by `val`: fitted on `train` for what it says there, then on both.

    None where there is no time, or where there are more pictures than it learns from.

    Args:
        train: Pictures as the network sees them, without augmentation.
    """
    if len(train) + len(val) > MOST_PICTURES:
        return None
    best = _preferred(train, val, time)
    if best is None:
        return None
    strength, model, scale = best
    (X, y), (X_val, y_val) = _patches(train), _patches(val)
    own = _part(model, num_classes, scale)
    with torch.no_grad():
        held_out = own.logits(torch.from_numpy(X_val)).softmax(dim=1).numpy()
    both = _fitted(np.concatenate([X, X_val]), np.concatenate([y, y_val]), strength)
    return Rival(NAME, held_out, _part(both[0], num_classes, both[1]))


def fit(train: Examples, val: Examples, num_classes: int, time: Time) -> Pixels | None:
    """The penalty that validates best, as far as the time allows; None without any time, or without two classes.

    Args:
        train: Pictures as the network sees them, without augmentation.
    """
    best = _preferred(train, val, time)
    return _part(best[1], num_classes, best[2]) if best else None


Scale = tuple[np.ndarray, np.ndarray]  # mean and deviation of each patch


def _preferred(train: Examples, val: Examples, time: Time) -> tuple[float, Any, Scale] | None:
    """The penalty that validates best, with what was fitted under it."""
    X, y = _patches(train)
    X_val, y_val = _patches(val)
    if time.is_up() or len(np.unique(y)) < 2:
        return None
    best: tuple[float, float, Any, Scale] | None = None
    for strength in STRENGTHS:
        if best is not None and time.is_up():
            break
        model, (mean, std) = _fitted(X, y, strength)
        loss = _loss(model, (X_val - mean) / std, y_val)
        if best is None or loss < best[0]:
            best = loss, strength, model, (mean, std)
    assert best is not None
    return best[1:]


def _fitted(X: np.ndarray, y: np.ndarray, strength: float) -> tuple[Any, Scale]:
    from sklearn.linear_model import LogisticRegression

    mean, std = X.mean(axis=0), X.std(axis=0) + 1e-6
    return LogisticRegression(C=strength, max_iter=STEPS).fit((X - mean) / std, y), (mean, std)


def _part(model: Any, num_classes: int, scale: Scale) -> Pixels:
    weight, bias = of_all_classes(model, num_classes)
    names = ("weight", "bias", "mean", "std")
    arrays = (np.ascontiguousarray(array, np.float32) for array in (weight, bias, *scale))
    return Pixels.of({name: torch.from_numpy(array) for name, array in zip(names, arrays, strict=True)}, {})  # type: ignore[return-value]


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


def of_all_classes(model: Any, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases with a row for each class; those that training had no picture of are as good as impossible."""
    weight, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row stands for two
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    rows, offsets = np.zeros((num_classes, weight.shape[1])), np.full(num_classes, -30.0)
    rows[model.classes_], offsets[model.classes_] = weight, bias
    return rows, offsets
