"""How close samples are to real rows: energy distance with a two-sample test, modes covered, share near a mode.

The energy distance 2·E|X − Y| − E|X − X'| − E|Y − Y'| is 0 exactly where two distributions are the same; it is the
maximum mean discrepancy (MMD) with the kernel −|x − y|. Its share per real row, the energy score, is a proper score: no
generator is better on average than the distribution that the rows come from. Columns are standardised by the real rows,
each of its own unit; those of one unit, as pixels are, keep it: a pixel that is hardly ever inked must not count most.

Where real rows lie in clumps far from each other, as on a ring of Gaussians, it can be counted into how many of them a
generator has found its way.

References:
    Székely & Rizzo (2013), Energy statistics, https://doi.org/10.1016/j.jspi.2013.03.018
    Sejdinovic et al. (2013), Equivalence of distance-based and RKHS-based statistics, https://arxiv.org/abs/1207.6076
    Gneiting & Raftery (2007), Strictly Proper Scoring Rules, https://doi.org/10.1198/016214506000001437 (energy score)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.core.state import require
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

MOST_ROWS = 1000  # of each side of a matrix of distances
RESAMPLES, PERMUTATIONS = 200, 500
NEAR = 0.99  # share of a mode's own rows that count as near it
FEWEST = 0.25  # of its share of the real rows: a mode with fewer samples is not covered
MOST_MODES, FEWEST_ROWS = 12, 50
APART = 4.0  # deviations of each of two modes between their centres: their rows hardly mix


@dataclass(frozen=True)
class Modes:
    """Clumps in which rows lie, far from each other.

    shares: (K,) how many of the rows belong to each.
    centres: (K, F); precisions: (K, F, F) inverse covariances.
    """

    shares: np.ndarray
    centres: np.ndarray
    precisions: np.ndarray

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: part.tolist() for name, part in vars(self).items()}

    @classmethod
    def from_state(cls, state: dict[str, Any], width: int) -> "Modes":
        """What gave `state`, of rows with so many numbers.

        Raises:
            ValueError: If its sizes do not belong together.
        """
        shares, centres, precisions = (np.array(state[n], float) for n in ("shares", "centres", "precisions"))
        sizes = shares.shape, centres.shape[1:], precisions.shape
        fits = sizes == (centres.shape[:1], (width,), (len(centres), width, width)) and len(shares) > 0
        require(fits, "a share, a centre and a precision of every mode")
        require(all(np.isfinite(part).all() for part in (shares, centres, precisions)), "finite numbers of modes")
        return cls(shares, centres, precisions)

    def of(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N,) the nearest mode of rows (N, F), and (N,) whether they are as near to it as its own rows."""
        from scipy.stats import chi2

        off = rows[:, None] - self.centres  # (N, K, F)
        squared = np.einsum("nkf,kfg,nkg->nk", off, self.precisions, off)
        nearest = squared.argmin(axis=1)
        return nearest, squared.min(axis=1) <= chi2.ppf(NEAR, rows.shape[1])


def find_modes(rows: np.ndarray, seed: int = 0) -> Modes | None:
    """The clumps of real rows (N, F), where they lie in several that are far from each other; else None.

    As many Gaussians as the Bayesian information criterion prefers; none of two may reach into the other.
    """
    mixture = best_mixture(rows, seed)
    if mixture is None or mixture.n_components < 2:
        return None
    modes = Modes(mixture.weights_, mixture.means_, mixture.precisions_)
    off = modes.centres[:, None] - modes.centres  # (K, K, F)
    apart = np.sqrt(np.einsum("klf,kfg,klg->kl", off, modes.precisions, off))
    np.fill_diagonal(apart, np.inf)
    return modes if apart.min() > 2 * APART else None


def best_mixture(rows: np.ndarray, seed: int = 0) -> Any:
    """A mixture of up to twelve Gaussians, as many as the Bayesian information criterion prefers; None of few rows.

    Schwarz (1978), Estimating the Dimension of a Model, https://doi.org/10.1214/aos/1176344136; fitted by scikit-learn.
    """
    import warnings

    from sklearn.mixture import GaussianMixture

    if len(rows) < FEWEST_ROWS:
        return None
    shown = _some(rows, 2 * MOST_ROWS, seed)
    best, lowest = None, np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that one has not settled
        for count in range(1, MOST_MODES + 1):
            mixture = GaussianMixture(count, n_init=3, init_params="k-means++", random_state=seed).fit(shown)
            criterion = mixture.bic(shown)
            if criterion < lowest:
                best, lowest = mixture, criterion
    return best


