"""Coalitions of parts, and the game that they play: what is the score when only some parts are there?"""

from collections.abc import Callable

import numpy as np

Game = Callable[[np.ndarray], np.ndarray]  # present (n, M) bool → scores (n,) float64


def every(count: int) -> np.ndarray:
    """(2ᴹ, M) all coalitions; row i holds the binary digits of i, the last part first."""
    return (np.arange(1 << count)[:, None] >> np.arange(count) & 1).astype(bool)


def ends(count: int) -> np.ndarray:
    """(2, M): nobody, everybody."""
    return np.repeat([[False], [True]], count, axis=1)


def drawn(count: int, number: int, rng: np.random.Generator) -> np.ndarray:
    """(number, M) pairs of a coalition and its complement, sizes as the Shapley kernel weighs them.

    A size s has the weight (M − 1) / (s · (M − s)), the number of its coalitions included. Each pair cancels what is
    symmetric in the game (Covert & Lee 2021).
    """
    sizes = np.arange(1, count)
    weights = 1 / (sizes * (count - sizes))
    chosen = rng.choice(sizes, size=-(-number // 2), p=weights / weights.sum())
    ranks = rng.random((len(chosen), count)).argsort(axis=1)
    half = ranks < chosen[:, None]
    return np.stack([half, ~half], axis=1).reshape(-1, count)[:number]
