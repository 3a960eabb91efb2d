"""Distributions: what may happen and how often, as formulas, as samples, and as expectation and variance.

Each has `density(x)` (for whole numbers the probability), `sample(n, seed)`, `mean` and `variance`. Samples are made of
numbers that are uniform in [0, 1), by going back through F(x) = P(X ≤ x): F⁻¹(u) has the distribution F (Devroye, 1986,
Non-Uniform Random Variate Generation, chapter II, https://luc.devroye.org/rnbookindex.html); a normal number comes from
two of them (Box and Muller, 1958, https://doi.org/10.1214/aoms/1177706645).
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Uniform:
    """p(x) = 1/(b − a) between a and b: nothing is known but the ends."""

    a: float = 0.0
    b: float = 1.0

    def __post_init__(self):
        _check("Uniform", self.a < self.b, "a < b", f"{self.a}, {self.b}")

    def density(self, x):
        return np.where((x >= np.float64(self.a)) & (x <= np.float64(self.b)), 1 / (self.b - self.a), 0.0)

    def sample(self, n, seed=0):
        return self.a + (self.b - self.a) * _uniform(n, seed)

    mean = property(lambda self: (self.a + self.b) / 2)
    variance = property(lambda self: (self.b - self.a) ** 2 / 12)


@dataclass(frozen=True)
class Normal:
    """p(x) = e^(−(x − μ)²/2σ²) / σ√2π: what a sum of many small things looks like (central limit theorem)."""

    mean: float = 0.0
    std: float = 1.0

    def __post_init__(self):
        _check("Normal", self.std > 0, "std > 0", self.std)

    def density(self, x):
        z = (np.asarray(x) - self.mean) / self.std
        return np.exp(-z * z / 2) / (self.std * math.sqrt(2 * math.pi))

    def sample(self, n, seed=0):
        radius, angle = _uniform((2, n), seed)  # of a point in the plane (Box and Muller)
        return self.mean + self.std * np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * math.pi * angle)

    variance = property(lambda self: self.std**2)


@dataclass(frozen=True)
class Exponential:
    """p(x) = λ·e^(−λx) for x ≥ 0: the wait for what comes λ times per unit of time and remembers nothing."""

    rate: float = 1.0

    def __post_init__(self):
        _check("Exponential", self.rate > 0, "rate > 0", self.rate)

    def density(self, x):
        return np.where(np.asarray(x) >= 0, self.rate * np.exp(-self.rate * np.maximum(x, 0.0)), 0.0)

    def sample(self, n, seed=0):
        return -np.log1p(-_uniform(n, seed)) / self.rate  # F⁻¹(u) = −ln(1 − u)/λ

    mean = property(lambda self: 1 / self.rate)
    variance = property(lambda self: 1 / self.rate**2)


@dataclass(frozen=True)
class Categorical:
    """P(k) = pₖ for k = 0 … K − 1: a die with K faces, loaded or not. What a softmax puts out."""

    probs: tuple = (0.5, 0.5)

    def __post_init__(self):
        fits = min(self.probs) >= 0 and math.isclose(sum(self.probs), 1, abs_tol=1e-9)
        _check("Categorical", fits, "probs of at least 0 that sum to 1", self.probs)

    def density(self, x):
        x = np.asarray(x)
        return sum(p * (x == k) for k, p in enumerate(self.probs))

    def sample(self, n, seed=0):
        return np.searchsorted(np.cumsum(self.probs[:-1]), _uniform(n, seed), side="right")  # the face u falls on

    mean = property(lambda self: sum(k * p for k, p in enumerate(self.probs)))
    variance = property(lambda self: sum((k - self.mean) ** 2 * p for k, p in enumerate(self.probs)))


@dataclass(frozen=True)
class Binomial:
    """P(k) = C(n, k)·pᵏ·(1 − p)ⁿ⁻ᵏ: how many of n independent trials succeed; with n = 1, Bernoulli's coin."""

    trials: int = 1
    p: float = 0.5

    def __post_init__(self):
        _check("Binomial", 0 <= self.p <= 1 and self.trials >= 0, "p in [0, 1], trials from 0", (self.trials, self.p))

    def density(self, x):
        counts, n = np.asarray(x, dtype=float), self.trials
        p = [math.comb(n, k) * self.p**k * (1 - self.p) ** (n - k) for k in range(n + 1)]
        return sum(chance * (counts == k) for k, chance in enumerate(p))

    def sample(self, n, seed=0):
        return (_uniform((self.trials, n), seed) < self.p).sum(0)

    mean = property(lambda self: self.trials * self.p)
    variance = property(lambda self: self.trials * self.p * (1 - self.p))


@dataclass(frozen=True)
class Poisson:
    """P(k) = λᵏ·e^(−λ)/k!: how often something rare happens that is expected λ times."""

    rate: float = 1.0

    def __post_init__(self):
        _check("Poisson", 0 < self.rate <= 500, "a rate above 0 and up to 500, where e^(−rate) is a number", self.rate)

    def density(self, x):
        x = np.asarray(x, dtype=float)
        k = np.where((x >= 0) & (x == np.round(x)), x, 0)
        log_factorial = np.vectorize(math.lgamma, otypes=[float])(k + 1)
        return np.where(k == x, np.exp(k * math.log(self.rate) - self.rate - log_factorial), 0.0)

    def sample(self, n, seed=0):
        last = int(self.rate + 12 * math.sqrt(self.rate) + 30)  # beyond it nothing happens within 2⁵³ draws
        below = np.cumsum(self.density(np.arange(last)))
        return np.searchsorted(below, _uniform(n, seed), side="right")  # F⁻¹(u)

    mean = property(lambda self: self.rate)
    variance = property(lambda self: self.rate)


def moments(sample):
    """Mean x̄ = Σ xᵢ/n and variance Σ (xᵢ − x̄)²/(n − 1) of a sample; n − 1, since x̄ lies nearer to it than μ does.

    The mean of n draws is off by σ/√n: a digit more takes a hundred times the draws.

    Raises:
        ValueError: If there are fewer than two numbers.
    """
    x = np.asarray(sample, dtype=float)
    if x.size < 2:
        raise ValueError(f"moments: expected at least two numbers, got {x.size}")
    mean = x.sum() / x.size
    return float(mean), float(((x - mean) ** 2).sum() / (x.size - 1))


def _uniform(shape, seed):
    return np.random.default_rng(seed).random(shape)


def _check(name, fits, expected, came):
    if not fits:
        raise ValueError(f"{name}: expected {expected}, got {came}")
