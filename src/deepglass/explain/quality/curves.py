"""Insertion and deletion: does the score follow the parts that are said to matter?

Deletion hides parts, the most important first: the score should fall at once. Insertion shows them on the base, the
most important first: it should rise at once. Each is the mean score over the steps. A number alone says nothing, for
every order does something: a random order stands beside it, and of a picture the order of an edge detector, which has
never seen the model.

Petsiuk, Das & Saenko (2018), RISE, https://arxiv.org/abs/1806.07421; what these curves cannot tell: Gomez, Fréour &
Mouchère (2022), Metrics for Saliency Map Evaluation, https://arxiv.org/abs/2201.13291.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from deepglass.explain import Explanation
from deepglass.explain.coalitions import Game
from deepglass.explain.subject import Subject

RANDOM_ORDERS = 10
MOST_STEPS = 32


def of(subject: Subject, found: Explanation, seed: int = 0) -> dict[str, Any]:
    """For the explanation, a random order and an edge detector: `insertion` and `deletion`, mean scores."""
    rng = np.random.default_rng(seed)
    count = len(subject.parts)
    orders = {"this map": [np.argsort(-found.contributions, kind="stable")]}
    orders["random order"] = [rng.permutation(count) for _ in range(RANDOM_ORDERS)]
    picture, owner = subject.parts.picture, subject.parts.owner[0][0].numpy()
    if picture is not None and owner.shape == picture.shape[:2]:  # and no strip of frames
        edges = by_square(sobel(picture), owner, count)
        orders["edge detector"] = [np.argsort(-edges, kind="stable")]
    return {
        name: {way: float(np.mean([area(subject.game, order, way) for order in some])) for way in WAYS}
        for name, some in orders.items()
    }


def shown(order: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(steps, M) the first parts of the order are there."""
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    return rank < steps[:, None]


WAYS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "insertion": shown,
    "deletion": lambda order, steps: ~shown(order, steps),
}


def area(game: Game, order: np.ndarray, way: str) -> float:
    """The mean score over the steps from nothing done to everything done (trapezoids)."""
    count = len(order)
    steps = np.unique(np.linspace(0, count, min(count, MOST_STEPS) + 1).round().astype(int))
    scores = game(WAYS[way](order, steps))
    return float(np.trapezoid(scores, steps / count))


def sobel(picture: np.ndarray) -> np.ndarray:
    """(H, W) how strong the edges of a picture (H, W, C) are."""
    grey = np.pad(picture.astype(np.float64).mean(axis=2), 1, mode="edge")
    across = grey[:, 2:] - grey[:, :-2]
    down = grey[2:] - grey[:-2]
    across = across[:-2] + 2 * across[1:-1] + across[2:]
    down = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    return np.hypot(across, down)


def by_square(values: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """(M,) sums of pixels (H, W) over the squares that own them."""
    return np.bincount(owner.ravel(), weights=values.ravel(), minlength=count)
