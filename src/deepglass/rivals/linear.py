"""A linear model on the columns of a table: ridge regression, or logistic regression with an L2 penalty.

It sees a number as it is or as its normal score, whichever the held-out rows prefer, and a category as a one of its
own. How strongly weights are pulled towards zero is chosen on the same rows.

Hoerl & Kennard (1970), Ridge Regression, https://doi.org/10.1080/00401706.1970.10488634; le Cessie & van Houwelingen
(1992), Ridge Estimators in Logistic Regression, https://doi.org/10.2307/2347628. TrainResult by scikit-learn.
"""

import warnings
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.rivals import Answering, Part, Rival, Rows, Time, held_out_answers, preferred

Curve = tuple[np.ndarray, np.ndarray]  # scores of a number, increasing, and what they stand for

PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)  # on the squared weights of logistic regression, per row of data
RIDGES = (0.1, 1.0, 10.0, 100.0, 1000.0)  # of ridge regression
MOST_STEPS = 200  # of the solver; what has not settled by then is near enough


def fit(rows: Rows, curves: list[Curve], cardinalities: tuple[int, ...], time: Time) -> Rival | None:
    """The linear model that the held-out rows prefer; None where there is no time for one.

    Args:
        rows: With inputs numeric (N, F) and codes (N, n).
        curves: Of every numeric input.
        cardinalities: Codes of every category.
        time: That the fits may take.
    """
    modules = [Linear(curves, cardinalities, is_plain) for is_plain in (True, False)]
    designs = [module.design(*rows.inputs) for module in modules]
    settings = list(product((0, 1), PENALTIES if rows.num_classes else RIDGES))

    def answering(at: np.ndarray, setting: tuple[int, float]) -> Answering:
        design, penalty = designs[setting[0]], setting[1]
        return answers_of(fitted(design, rows, at, penalty), design, rows)

    best = preferred(rows, settings, answering, time)
    if best is None:
        return None
    module, design = modules[best[0]], designs[best[0]]
    answers = held_out_answers(rows, lambda at: answering(at, best))
    module.take(*weights_of(fitted(design, rows, np.arange(len(rows.target)), best[1]), rows.num_classes))
    return Rival("logistic regression" if rows.num_classes else "ridge regression", answers, module)


class Linear(Part):
    """The sum of a weight for each number and one for each category of a row.

    Args:
        curves: Of every numeric input.
        cardinalities: Codes of every category.
        is_plain: Whether numbers enter as they are, standardised, and not as their scores.

    Shape:
        - numeric: (B, F) normal scores, as the network takes them
        - codes: (B, n) int64
        - output: logits (B, K), or value (B, 1)
    """

    def __init__(self, curves: list[Curve], cardinalities: tuple[int, ...], is_plain: bool):
        super().__init__()
        pieces = max((len(scores) for scores, _ in curves), default=2) - 1
        left, width, rise = (torch.zeros(len(curves), pieces) for _ in range(3))
        first = torch.zeros(len(curves))
        for i, (scores, numbers) in enumerate(curves):
            seen = (numbers - numbers.mean()) / (numbers.std() or 1.0) if is_plain else scores
            x, y = torch.from_numpy(scores).float(), torch.from_numpy(seen).float()
            first[i], left[i, : len(x) - 1] = y[0], x[:-1]
            width[i, : len(x) - 1], rise[i, : len(x) - 1] = x.diff(), y.diff()
        self.register_buffer("first", first)
        self.register_buffer("left", left)
        self.register_buffer("inverse_width", 1 / width.where(width > 0, torch.ones(())))
        self.register_buffer("rise", rise)
        self.register_buffer("offsets", torch.tensor((0, *cardinalities)).cumsum(0))
        self.take(np.zeros((1, len(curves) + sum(cardinalities))), np.zeros(1))

    def forward(self, numeric: Tensor, codes: Tensor) -> Tensor:
        by_numbers = self.unfolded(numeric) @ self.numbers_weight  # (B, K)
        by_codes = self.codes_weight[codes + self.offsets[:-1]].sum(dim=1)  # (B, K)
        return by_numbers + by_codes + self.bias

    def unfolded(self, numeric: Tensor) -> Tensor:
        """(B, F) what the scores stand for: a curve of straight pieces, level beyond its ends."""
        covered = ((numeric.unsqueeze(2) - self.left) * self.inverse_width).clamp(0, 1)  # (B, F, pieces)
        return self.first + (covered * self.rise).sum(dim=2)

    def take(self, weights: np.ndarray, bias: np.ndarray) -> None:
        """Take fitted weights (K, F + categories) and their bias (K,)."""
        F = len(self.first)
        self.register_buffer("numbers_weight", torch.from_numpy(weights[:, :F].T.copy()).float())
        self.register_buffer("codes_weight", torch.from_numpy(weights[:, F:].T.copy()).float())
        self.register_buffer("bias", torch.from_numpy(bias.copy()).float())

    def design(self, numeric: np.ndarray, codes: np.ndarray) -> Any:
        """The rows as a sparse matrix (N, F + categories), on which weights are fitted."""
        from scipy import sparse

        N, n = codes.shape
        places = codes + self.offsets[:-1].numpy()
        ones = sparse.csr_matrix(
            (np.ones(N * n), places.ravel(), np.arange(N + 1) * n), shape=(N, int(self.offsets[-1]))
        )
        numbers = self.unfolded(torch.from_numpy(numeric)).double().numpy()
        return sparse.hstack([sparse.csr_matrix(numbers), ones]).tocsr()


def fitted(design: Any, rows: Rows, at: np.ndarray, penalty: float) -> Any:
    """A fitted estimator of scikit-learn."""
    from sklearn.linear_model import LogisticRegression, Ridge

    if rows.num_classes is None:
        return Ridge(penalty).fit(design[at], rows.target[at])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not settled
        return LogisticRegression(C=1 / penalty, max_iter=MOST_STEPS).fit(design[at], rows.target[at])


def answers_of(estimator: Any, design: Any, rows: Rows) -> Any:
    """What it says of rows at other positions: probabilities of all classes, also those it has not met, or values."""
    weights, bias = weights_of(estimator, rows.num_classes)

    def answers(at: np.ndarray) -> np.ndarray:
        said = np.asarray(design[at] @ weights.T) + bias
        if rows.num_classes is None:
            return said[:, 0]
        probs = np.exp(said - said.max(axis=1, keepdims=True))
        return probs / probs.sum(axis=1, keepdims=True)

    return answers


def weights_of(estimator: Any, num_classes: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Weights (K, columns) and bias (K,); a class that was not among the rows has the lowest."""
    weights, bias = np.atleast_2d(estimator.coef_), np.atleast_1d(estimator.intercept_)
    if num_classes is None:
        return weights, bias
    if len(estimator.classes_) == 2:  # one row, for the second
        weights, bias = np.concatenate([0 * weights, weights]), np.concatenate([0 * bias, bias])
    all_weights, all_bias = np.zeros((num_classes, weights.shape[1])), np.full(num_classes, ABSENT)
    all_weights[estimator.classes_], all_bias[estimator.classes_] = weights, bias
    return all_weights, all_bias


ABSENT = -30.0  # logit of a class that was not there: its probability is next to nothing
