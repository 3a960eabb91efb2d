"""How much privacy a training spends: Rényi differential privacy of the Gaussian mechanism on drawn batches.

A step draws each example with probability q, adds up clipped gradients and puts noise of σ clips on the sum. Its Rényi
divergence of order α is log A(α) / (α − 1), steps add up, and the sum becomes an (ε, δ) promise:

    A(α) = E over N(0, σ²) of ((1 − q) + q · N(1, σ²) / N(0, σ²))^α
    ε    = min over α of   rdp(α) − (log δ + log α) / (α − 1) + log((α − 1) / α)

For whole α the expectation is a binomial sum; for others the integral is cut where both terms are equal, and each side
has a series of its own.

References:
    Abadi et al. (2016), Deep Learning with Differential Privacy, https://arxiv.org/abs/1607.00133 (DP-SGD)
    Mironov, Talwar & Zhang (2019), Rényi Differential Privacy of the Sampled Gaussian Mechanism,
    https://arxiv.org/abs/1908.10530 (section 3.3)
    Balle et al. (2020), Hypothesis Testing Interpretations and Rényi Differential Privacy,
    https://arxiv.org/abs/1905.09982 (theorem 21: from Rényi to ε)
"""

import math
from functools import cache

import numpy as np

ORDERS = (
    *(1 + tenth / 10 for tenth in range(1, 100)),
    *range(12, 64),
)  # usual; the best lies inside for ε of 0.1 to 20
TERMS = 64  # of a series at once
NEGLIGIBLE = -30.0  # logarithm of a term beyond which no further one counts
PRECISION = 1e-4  # of the noise that is searched for, relative
MOST_NOISE = 1e6


def epsilon(noise: float, rate: float, steps: int, delta: float) -> float:
    """The ε that so many steps spend at a δ.

    Args:
        noise: σ, the deviation of the noise in multiples of the largest norm of an example's gradient.
        rate: q, with which each example is drawn into a batch.
        steps: That were taken.
        delta: The chance with which the promise may fail.

    Example:
        >>> round(epsilon(noise=1.1, rate=0.01, steps=1000, delta=1e-5), 3)
        1.705
    """
    if steps == 0 or rate == 0:
        return 0.0
    if noise == 0:
        return math.inf
    orders = np.array(ORDERS)
    spent = steps * np.array([divergence(noise, rate, order) for order in ORDERS])
    found = spent - (math.log(delta) + np.log(orders)) / (orders - 1) + np.log1p(-1 / orders)
    return max(0.0, float(found.min()))


def noise_for(target: float, rate: float, steps: int, delta: float) -> float:
    """The least noise with which so many steps spend no more than a target ε.

    Raises:
        ValueError: If no noise is enough: δ and the orders leave no smaller ε.
    """
    low, high = 0.0, 1.0
    while epsilon(high, rate, steps, delta) > target:
        low, high = high, 2 * high
        if high > MOST_NOISE:
            raise ValueError(f"no noise keeps {steps:,} steps within an epsilon of {target:g}")
    while high - low > PRECISION * high:
        middle = (low + high) / 2
        low, high = (low, middle) if epsilon(middle, rate, steps, delta) <= target else (middle, high)
    return high


@cache
def divergence(noise: float, rate: float, order: float) -> float:
    """Rényi divergence of one step, of an order above 1."""
    if rate == 1:
        return order / (2 * noise**2)
    moment = _of_whole(noise, rate, int(order)) if float(order).is_integer() else _of_fraction(noise, rate, order)
    return moment / (order - 1)


def _of_whole(noise: float, rate: float, order: int) -> float:
    """log A(α) = log Σ (α over i) (1 − q)^(α − i) q^i exp((i² − i) / 2σ²)."""
    from scipy.special import gammaln, logsumexp

    i = np.arange(order + 1)
    choose = gammaln(order + 1) - gammaln(i + 1) - gammaln(order - i + 1)
    terms = choose + i * math.log(rate) + (order - i) * math.log1p(-rate) + (i * i - i) / (2 * noise**2)
    return float(logsumexp(terms))


def _of_fraction(noise: float, rate: float, order: float) -> float:
    """The same as two series, left and right of where both densities weigh alike; their terms change signs."""
    from scipy.special import binom, log_ndtr, logsumexp

    middle = noise**2 * math.log(1 / rate - 1) + 0.5
    logs, signs, begin = [], [], 0
    while True:
        i = np.arange(begin, begin + TERMS)
        j, choose = order - i, binom(order, i)
        with np.errstate(divide="ignore"):
            size = np.log(np.abs(choose))
        left = size + i * math.log(rate) + j * math.log1p(-rate)
        left += (i * i - i) / (2 * noise**2) + log_ndtr((middle - i) / noise)
        right = size + j * math.log(rate) + i * math.log1p(-rate)
        right += (j * j - j) / (2 * noise**2) + log_ndtr((j - middle) / noise)
        logs += [left, right]
        signs += [np.sign(choose)] * 2
        begin += TERMS
        if max(left[-1], right[-1]) < NEGLIGIBLE:
            return float(logsumexp(np.concatenate(logs), b=np.concatenate(signs)))
