"""Logistic regression of each label by itself, on the inputs as a linear model sees them.

    p(label) = σ(w·x + b)          minimise Σ log-loss + ½·penalty·‖w‖², all labels of a block at once

The strong simple model beside a network for several labels. The labels do not share a weight, so that blocks of them
are fitted one after the other, which bounds memory; how strongly weights are pulled towards zero is chosen by the
validation examples.

Boutell et al. (2004), Learning Multi-label Scene Classification, https://doi.org/10.1016/j.patcog.2004.03.009 (their
binary relevance); Liu & Nocedal (1989), On the Limited Memory BFGS Method, https://doi.org/10.1007/BF01589116.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from deepglass.rivals import Time

PENALTIES = (0.3, 1.0, 0.1)  # on the squared weights, the likeliest first
MOST_STEPS = 60  # of the solver; what has not settled by then is near enough
MOST_WEIGHTS = 1_000_000  # of a block of labels
MEMORY = 5  # steps that the solver remembers
LEAST = 1e-6  # of a probability: one certain mistake must not outweigh all else


class View(NamedTuple):
    """Examples as rows of numbers, dense or sparse: (N, D) of each split."""

    name: str
    train: Any
    val: Any
    test: Any


@dataclass(frozen=True)
class Fitted:
    """What it says of the validation and the test examples: probabilities (N, L)."""

    name: str
    of_val: np.ndarray
    of_test: np.ndarray


def fit(views: list[View], train: np.ndarray, val: np.ndarray, time: Time) -> Fitted | None:
    """The view and the penalty that validate best, as far as the time allows; None without any time.

    Args:
        views: Of the same examples.
        train: Which labels hold, (N, L) of the training examples.
        val: Those of the validation examples.
        time: That the fits may take.
    """
    best: tuple[float, Fitted] | None = None
    for penalty, view in product(PENALTIES, views):
        if time.is_up():
            break
        of_val, of_test = _answers(view, train > 0, penalty, time)
        loss = _loss(of_val, val > 0)
        if best is None or loss < best[0]:
            best = loss, Fitted(f"logistic regression per label on {view.name}", of_val, of_test)
    return best[1] if best else None


def _answers(view: View, truth: np.ndarray, penalty: float, time: Time) -> tuple[np.ndarray, np.ndarray]:
    D, L = view.train.shape[1], truth.shape[1]
    width = max(1, MOST_WEIGHTS // (D + 1))
    said = []
    for first in range(0, L, width):
        weights, bias = fitted(view.train, truth[:, first : first + width], penalty, time)
        said.append([_chances(part @ weights + bias) for part in (view.val, view.test)])
    of_val, of_test = (np.concatenate(parts, axis=1).astype(np.float32) for parts in zip(*said, strict=True))
    return of_val, of_test


def fitted(X: Any, truth: np.ndarray, penalty: float, time: Time) -> tuple[np.ndarray, np.ndarray]:
    """Weights (D, L) and bias (L,) of some labels; where the time is up, as far as they have come.

    Args:
        X: Rows (N, D), dense or sparse.
        truth: (N, L) booleans.
        penalty: On the squared weights.
        time: That the fit may take.
    """
    from scipy.optimize import minimize

    (_, D), L = X.shape, truth.shape[1]
    y = truth.astype(np.float64)

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = flat[: D * L].reshape(D, L), flat[D * L :]
        z = np.asarray(X @ weights) + bias  # (N, L)
        loss = np.logaddexp(0, z).sum() - (y * z).sum() + 0.5 * penalty * (weights**2).sum()
        pull = _chances(z) - y
        slope = np.asarray(X.T @ pull) + penalty * weights
        return float(loss), np.concatenate([slope.reshape(-1), pull.sum(axis=0)])

    def look_at_the_clock(*_: Any) -> None:
        if time.is_up():
            raise StopIteration

    share = np.clip(y.mean(axis=0), LEAST, 1 - LEAST)
    start = np.concatenate([np.zeros(D * L), np.log(share / (1 - share))])
    options = {"maxiter": MOST_STEPS, "maxcor": MEMORY}
    found = minimize(cost, start, jac=True, method="L-BFGS-B", callback=look_at_the_clock, options=options)
    return found.x[: D * L].reshape(D, L), found.x[D * L :]


def _chances(z: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return expit(z)


def _loss(chances: np.ndarray, truth: np.ndarray) -> float:
    said = np.where(truth, chances, 1 - chances)
    return float(-np.log(np.maximum(said, LEAST)).mean())
