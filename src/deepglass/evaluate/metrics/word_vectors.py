"""How good word vectors are: do words that stand near each other lie nearer than others, and do people agree?

    pair accuracy      share of pairs (word, one near it in a text) that lie nearer than (word, one by chance)
    word similarity    Spearman's rank correlation of the cosines of rated pairs with what people said of them

References:
    Finkelstein et al. (2002), Placing Search in Context, https://doi.org/10.1145/503104.503110 (WordSim-353)
    Spearman (1904), The Proof and Measurement of Association between Two Things, https://doi.org/10.2307/1412159
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

FEWEST_PAIRS = 3  # of which a rank correlation says anything


def evaluate_pairs(cosines: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Of pairs of a text.

    Args:
        cosines: (N, 2) of each word with one near it, and with one drawn by chance.
        seed: Of the bootstrap.
    """
    hits = is_nearer(cosines)
    return {
        "kind": "word_vectors",
        "count": len(hits),
        "headline": ["pair_accuracy"],
        "pair_accuracy": score(float(hits.mean()), intervals.mean_interval(hits, seed=seed)),
        "details": {"of": "pairs"},
    }


def is_nearer(cosines: np.ndarray) -> np.ndarray:
    """(N,) 1 where the near word is nearer, ½ where both are alike."""
    return np.where(cosines[:, 0] == cosines[:, 1], 0.5, (cosines[:, 0] > cosines[:, 1]).astype(float))


def evaluate_ratings(cosines: np.ndarray, ratings: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Of pairs that people have rated.

    Args:
        cosines: (N,) NaN where a word is not known: such pairs are left out.
        ratings: (N,)
        seed: Of the bootstrap.

    Raises:
        DataError: If fewer than three pairs are known.
    """
    is_known = np.isfinite(cosines)
    if is_known.sum() < FEWEST_PAIRS:
        raise DataError(
            f"{int(is_known.sum())} of {len(cosines)} pairs have two words with vectors: expected at least "
            f"{FEWEST_PAIRS}; train on more text, or lower --min-count"
        )
    cosines, ratings = cosines[is_known], ratings[is_known]
    interval = intervals.bootstrap(spearman, cosines, ratings, seed=seed)
    return {
        "kind": "word_vectors",
        "count": int(is_known.sum()),
        "headline": ["word_similarity"],
        "word_similarity": score(spearman(cosines, ratings), interval),
        "details": {"of": "ratings", "pairs": len(is_known)},
    }


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """The correlation of the ranks; 0 where one side is all alike."""
    from scipy.stats import rankdata

    ranks = [rankdata(part) - (len(part) + 1) / 2 for part in (a, b)]
    length = np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum())
    return float(ranks[0] @ ranks[1] / length) if length else 0.0
