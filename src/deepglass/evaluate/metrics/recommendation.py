"""How far up a list stands what somebody took next, among all items that they did not have (full ranking).

    nDCG@10    Σ 1/log₂(1 + rank) of the held-out items among the first ten, divided by the largest that it could be
    hit rate   share of users of whom a held-out item is among the first ten
    MRR        mean of 1/rank of the best held-out item
    coverage   share of the catalogue that is in anybody's first ten

Ranks among a hundred drawn items instead of all of them order methods differently, and are not used here.

References:
    Järvelin & Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques,
    https://doi.org/10.1145/582415.582418
    Krichene & Rendle (2020), On Sampled Metrics for Item Recommendation, https://doi.org/10.1145/3394486.3403226
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import mean_interval
from deepglass.evaluate.scores import score

LIST = 10  # items that somebody looks at
POPULAR = 0.1  # share of the catalogue, the items that most took


def ranks_of(scores: np.ndarray, held: np.ndarray) -> np.ndarray:
    """(N, k) the rank from 1 of held-out items.

    Args:
        scores: (N, I), -inf of what must not be recommended. Equal ones stand as the catalogue does.
        held: (N, k) places in the catalogue; below 0 for an item that it does not have, which comes behind all.
    """
    _, I = scores.shape
    places = held.clip(0)
    own = np.take_along_axis(scores, places, axis=1)  # (N, k)
    ranks = np.empty(held.shape, np.int64)
    for column in range(held.shape[1]):
        mine, place = own[:, column, None], places[:, column, None]
        before = (scores > mine) | ((scores == mine) & (np.arange(I) < place))
        ranks[:, column] = 1 + before.sum(axis=1)
    return np.where(held < 0, I + 1, ranks)


def first_of(scores: np.ndarray, count: int = LIST) -> np.ndarray:
    """(N, count) places of the highest scores, the best first; equal ones as the catalogue stands."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :count]


def ndcg(ranks: np.ndarray) -> np.ndarray:
    """(N,) of ranks (N, k).

    Example:
        >>> ndcg(np.array([[1], [3], [11]])).tolist()
        [1.0, 0.5, 0.0]
    """
    gains = np.where(ranks <= LIST, 1 / np.log2(1 + ranks), 0.0).sum(axis=1)
    most = min(ranks.shape[1], LIST)
    return gains / (1 / np.log2(1 + np.arange(1, most + 1))).sum()


def hits(ranks: np.ndarray) -> np.ndarray:
    """(N,) 1.0 where a held-out item is among the first ten."""
    return (ranks <= LIST).any(axis=1).astype(float)


def evaluate(ranks: np.ndarray, lists: np.ndarray, num_items: int, *, seed: int = 0) -> dict[str, Any]:
    """Every score, with intervals over users.

    Args:
        ranks: (N, k) of the held-out items.
        lists: (N, 10) places in the catalogue, the most popular first; -1 where nothing is left.
        num_items: I.
        seed: Of the bootstrap.
    """
    named = {"ndcg_at_10": ndcg(ranks), "hit_rate_at_10": hits(ranks), "mrr": 1 / ranks.min(axis=1)}
    shown = lists[lists >= 0]  # fewer than ten where a user has nearly all
    return {
        "kind": "recommendation",
        "count": len(ranks),
        "headline": [*named],
        **{name: score(values.mean(), mean_interval(values, seed=seed)) for name, values in named.items()},
        "catalogue_coverage": score(len(np.unique(shown)) / num_items),
        "details": {
            "items": num_items,
            "held_out": ranks.shape[1],
            "popular_share": float((shown < max(1, POPULAR * num_items)).mean()) if len(shown) else 0.0,
        },
    }
