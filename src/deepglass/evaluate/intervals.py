"""Intervals: how far a score measured on these test examples may be from the score on all examples.

The bootstrap asks what the score would have been on other test sets, drawn from the one at hand with replacement.
A resample is fully described by how often each row was drawn, a multinomial count, so a score that is a mean
needs one matrix product for a thousand resamples. Which scores are means is left to the files that define them.

References:
    Efron (1979), Bootstrap Methods: Another Look at the Jackknife, https://doi.org/10.1214/aos/1176344552
    Wilson (1927), Probable Inference, https://doi.org/10.1080/01621459.1927.10502953
    Künsch (1989), The Jackknife and the Bootstrap for General Stationary Observations (the block bootstrap),
    https://doi.org/10.1214/aos/1176347265
"""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from deepglass.core.errors import ShapeError

RESAMPLES = 1000
CONFIDENCE = 0.95
MAX_UNITS = 4096  # rows beyond this are resampled in random groups: 1,000 resamples of a million rows take 0.3 s

Interval = tuple[float, float]


def bootstrap(metric: Callable[..., float], *arrays: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> Interval:
    """Percentile interval of any metric: resample the rows of all arrays together and look at the spread.

    Args:
        metric: Takes the arrays, in the order given here, and returns one number.
        arrays: Each (N, ...); row i of all of them belongs to example i.
        resamples: How many test sets to imagine; 1,000 settles the ends of a 95 % interval.
        seed: The same seed gives the same interval.

    Raises:
        ShapeError: If the arrays differ in length or are empty.

    Example:
        >>> low, high = bootstrap(np.median, np.arange(101.0))
        >>> low < 50 < high
        True
    """
    count = _common_length(arrays)
    if count < 2:
        return float("nan"), float("nan")  # one example says nothing of how far others may be
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        rows = rng.integers(0, count, count)
        values.append(metric(*(array[rows] for array in arrays)))
    return percentile_interval(np.array(values))


def mean_interval(values: np.ndarray, *, seed: int = 0) -> Interval:
    """Percentile bootstrap interval of the mean of `values` (N,)."""
    return percentile_interval(resampled_means(values[:, None], seed=seed)[:, 0])


def resampled_means(values: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Means of every column in bootstrap resamples of the rows.

    Scores that are functions of means (RMSE, R², perplexity) are then functions of the result. A single row says
    nothing of how far others may be: then the result is NaN. More than
    `MAX_UNITS` rows are first added up in random groups of equal size and the groups are resampled, which keeps
    the variance of a mean and makes the cost independent of N.

    Shape:
        - values: (N, M)
        - output: (resamples, M)
    """
    if len(values) < 2:
        return np.full((resamples, values.shape[1]), np.nan)
    rng = np.random.default_rng(seed)
    sums, sizes = _random_groups(values, rng)  # (units, M), (units,)
    units = len(sizes)
    rows = rng.integers(0, units, (resamples, units)) + units * np.arange(resamples)[:, None]
    draws = np.bincount(rows.ravel(), minlength=resamples * units).reshape(resamples, units).astype(np.float64)
    return (draws @ sums) / (draws @ sizes)[:, None]


def resampled_counts(counts: np.ndarray, *, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Bootstrap resamples of a table of counts: what each cell holds in another draw of as many rows.

    Shape:
        - counts: (M,)
        - output: (resamples, M) float64, each row summing to counts.sum()
    """
    total = int(counts.sum())
    return rng.multinomial(total, counts / total, size=resamples).astype(np.float64)


def block_means(values: np.ndarray, block: int, *, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Bootstrap means of a series whose neighbours resemble each other: whole blocks are drawn, not single rows.

    The blocks run around the end of the series to its beginning, so that every row is drawn equally often.

    Shape:
        - values: (N,) in order of time
        - output: (resamples,)
    """
    count = len(values)
    wrapped = np.concatenate([values, values[: block - 1]])
    sums = np.concatenate([[0.0], np.cumsum(wrapped)])
    of_block = (sums[block:] - sums[:-block]) / block  # (N,) mean of the block that starts at each row
    starts = np.random.default_rng(seed).integers(0, count, (resamples, max(1, count // block)))
    return of_block[starts].mean(axis=1)


def percentile_interval(samples: np.ndarray, confidence: float = CONFIDENCE) -> Interval:
    """The middle `confidence` of the samples; samples that are not numbers are left out."""
    samples = samples[np.isfinite(samples)]
    if len(samples) == 0:
        return float("nan"), float("nan")
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(samples, [tail, 100 - tail])
    return float(low), float(high)


def wilson(hits: int, count: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's interval for a share of right answers: stays inside [0, 1] and honest near its ends.

    Example:
        >>> [round(end, 3) for end in wilson(10, 10)]
        [0.722, 1.0]
    """
    if count == 0:
        return float("nan"), float("nan")
    z = normal_quantile(confidence)
    share = hits / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))


def normal_quantile(confidence: float = CONFIDENCE) -> float:
    """How many standard errors the interval reaches to each side: 1.96 for 95 %."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _random_groups(values: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Sums (units, M) and sizes (units,) of random groups of rows; each row is its own group where they are few."""
    count = len(values)
    if count <= MAX_UNITS:
        return values.astype(np.float64), np.ones(count)
    group = rng.permutation(count) % MAX_UNITS
    sums = [np.bincount(group, weights=column, minlength=MAX_UNITS) for column in values.T]
    return np.stack(sums, axis=1), np.bincount(group, minlength=MAX_UNITS).astype(np.float64)


def _common_length(arrays: tuple[np.ndarray, ...]) -> int:
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1 or lengths == {0}:
        raise ShapeError(f"expected arrays of one common length above 0, got lengths {sorted(lengths)}")
    return lengths.pop()
