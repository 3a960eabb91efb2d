"""Kernel distance (KID): how far made examples are from real ones in a space of features; 0 for the same distribution.

    MMD²(X, Y) = mean k(x, x') + mean k(y, y') − 2 · mean k(x, y),   k(x, y) = (x·y / D + 1)³

x' and y' are other rows than x and y, which makes the estimate unbiased: it is right on average, also of few rows, and
may fall below 0. The cubic kernel compares means, products of two and of three features.

What counts is decided by the features. Those of the paper are of an Inception network that knows photographs; here the
caller gives them, and says whose they are. Distances in other features cannot be compared.

It is measured on many subsets, and their mean is told. Where a subset has half of the rows, its distance is spread
around that of all rows as the latter is around the truth: the middle 95 % of the subsets are an interval. (Where the
two distributions are the same, it is wider than need be.)

References:
    Bińkowski et al. (2018), Demystifying MMD GANs, https://arxiv.org/abs/1801.01401
    Gretton et al. (2012), A Kernel Two-Sample Test, https://jmlr.org/papers/v13/gretton12a.html (the unbiased MMD²)
    Politis & Romano (1994), Large Sample Confidence Regions Based on Subsamples,
    https://doi.org/10.1214/aos/1176325770
"""

import numpy as np

from deepglass.core.errors import ShapeError

SUBSETS = 200  # the ends of an interval are settled by a few hundred
LARGEST_SUBSET = 1000  # rows, as in the paper
MOST_ROWS = 2 * LARGEST_SUBSET  # of each side


def kernel_distances(
    made: np.ndarray, real: np.ndarray, *, size: int = 0, subsets: int = SUBSETS, seed: int = 0
) -> np.ndarray:
    """Squared MMD of as many subsets of made and real rows; their mean is the KID.

    Args:
        made: Features of what was made.
        real: Features of real rows.
        size: Rows of a subset; 0 for half of the fewer rows.
        subsets: How many of them are drawn, each without putting back.
        seed: Of the draws.

    Shape:
        - made, real: (N, D) and (M, D)
        - output: (subsets,)

    Raises:
        ShapeError: If rows have different widths, or a subset would have fewer than two rows or more than there are.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> near, far = rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 1
        >>> bool(kernel_distances(near, far).mean() > 1)
        True
    """
    made, real = (_some(rows, seed) for rows in _checked(made, real))
    size = size or min(len(made), len(real)) // 2
    if not 2 <= size <= min(len(made), len(real)):
        raise ShapeError(f"a subset has at least two rows and at most {min(len(made), len(real)):,}; got {size:,}")
    rng, kernel = np.random.default_rng(seed), cubic_kernel(np.concatenate([made, real]))
    found = np.empty(subsets)
    for place in range(subsets):
        some = rng.choice(len(made), size, replace=False), len(made) + rng.choice(len(real), size, replace=False)
        found[place] = squared_mmd(kernel, *some)
    return found


def distances_of_halves(real: np.ndarray, *, subsets: int = SUBSETS, seed: int = 0) -> np.ndarray:
    """(subsets,) squared MMD between one half of real rows (M, D) and the other: the work of chance alone.

    Raises:
        ShapeError: If a half would have fewer than two rows.
    """
    real = _some(_checked(real, real)[1], seed)
    half = len(real) // 2
    if half < 2:
        raise ShapeError(f"expected at least four rows, two for each half; got {len(real)}")
    rng, kernel = np.random.default_rng(seed), cubic_kernel(real)
    orders = (rng.permutation(len(real)) for _ in range(subsets))
    return np.array([squared_mmd(kernel, order[:half], order[half : 2 * half]) for order in orders])


def cubic_kernel(rows: np.ndarray) -> np.ndarray:
    """(x·y / D + 1)³ of every pair of rows (N, D): (N, N)."""
    return (rows @ rows.T / rows.shape[1] + 1) ** 3


def squared_mmd(kernel: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """The unbiased estimate from a kernel (N, N) of all pairs; `a` and `b` are the places of both sides' rows."""
    return _among(kernel, a) + _among(kernel, b) - 2 * float(kernel[np.ix_(a, b)].mean())


def _among(kernel: np.ndarray, places: np.ndarray) -> float:
    """The mean over pairs of different rows."""
    own = kernel[np.ix_(places, places)]
    return float((own.sum() - np.trace(own)) / (len(places) * (len(places) - 1)))


def _some(rows: np.ndarray, seed: int) -> np.ndarray:
    """All rows, or so many of them by chance: subsets are then of the largest size that there is."""
    chosen = np.random.default_rng(seed).permutation(len(rows))[:MOST_ROWS]
    return rows[np.sort(chosen)]


def _checked(made: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if made.ndim != 2 or real.ndim != 2 or made.shape[1] != real.shape[1]:
        raise ShapeError(f"expected features of one width, got {made.shape} of what was made and {real.shape} of real")
    return made.astype(np.float64), real.astype(np.float64)
