"""Sets of classes that hold the truth as often as asked, from scores of examples that were not learnt from.

    q = the ⌈(n + 1) · coverage⌉-th smallest of n scores;     set = every class whose score is at most q

`evaluate/conformal.py` says where the scores come from and what is promised. NumPy and the standard library alone: this
very file is a part of `deploy/runtime` too, so that a bundle answers with the sets of its run.
"""

import hashlib

import numpy as np

PENALTY, KEPT = 0.01, 2  # of RAPS: small enough to leave sets of three classes nearly alone
DIGITS = 4  # of the probabilities that draw u: processors differ in later ones


def rank(count: int, coverage: float) -> int:
    """Which of `count` ordered scores is the quantile, from 1; one more than there are where they are too few."""
    return int(np.ceil(round((count + 1) * coverage, 9)))


def quantile(scores: np.ndarray, coverage: float) -> float:
    """The score up to which a class or value belongs to the answer; infinite where there are too few to say."""
    place = rank(len(scores), coverage)
    return float(np.sort(scores)[place - 1]) if place <= len(scores) else float("inf")


def fewest(coverage: float) -> int:
    """Scores without which no such answer can be told."""
    return int(np.ceil(round(coverage / (1 - coverage), 6)))


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
