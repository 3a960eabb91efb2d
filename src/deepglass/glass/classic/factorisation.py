"""Matrix factorisation: a table with holes as the product of two thin ones, so that the holes fill by themselves.

Koren, Bell & Volinsky (2009), Matrix Factorization Techniques for Recommender Systems,
https://doi.org/10.1109/MC.2009.263; by turns, as Zhou, Wilkinson, Schreiber & Pan (2008), Large-Scale Parallel
Collaborative Filtering for the Netflix Prize, https://doi.org/10.1007/978-3-540-68880-8_32.
"""

import numpy as np


class Factorisation:
    """Numbers P of rows and Q of columns that make Σ (x_ui − p_u·q_i)² + λ(‖P‖² + ‖Q‖²) small, over known cells.

    With Q held still, the best p_u is a ridge regression of what row u says on the columns that it knows; then P is
    held still, and Q takes its turn. Neither turn makes the sum larger.

    Args:
        n_factors: Numbers of every row and column.
        penalty: λ above 0: what few cells know little of stays near 0.
        n_iter: Turns of both.
        seed: Of Q at the beginning.

    Attributes:
        rows_: (n, n_factors) P.
        columns_: (m, n_factors) Q.
        history_: (rows, columns) after every half turn, from the beginning on.

    Raises:
        ValueError: If there is no number, or the penalty is not above 0.

    Example:
        >>> table = np.outer([1.0, 2.0, -1.0], [1.0, -1.0, 2.0])
        >>> table[0, 2] = np.nan
        >>> round(Factorisation(1, penalty=0.001).fit(table).predict()[0, 2], 1)
        2.0
    """

    def __init__(self, n_factors=2, penalty=0.1, n_iter=10, seed=0):
        if n_factors < 1:
            raise ValueError(f"Factorisation: expected 1 factor or more, got {n_factors}")
        if not penalty > 0:
            raise ValueError(f"Factorisation: expected a penalty above 0, got {penalty}")
        self.n_factors, self.penalty, self.n_iter, self.seed = n_factors, penalty, n_iter, seed

    def fit(self, X):
        """Find the numbers of X (n, m), which has NaN where nothing is known.

        Raises:
            ValueError: If X is no table, or nothing in it is known.
        """
        X = np.asarray(X, dtype=float)
        if X.ndim != 2 or not np.isfinite(X).any():
            raise ValueError(f"X: expected a table (n, m) with some numbers, got shape {X.shape}")
        Q = np.random.default_rng(self.seed).normal(size=(X.shape[1], self.n_factors))
        P = np.zeros((len(X), self.n_factors))
        self.history_ = [(P, Q)]
        for _ in range(self.n_iter):
            P = solve(X, Q, self.penalty)
            self.history_.append((P, Q))
            Q = solve(X.T, P, self.penalty)
            self.history_.append((P, Q))
        self.rows_, self.columns_ = P, Q
        return self

    def predict(self):
        """(n, m) every cell, the holes filled."""
        return self.rows_ @ self.columns_.T


def solve(X, Q, penalty):
    """(n, K) the numbers of every row of X (n, m), given those of the columns (m, K): one ridge regression each.

    A row of which nothing is known gets zeros.
    """
    found = np.zeros((len(X), Q.shape[1]))
    for u, row in enumerate(X):
        known = np.isfinite(row)
        A = Q[known]
        found[u] = np.linalg.solve(A.T @ A + penalty * np.eye(Q.shape[1]), A.T @ row[known])
    return found
