"""Linear regression: the line with the smallest squared errors, by solving an equation or by going downhill.

Legendre (1805), Gauss (1809).
"""

import numpy as np

from ..nn.functional import mse_loss
from ..tensor import tensor
from .inputs import check_table


class LinearRegression:
    """y = Xw + b, with w and b such that Σ(y - Xw - b)² is smallest.

    Args:
        solver: "normal" solves the equation XᵀX w = Xᵀy of centred X and y; "gradient" takes steps downhill.
        learning_rate: Length of a step; None takes the longest that is safe, 1/L with L the steepest curvature.
        max_iter: Steps at most.
        tol: Stop when no entry of the gradient is larger.

    Attributes:
        coef_: w, shape (n_features,).
        intercept_: b.
        n_iter_: Steps taken; 0 for the equation.
        loss_: Mean squared error before each step; empty for the equation.

    Raises:
        ValueError: If there is no such solver.

    Example:
        >>> line = LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
        >>> round(float(line.coef_[0]), 6), round(line.intercept_, 6)
        (2.0, 1.0)
    """

    def __init__(self, solver="normal", learning_rate=None, max_iter=100_000, tol=1e-9):
        if solver not in ("normal", "gradient"):
            raise ValueError(f"LinearRegression: expected solver 'normal' or 'gradient', got {solver!r}")
        self.solver, self.learning_rate, self.max_iter, self.tol = solver, learning_rate, max_iter, tol

    def fit(self, X, y):
        """Find the line. Both ways work on centred columns, where the offset is zero."""
        X, y = check_table(X, y)
        y = y.astype(np.float64)
        mean_x, mean_y = X.mean(0), y.mean()
        solve = self._solve_equation if self.solver == "normal" else self._go_downhill
        self.n_iter_, self.loss_ = 0, []
        self.coef_ = solve(X - mean_x, y - mean_y)
        self.intercept_ = float(mean_y - mean_x @ self.coef_)
        return self

    def _solve_equation(self, X, y):
        """XᵀX w = Xᵀy; where columns depend on each other, the shortest of the many solutions."""
        return np.linalg.lstsq(X.T @ X, X.T @ y, rcond=1e-12)[0]

    def _go_downhill(self, X, y):
        """w ← w - lr·∂loss/∂w, the gradient from the engine's backward pass."""
        steepest = 2 * np.linalg.eigvalsh(X.T @ X / len(X))[-1]
        learning_rate = (1 / steepest if steepest else 1.0) if self.learning_rate is None else self.learning_rate
        X, y = tensor(X), tensor(y)
        w = tensor(np.zeros(X.shape[1])).requires_grad_()
        while self.n_iter_ < self.max_iter:
            self.n_iter_ += 1
            loss = mse_loss(X @ w, y)
            loss.backward()
            self.loss_.append(loss.item())
            if not np.isfinite(loss.item()):
                raise ValueError(f"LinearRegression: learning_rate {learning_rate} is too long a step, take a shorter")
            if np.abs(w.grad.numpy()).max() <= self.tol:  # pyright: ignore[reportOptionalMemberAccess]
                break
            w.data -= learning_rate * w.grad
            w.grad = None
        return w.detach().numpy()

    def predict(self, X):
        return check_table(X, num_features=len(self.coef_)) @ self.coef_ + self.intercept_

    def score(self, X, y):
        """R² = 1 - Σ(y - ŷ)² / Σ(y - ȳ)²: the share of the variance that the line explains."""
        y = np.asarray(y, dtype=np.float64)
        return float(1 - ((y - self.predict(X)) ** 2).sum() / ((y - y.mean()) ** 2).sum())
