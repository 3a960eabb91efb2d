"""Logistic regression: a line for the log-odds of two classes, and softmax regression for more.

Cox (1958), https://doi.org/10.1111/j.2517-6161.1958.tb00292.x; Nesterov (1983) for the way downhill.
"""

import numpy as np

from ..nn import functional as F
from ..optim import SGD
from ..tensor import tensor
from .inputs import check_classes, check_table


class LogisticRegression:
    """P(y | x) = σ(w·x + b) for two classes, softmax(Wx + b) for more; the weights that make the data most likely.

    Args:
        C: How little weights are held back: the loss is C·Σ -log P(yᵢ | xᵢ) + ‖w‖²/2, as in scikit-learn; `np.inf`
            leaves out the penalty.
        max_iter: Steps at most.
        tol: Stop when no entry of the gradient of the mean loss is larger.

    Attributes:
        coef_: Weights, shape (1, n_features), or (n_classes, n_features) for more than two classes.
        intercept_: Offsets, shape (1,) or (n_classes,).
        classes_: The classes, sorted.
        n_iter_: Steps taken.
        loss_: The mean loss before each step.

    Raises:
        ValueError: If C is not above 0.

    Example:
        >>> model = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], ["a", "a", "b", "b"])
        >>> model.predict([[0.5], [2.5]]).tolist()
        ['a', 'b']
    """

    def __init__(self, C=1.0, max_iter=20_000, tol=1e-7):
        if C <= 0:
            raise ValueError(f"LogisticRegression: expected C > 0, got {C}")
        self.C, self.max_iter, self.tol = C, max_iter, tol

    def fit(self, X, y):
        """Go downhill with momentum, in steps of 1/L, L being the steepest that the loss can curve."""
        X, y = check_table(X, y)
        self.classes_, numbers = check_classes(y)
        outputs = 1 if len(self.classes_) == 2 else len(self.classes_)
        penalty = 1 / (self.C * len(X))
        W = tensor(np.zeros((outputs, X.shape[1]))).requires_grad_()
        b = tensor(np.zeros(outputs)).requires_grad_()
        optimizer = SGD([W, b], lr=1 / _steepest(X, outputs, penalty), momentum=0.9, nesterov=True)
        X, target = tensor(X), tensor(numbers if outputs > 1 else numbers.astype(float)[:, None])
        loss_function = F.cross_entropy if outputs > 1 else F.binary_cross_entropy_with_logits
        self.loss_ = []
        while len(self.loss_) < self.max_iter:
            loss = loss_function(F.linear(X, W, b), target) + penalty / 2 * (W * W).sum()
            optimizer.zero_grad()
            loss.backward()
            self.loss_.append(loss.item())
            if max(np.abs(param.grad.numpy()).max() for param in (W, b)) <= self.tol:  # pyright: ignore[reportOptionalMemberAccess]
                break
            optimizer.step()
        self.n_iter_ = len(self.loss_)
        self.coef_, self.intercept_ = W.detach().numpy(), b.detach().numpy()
        return self

    def decision_function(self, X):
        """The logits, (n_samples,) for two classes, (n_samples, n_classes) for more."""
        logits = check_table(X, num_features=self.coef_.shape[1]) @ self.coef_.T + self.intercept_
        return logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X):
        """The probability of each class, (n_samples, n_classes)."""
        logits = self.decision_function(X)
        if logits.ndim == 1:  # two classes: the first has logit 0
            logits = np.column_stack([np.zeros_like(logits), logits])
        return F.softmax(tensor(logits), dim=1).numpy()

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(1)]

    def score(self, X, y):
        """Share of rows that are right."""
        return float((self.predict(X) == np.asarray(y)).mean())


def _steepest(X, outputs, penalty):
    """A bound on the curvature: 1/4 for σ, 1/2 for softmax, times the largest eigenvalue of XᵀX/n."""
    points = np.column_stack([X, np.ones(len(X))])
    largest = np.linalg.eigvalsh(points.T @ points / len(points))[-1]
    return largest * (1 / 4 if outputs == 1 else 1 / 2) + penalty
