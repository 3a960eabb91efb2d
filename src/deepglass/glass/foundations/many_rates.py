"""One small net, once per learning rate, all side by side in one computation: what does each rate come to?

    weights (R, in, out): the same start R times;  W_r ← W_r − η_r ∂loss_r / ∂W_r

The nets do not know of each other: the loss is their sum, and no weight of one is in the loss of another. A net whose
rate is too large ends in values that are no numbers, alone.
"""

from collections.abc import Sequence

import numpy as np

from ..autograd import no_grad
from ..nn import functional as F
from ..tensor import Tensor, tensor

BATCH = 50  # examples per step


def errors_by_rate(
    rates: Sequence[float], width: int, learnt: tuple[np.ndarray, np.ndarray], judges: tuple[np.ndarray, np.ndarray],
    epochs: int, seed: int = 0,
) -> np.ndarray:  # fmt: skip
    """(epochs, R) share of `judges` that a net with one hidden layer has wrong after each epoch, by learning rate.

    Args:
        rates: R learning rates of plain gradient descent on batches.
        width: Hidden units.
        learnt: Features (n, features) and classes (n,) from 0.
        judges: Likewise.
        epochs: How often everything is learnt.
        seed: Of the first weights and of the order.
    """
    (X, y), (X_judge, y_judge), rng = learnt, judges, np.random.default_rng(seed)
    R, classes = len(rates), int(y.max()) + 1
    steps = np.asarray(rates, np.float32)[:, None, None]
    weights = [tensor(np.tile(one, (R, 1, 1))).requires_grad_() for one in first(X.shape[1], width, classes, rng)]
    errors = []
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(y)), max(1, len(y) // BATCH)):
            scores = logits(weights, X[rows]).reshape(-1, classes)  # (R·B, classes)
            (R * F.cross_entropy(scores, tensor(np.tile(y[rows], R)))).backward()
            weights = [stepped(w, steps) for w in weights]
        with no_grad():
            errors.append((logits(weights, X_judge).numpy().argmax(-1) != y_judge).mean(-1))
    return np.array(errors)


def first(features: int, width: int, classes: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Weights and biases before learning, for ReLU (He et al. 2015, https://arxiv.org/abs/1502.01852)."""
    W, V = rng.normal(0, (2 / features) ** 0.5, (features, width)), rng.normal(0, width**-0.5, (width, classes))
    return [part.astype(np.float32) for part in (W, np.zeros((1, width)), V, np.zeros((1, classes)))]


def stepped(weight: Tensor, steps: np.ndarray) -> Tensor:
    """A weight (R, in, out) after a step down its gradient, of each net's own length (R, 1, 1)."""
    return tensor(weight.detach().numpy() - steps * weight.grad.numpy()).requires_grad_()  # type: ignore[union-attr]


def logits(weights: list[Tensor], x: np.ndarray) -> Tensor:
    """(R, B, classes) of examples (B, features), from every net."""
    W, b, V, c = weights
    return (tensor(x) @ W + b).relu() @ V + c