def evaluate(
    samples: np.ndarray,
    real: np.ndarray,
    *,
    modes: Modes | None = None,
    columns: list[str] | None = None,
    one_unit: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Every score of samples, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        samples: Rows that were made.
        real: Rows that nothing has learnt from.
        modes: Of the real rows, if they lie in clumps.
        columns: Names of the F numbers.
        one_unit: Whether all of them are measured in one.
        seed: Of subsets, resamples and permutations.

    Shape:
        - samples, real: (N, F) and (M, F)

    Raises:
        ShapeError: If the rows have different widths.
        DataError: If there are less than two rows, or a sample is not finite.
    """
    samples, real = _checked(samples, real)
    a, b = (_some(rows, MOST_ROWS, seed) for rows in standardised(samples, real, one_unit))
    distances = _distances(np.concatenate([a, b]))
    value, low, high = _energy_interval(distances, len(a), seed)
    p_value, chance = _permuted(distances, len(a), value, seed)
    of_modes, table = _mode_scores(samples, modes, seed) if modes else ({}, [])
    return {
        "kind": "samples",
        "count": len(real),
        "headline": ["energy_distance", *of_modes],
        "energy_distance": score(max(0.0, value), (max(0.0, low), max(0.0, high))),
        **of_modes,
        "details": {
            "columns": columns or [f"column {i}" for i in range(1, real.shape[1] + 1)],
            "p_value": p_value,
            "chance": chance,
            "modes": table,
        },
    }


def standardised(samples: np.ndarray, real: np.ndarray, one_unit: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Both in units of the real rows' deviations: of each column its own, or of all together."""
    mean, deviation = real.mean(axis=0), real.std(axis=0)
    if one_unit:
        deviation = np.sqrt(np.mean(deviation**2))
    deviation = np.where(deviation > 0, deviation, 1.0)
    return (samples - mean) / deviation, (real - mean) / deviation


def mode_shares(samples: np.ndarray, modes: Modes | None) -> dict[str, float]:
    """Modes covered and samples near one, without intervals; empty where there are no modes."""
    if modes is None:
        return {}
    counts, is_near = _counts(samples, modes)
    is_covered = counts >= FEWEST * modes.shares * len(samples)
    return {"modes_covered": float(is_covered.mean()), "near_modes": float(is_near.mean())}


def distance_of_shares(samples: np.ndarray, modes: Modes | None) -> float:
    """Total variation between where samples lie and where real rows do: in which mode, or near none; 0 without modes.

    Rows between the modes change the energy distance hardly at all, and this one by their share.
    """
    if modes is None:
        return 0.0
    counts, is_near = _counts(samples, modes)
    missing = counts / len(samples) - NEAR * modes.shares
    return float((np.abs(missing).sum() + abs(NEAR - is_near.mean())) / 2)


def distance_to_nearest(samples: np.ndarray, real: np.ndarray, one_unit: bool = False) -> np.ndarray:
    """(N,) how far samples (N, F) are from the nearest real row, in deviations of the columns."""
    from scipy.spatial import KDTree

    a, b = standardised(samples, real, one_unit)
    return KDTree(b).query(a)[0]


def energy_scores(samples: np.ndarray, real: np.ndarray, seed: int = 0, one_unit: bool = False) -> np.ndarray:
    """(M,) E|Y − x| − E|Y − Y'| / 2 of every real row x (M, F), Y being samples (N, F); smaller is better."""
    a, b = standardised(samples, real, one_unit)
    a = _some(a, MOST_ROWS, seed)
    among = _distances(a).sum() / (len(a) * (len(a) - 1))
    near = np.concatenate([_between(part, a).mean(axis=1) for part in np.array_split(b, -(-len(b) // MOST_ROWS))])
    return near - among / 2


def _energy(distances: np.ndarray, count: int) -> float:
    """Of the first `count` rows and the others, without the zeros between a row and itself: 0 is expected of equals."""
    n, m = count, len(distances) - count
    within = distances[:n, :n].sum() / (n * (n - 1)) + distances[n:, n:].sum() / (m * (m - 1))
    return 2 * distances[:n, n:].mean() - within


def _energy_interval(distances: np.ndarray, count: int, seed: int) -> tuple[float, float, float]:
    """The distance, and the middle 95 % of it among resampled rows of both sides.

    A row drawn twice is at distance 0 from itself, which would make both sides look narrower than they are; pairs of a
    row with itself are left out of the means.
    """
    rng, n = np.random.default_rng(seed), count
    m = len(distances) - n
    a = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(float)  # (R, n)
    b = rng.multinomial(m, np.full(m, 1 / m), size=RESAMPLES).astype(float)
    across = ((a @ distances[:n, n:]) * b).sum(axis=1) / (n * m)
    within = [
        ((w @ own) * w).sum(axis=1) / (len(own) ** 2 - (w**2).sum(axis=1))
        for w, own in ((a, distances[:n, :n]), (b, distances[n:, n:]))
    ]
    low, high = intervals.percentile_interval(2 * across - within[0] - within[1])
    return float(_energy(distances, n)), low, high


def _permuted(distances: np.ndarray, count: int, value: float, seed: int) -> tuple[float, float]:
    """How often rows that change sides at random are as far apart, and the distance that 95 % of them stay below."""
    rng, total = np.random.default_rng(seed), len(distances)
    n, m = count, total - count
    sides = np.zeros((PERMUTATIONS, total))
    for row in sides:
        row[rng.permutation(total)[:n]] = 1.0
    toward = sides @ distances  # (P, n + m)
    own, all_of = (toward * sides).sum(axis=1), toward.sum(axis=1)
    across = all_of - own
    other = distances.sum() - own - 2 * across
    found = 2 * across / (n * m) - own / (n * (n - 1)) - other / (m * (m - 1))
    return float((1 + (found >= value).sum()) / (1 + PERMUTATIONS)), float(np.quantile(found, intervals.CONFIDENCE))


def _mode_scores(samples: np.ndarray, modes: Modes, seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Modes covered and samples near a mode, and the samples of each mode."""
    counts, is_near = _counts(samples, modes)
    needed = FEWEST * modes.shares * len(samples)
    draws = intervals.resampled_counts(
        np.append(counts, len(samples) - counts.sum()), resamples=RESAMPLES, rng=np.random.default_rng(seed)
    )
    covered = (draws[:, :-1] >= needed).mean(axis=1)
    scores = {
        "modes_covered": score((counts >= needed).mean(), intervals.percentile_interval(covered)),
        "near_modes": score(is_near.mean(), intervals.wilson(int(is_near.sum()), len(samples))),
    }
    shares = counts / len(samples)
    table = [
        {"centre": centre.tolist(), "real": float(real), "samples": float(made)}
        for centre, real, made in zip(modes.centres, modes.shares, shares)
    ]
    return scores, table


def _counts(samples: np.ndarray, modes: Modes) -> tuple[np.ndarray, np.ndarray]:
    """(K,) the samples near each mode, and (N,) whether a sample is near one."""
    nearest, is_near = modes.of(samples)
    return np.bincount(nearest[is_near], minlength=len(modes.shares)), is_near


def _distances(rows: np.ndarray) -> np.ndarray:
    return _between(rows, rows)


def _between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import cdist

    return cdist(a, b)


def _some(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """All rows, or so many of them by chance."""
    return rows if len(rows) <= most else rows[np.random.default_rng(seed).choice(len(rows), most, replace=False)]


def _checked(samples: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if samples.ndim != 2 or real.ndim != 2 or samples.shape[1] != real.shape[1]:
        raise ShapeError(f"expected rows of one width, got samples {samples.shape} and real rows {real.shape}")
    if min(len(samples), len(real)) < 2:
        raise DataError("expected at least two rows to judge by: make the test split larger")
    if not np.isfinite(samples).all():
        raise DataError("some samples are not numbers: the model has diverged; train with a lower learning rate")
    return samples.astype(np.float64), real.astype(np.float64)
