"""A mixture of Bernoullis as a rival: some templates, each of which says for every pixel how likely it is inked.

Its likelihood is known exactly. Learnt by expectation and maximisation: Dempster, Laird & Rubin (1977), Maximum
Likelihood from Incomplete Data via the EM Algorithm, https://doi.org/10.1111/j.2517-6161.1977.tb01600.x; for binary
pictures: Juan & Vidal (2004), Bernoulli mixture models for binary images,
https://doi.org/10.1109/ICPR.2004.1334543. One template alone is the baseline: pixels that know nothing of each other.
"""

from dataclasses import dataclass

import numpy as np

SIZES = (5, 10, 20, 40, 80)  # templates that are tried
ROUNDS = 60
PRIOR = 0.5  # of an inked and a blank pixel of every template, so that nothing is impossible
MOST_NUMBERS = 20_000_000  # of the pictures that it learns from


@dataclass(frozen=True)
class Mixture:
    """shares: (K,) of the templates; inked: (K, F) how likely each pixel of them is inked."""

    shares: np.ndarray
    inked: np.ndarray

    def joint(self, rows: np.ndarray) -> np.ndarray:
        """(N, K) log p(x, template) of binary rows (N, F)."""
        return rows @ np.log(self.inked).T + (1 - rows) @ np.log(1 - self.inked).T + np.log(self.shares)

    def nats(self, rows: np.ndarray) -> np.ndarray:
        """(N,) −log p(x) of binary rows (N, F)."""
        return -np.logaddexp.reduce(self.joint(rows), axis=1)

    def sample(self, count: int, seed: int = 0) -> np.ndarray:
        """(count, F) templates, drawn by their shares."""
        return self.inked[np.random.default_rng(seed).choice(len(self.shares), count, p=self.shares)]


def fit(rows: np.ndarray, count: int, seed: int = 0) -> Mixture:
    """So many templates of binary rows (N, F), begun at rows drawn by chance.

    Args:
        rows: To learn from, zeros and ones.
        count: K.
        seed: Of the beginning.
    """
    rows = rows[: max(1, MOST_NUMBERS // rows.shape[1])].astype(np.float64)
    if count == 1:
        return Mixture(np.ones(1), _inked(rows, np.ones((len(rows), 1))))
    begun = rows[np.random.default_rng(seed).choice(len(rows), count, replace=len(rows) < count)]
    mixture = Mixture(np.full(count, 1 / count), 0.25 + 0.5 * begun)
    for _ in range(ROUNDS):
        joint = mixture.joint(rows)
        belongs = np.exp(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True))  # (N, K)
        shares = (belongs.sum(axis=0) + 1) / (len(rows) + count)
        mixture = Mixture(shares, _inked(rows, belongs))
    return mixture


def best(train: np.ndarray, val: np.ndarray, seed: int = 0) -> Mixture:
    """As many templates as say the validation rows with the fewest nats."""
    sizes = [size for size in SIZES if size <= len(train)] or [1]
    return min((fit(train, size, seed) for size in sizes), key=lambda one: one.nats(val).mean())


def _inked(rows: np.ndarray, belongs: np.ndarray) -> np.ndarray:
    """(K, F) of rows (N, F) that belong to templates by shares (N, K)."""
    return (belongs.T @ rows + PRIOR) / (belongs.sum(axis=0)[:, None] + 2 * PRIOR)
