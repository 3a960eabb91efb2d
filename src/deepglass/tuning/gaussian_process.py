"""A Gaussian process: what a function may be, given its noisy values at a few points.

    k(x, x') = σ² m(r),   r² = Σ_j (x_j − x'_j)² / ℓ_j²,   m(r) = (1 + √5 r + 5/3 r²) exp(−√5 r)     Matérn 5/2
    mean(x)  = k(x, X) (K + s² I)⁻¹ y
    var(x)   = k(x, x) − k(x, X) (K + s² I)⁻¹ k(X, x)

The length ℓ_j tells over how far a dimension changes the value: a setting that does not matter gets a long one.
Lengths, σ and s are those under which the values are most likely (log marginal likelihood).

Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, https://gaussianprocess.org/gpml/, chapters 2, 5
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

LENGTHS, SIGNAL, NOISE = (0.05, 20.0), (0.05, 20.0), (1e-3, 1.0)  # bounds, for points of the unit cube and unit values
STARTS = ((0.3, 1.0, 0.1), (1.0, 1.0, 0.3))  # from which the likelihood is climbed


@dataclass(frozen=True)
class Kernel:
    """Lengths (d,), the size of the signal σ and of the noise s, all positive."""

    lengths: np.ndarray
    signal: float = 1.0
    noise: float = 0.1

    def __call__(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """(n, m) covariances of the function at points (n, d) and (m, d)."""
        difference = (a[:, None, :] - b[None, :, :]) / self.lengths
        r = np.sqrt(5.0 * (difference**2).sum(axis=-1))
        return self.signal**2 * (1.0 + r + r**2 / 3.0) * np.exp(-r)


class GaussianProcess:
    """A function that is known at a few points.

    Args:
        points: (n, d).
        values: (n,) noisy, of mean 0 about.
        kernel: Its covariance.
    """

    def __init__(self, points: np.ndarray, values: np.ndarray, kernel: Kernel):
        self.points, self.values, self.kernel = points, values, kernel
        covariance = kernel(points, points) + kernel.noise**2 * np.eye(len(points))
        self.factor = cho_factor(covariance, lower=True)
        self.weights = cho_solve(self.factor, values)

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(m,) the mean and (m,) the standard deviation of the function at points (m, d), without the noise."""
        across = self.kernel(points, self.points)
        mean = across @ self.weights
        explained = (across * cho_solve(self.factor, across.T).T).sum(axis=1)
        return mean, np.sqrt(np.maximum(self.kernel.signal**2 - explained, 1e-12))

    def log_likelihood(self) -> float:
        """Of the values: −½ yᵀ K⁻¹ y − ½ log |K| − n/2 log 2π."""
        log_determinant = 2.0 * np.log(np.diag(self.factor[0])).sum()
        return float(-0.5 * (self.values @ self.weights + log_determinant + len(self.values) * np.log(2 * np.pi)))

    @classmethod
    def fitted(cls, points: np.ndarray, values: np.ndarray) -> Self:
        """With the kernel under which the values are most likely."""
        dims = points.shape[1]
        bounds = np.log([LENGTHS] * dims + [SIGNAL, NOISE])

        def of(logs: np.ndarray) -> Self:
            *lengths, signal, noise = np.exp(logs)
            return cls(points, values, Kernel(np.array(lengths), float(signal), float(noise)))

        def unlikely(logs: np.ndarray) -> float:
            return -of(logs).log_likelihood()

        starts = [np.log([length] * dims + [signal, noise]) for length, signal, noise in STARTS]
        found = [minimize(unlikely, start, method="L-BFGS-B", bounds=bounds) for start in starts]
        return of(min(found, key=lambda one: one.fun).x)
