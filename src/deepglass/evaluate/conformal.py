"""Conformal prediction: sets and intervals that hold the truth as often as asked, whatever the network is worth.

    q = the ⌈(n + 1) · coverage⌉-th smallest of n scores of examples that were not learnt from
    set = every class whose score is at most q;     interval = every value whose score is at most q

    APS     s(x, y) = sum of the probabilities that are at least that of y, less u · p(y),   u even in [0, 1]
    RAPS    … + penalty · (rank of y − kept)⁺        sets without the long tail of unlikely classes
    value   s(x, y) = |y − f(x)|
    CQR     s(x, y) = max(low(x) − y, y − high(x))   around quantiles that a model gives

Where old and new examples are exchangeable, the coverage of one calibration is a draw of Beta(k, n + 1 − k) with k the
rank above: never a promise for each example, or for each group.

References:
    Vovk, Gammerman & Shafer (2005), Algorithmic Learning in a Random World
    Romano, Sesia & Candès (2020), Classification with Valid and Adaptive Coverage, https://arxiv.org/abs/2006.02544
    Angelopoulos et al. (2021), Uncertainty Sets for Image Classifiers, https://arxiv.org/abs/2009.14193 (their λ is our
    penalty, their k_reg our kept)
    Romano, Patterson & Candès (2019), Conformalized Quantile Regression, https://arxiv.org/abs/1905.03222
"""

import hashlib

import numpy as np

from deepglass.core.errors import OptionError

PENALTY, KEPT = 0.01, 2  # of RAPS: small enough to leave sets of three classes nearly alone
DIGITS = 4  # of the probabilities that draw u: processors differ in later ones


def rank(count: int, coverage: float) -> int:
    """Which of `count` ordered scores is the quantile, from 1; one more than there are where they are too few.

    Raises:
        OptionError: If the coverage is not between 0 and 1.
    """
    require_share(coverage)
    return int(np.ceil(round((count + 1) * coverage, 9)))


def require_share(coverage: float) -> None:
    """Raises OptionError if a coverage is none."""
    if not 0 < coverage < 1:
        raise OptionError(f"--coverage: expected a share between 0 and 1, got {coverage:g}")


def quantile(scores: np.ndarray, coverage: float) -> float:
    """The score up to which a class or value belongs to the answer; infinite where there are too few to say."""
    place = rank(len(scores), coverage)
    return float(np.sort(scores)[place - 1]) if place <= len(scores) else float("inf")


def fewest(coverage: float) -> int:
    """Scores without which no such answer can be told."""
    return int(np.ceil(round(coverage / (1 - coverage), 6)))


def band(count: int, coverage: float, tested: int, confidence: float = 0.95) -> tuple[float, float]:
    """Between which shares the coverage on `tested` new examples lies, in 95 of 100 cases, if all is as it should be.

    Both draws are in it: which examples calibrated (Beta) and which were tested (binomial).
    """
    from scipy.stats import betabinom

    place = min(rank(count, coverage), count)
    low, high = betabinom(tested, place, count + 1 - place).interval(confidence)
    return float(low / tested), float(high / tested)


# -- classes --------------------------------------------------------------------------------------------------------


def class_scores(
    probs: np.ndarray, draws: np.ndarray | None = None, *, penalty: float = PENALTY, kept: int = KEPT
) -> np.ndarray:
    """(N, K) the score of every class; penalty 0 gives APS.

    Args:
        probs: (N, K) of a network.
        draws: (N,) u of each example; None for those that follow from its probabilities (`draws_of`).
        penalty, kept: What each rank beyond so many costs.
    """
    draws = draws_of(probs) if draws is None else draws
    probs = probs.astype(np.float64)
    order = np.argsort(-probs, axis=1, kind="stable")  # (N, K)
    own = np.take_along_axis(probs, order, axis=1)
    tail = penalty * np.maximum(0, np.arange(1, probs.shape[1] + 1) - kept)
    found = np.cumsum(own, axis=1) - draws[:, None] * own + tail
    scores = np.empty_like(found)
    np.put_along_axis(scores, order, found, axis=1)
    return scores


def draws_of(probs: np.ndarray) -> np.ndarray:
    """(N,) even in [0, 1): drawn by the probabilities themselves, so that an example gets the same set everywhere."""
    rounded = np.ascontiguousarray(np.round(probs.astype(np.float64), DIGITS) + 0.0)
    return np.array([int.from_bytes(hashlib.sha256(row.tobytes()).digest()[:7], "big") / 2**56 for row in rounded])


def true_scores(probs: np.ndarray, targets: np.ndarray, **settings: float) -> np.ndarray:
    """(N,) of the true classes."""
    return class_scores(probs, **settings)[np.arange(len(targets)), targets]  # type: ignore[arg-type]


def class_sets(probs: np.ndarray, limit: float, *, allows_none: bool = False) -> np.ndarray:
    """(N, K) which classes belong to each answer; the likeliest always does, unless empty sets are allowed.

    Args:
        probs: (N, K).
        limit: The `quantile` of scores of the same kind.
        allows_none: An empty set says "like nothing that I know", and makes the coverage exact.
    """
    sets = class_scores(probs) <= limit
    if not allows_none:
        sets[np.arange(len(probs)), probs.argmax(axis=1)] = True
    return sets


# -- values ---------------------------------------------------------------------------------------------------------


def value_scores(predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(N,) how far the truths are from the predictions."""
    return np.abs(targets.astype(np.float64) - predictions)


def quantile_scores(low: np.ndarray, high: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(N,) how far the truths are outside their interval [low, high]; below 0 inside it."""
    return np.maximum(low - targets, targets - high)
