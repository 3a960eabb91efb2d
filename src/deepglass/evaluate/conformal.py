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

import numpy as np

from deepglass.core import conformal
from deepglass.core.conformal import class_scores, class_sets, draws_of, fewest, quantile
from deepglass.core.errors import OptionError

__all__ = [
    "band",
    "class_scores",
    "class_sets",
    "draws_of",
    "fewest",
    "quantile",
    "quantile_scores",
    "rank",
    "require_share",
    "true_scores",
    "value_scores",
]


def rank(count: int, coverage: float) -> int:
    """Which of `count` ordered scores is the quantile, from 1; one more than there are where they are too few.

    Raises:
        OptionError: If the coverage is not between 0 and 1.
    """
    require_share(coverage)
    return conformal.rank(count, coverage)


def require_share(coverage: float) -> None:
    """Raises OptionError if a coverage is none."""
    if not 0 < coverage < 1:
        raise OptionError(f"--coverage: expected a share between 0 and 1, got {coverage:g}")


def band(count: int, coverage: float, tested: int, confidence: float = 0.95) -> tuple[float, float]:
    """Between which shares the coverage on `tested` new examples lies, in 95 of 100 cases, if all is as it should be.

    Both draws are in it: which examples calibrated (Beta) and which were tested (binomial).
    """
    from scipy.stats import betabinom

    place = min(rank(count, coverage), count)
    low, high = betabinom(tested, place, count + 1 - place).interval(confidence)
    return float(low / tested), float(high / tested)


def true_scores(probs: np.ndarray, targets: np.ndarray, **settings: float) -> np.ndarray:
    """(N,) of the true classes."""
    return class_scores(probs, **settings)[np.arange(len(targets)), targets]  # type: ignore[arg-type]


def value_scores(predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(N,) how far the truths are from the predictions."""
    return np.abs(targets.astype(np.float64) - predictions)


def quantile_scores(low: np.ndarray, high: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(N,) how far the truths are outside their interval [low, high]; below 0 inside it."""
    return np.maximum(low - targets, targets - high)
