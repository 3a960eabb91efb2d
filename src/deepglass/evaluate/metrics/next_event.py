"""How often the next event is foreseen, at every place of every session, and how far up the list it stood.

    hit@k   share of places at which what came next is among the first k of all events
    MRR     mean of 1/rank of what came next

Every place counts the same. Sessions, not places, are drawn for the intervals: places of one session depend on each
other. An event that training has not learnt is a miss for everybody.
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import percentile_interval, resampled_means
from deepglass.evaluate.scores import score

CUTS = (1, 5, 10)
NAMES = ("hit_at_1", "hit_at_5", "hit_at_10", "reciprocal_rank")


def gains(ranks: np.ndarray) -> np.ndarray:
    """(P, 4) of ranks (P,) from 1: whether each is among the first 1, 5 and 10, and 1/rank.

    Example:
        >>> gains(np.array([1, 4])).tolist()
        [[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.25]]
    """
    return np.stack([*((ranks <= cut).astype(float) for cut in CUTS), 1 / ranks], axis=1)


def by_session(owner: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """(N, M) sums of the values (P, M) of places, by the session (P,) that each is in."""
    return np.stack([np.bincount(owner, column, minlength=count) for column in values.T], axis=1)


def mean_of(per_session: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(M,) over all places, of means (N, M) over those of each session.

    Args:
        steps: (N,) places of each.
    """
    return steps @ per_session / steps.sum()


def shares_of_total(per_session: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(N, M) of which the plain mean is the mean over all places: what paired tests compare."""
    return per_session * (steps / steps.mean())[:, None]


def evaluate(per_session: np.ndarray, steps: np.ndarray, nats: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Every score, with intervals over sessions.

    Args:
        per_session: (N, 4) means of `gains` over the places of each session.
        steps: (N,) places of each.
        nats: (N,) mean surprise at the places of each.
        seed: Of the bootstrap.
    """
    sums = np.column_stack([per_session * steps[:, None], nats * steps, steps])
    drawn = resampled_means(sums, seed=seed)
    values = sums[:, :-1].sum(axis=0) / steps.sum()
    samples = drawn[:, :-1] / drawn[:, -1:]
    scores = [score(value, percentile_interval(column)) for value, column in zip(values, samples.T, strict=True)]
    return {
        "kind": "next_event",
        "count": len(steps),
        "headline": ["hit_at_1", "hit_at_10", "reciprocal_rank"],
        **dict(zip((*NAMES, "nats_per_event"), scores, strict=True)),
        "details": {"places": int(steps.sum())},
    }
