"""EASE: which items go with which, in closed form; simple, and hard to beat where there are few users.

    B = argmin ‖X − X·B‖² + λ‖B‖²  with  diag B = 0          scores = x·B

With X = U·diag(s)·Vᵀ and M = V·diag(s²/(s² + λ))·Vᵀ that is B_ij = M_ij / (1 − M_jj) for i ≠ j. The diagonal matters
for items alone that somebody has already, which are never recommended: so it may be left in, B is a product of two thin
matrices, and one decomposition of X, on its smaller side, serves every λ.

Steck (2019), Embarrassingly Shallow Autoencoders for Sparse Data, https://arxiv.org/abs/1905.03375
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

PENALTIES = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)  # λ, chosen on validation: it differs by data set
LARGEST = 5000  # users or items, the fewer of both: their decomposition takes a minute
LEAST = 1e-6  # of the largest s²: directions below are noise of the arithmetic


@dataclass(frozen=True)
class Ease:
    """scores = x · taken · givenᵀ.

    taken: (I, R) what an item says of whoever took it. given: (I, R) for whom an item is.
    """

    taken: np.ndarray
    given: np.ndarray

    def scores(self, histories: Any) -> np.ndarray:
        """(n, I) of histories (n, I), dense or sparse; those of items that are there already mean nothing."""
        return np.asarray(histories @ self.taken) @ self.given.T


@dataclass(frozen=True)
class Spectrum:
    """X by its directions, the strongest first.

    squares: (R,) s². directions: (I, R) the columns of V.
    """

    squares: np.ndarray
    directions: np.ndarray


def is_small_enough(users: int, items: int) -> bool:
    """Whether the decomposition takes seconds."""
    return min(users, items) <= LARGEST


def spectrum(histories: Any) -> Spectrum:
    """The decomposition of histories X, sparse (N, I): 1 where a user took an item."""
    X = histories.astype(np.float64)
    by_user = X.shape[0] <= X.shape[1]
    gram = (X @ X.T if by_user else X.T @ X).toarray()
    squares, vectors = np.linalg.eigh(gram)
    kept = np.flatnonzero(squares > LEAST * squares.max(initial=0.0))[::-1]
    squares, vectors = squares[kept], vectors[:, kept]
    return Spectrum(squares, X.T @ vectors / np.sqrt(squares) if by_user else vectors)


def fit(found: Spectrum, penalty: float, rank: int | None = None) -> Ease:
    """EASE with λ = `penalty`.

    Args:
        found: Of the histories.
        penalty: λ; larger trusts what is rare less.
        rank: R, the strongest directions alone; all of them by default, which is exact.
    """
    half = found.directions * np.sqrt(found.squares / (found.squares + penalty))  # (I, R)
    given = half / (1 - np.square(half).sum(axis=1, keepdims=True))
    return Ease(half[:, :rank], given[:, :rank])
