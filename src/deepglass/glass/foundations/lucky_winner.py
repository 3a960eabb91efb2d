"""Trials that all toss coins: how good does the best of them look, and what does a test say of it?

The best of n shares, each 1/2 ± 1/2√m on m examples, lies about √(2 ln n) such deviations above 1/2; on examples that
did not choose it, it is worth 1/2 again. Cawley & Talbot (2010), On Over-fitting in Model Selection,
https://jmlr.org/papers/v11/cawley10a.html
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Winners(NamedTuple):
    """Of the best trial of each search, by number of trials: arrays (searches, numbers).

    validation: Share right on the examples that chose it. test: Share right on others. is_ahead: Whether it leads the
    usual model, another coin, by more than one standard error, example by example.
    """

    validation: np.ndarray
    test: np.ndarray
    is_ahead: np.ndarray


def winners(trials: Sequence[int], examples: int = 100, searches: int = 200, seed: int = 0) -> Winners:
    """The best of so many coins, for each number of trials (the smaller ones are the first of the larger ones)."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(searches):
        right = rng.integers(0, 2, (1 + max(trials), examples), dtype=np.int8)
        usual, rivals = right[0], right[1:]
        best = rivals[[int(rivals[:n].sum(1).argmax()) for n in trials]]
        gains, tests = best - usual, rng.binomial(examples, 0.5, len(trials)) / examples
        found.append((best.mean(1), tests, gains.mean(1) > gains.std(1, ddof=1) / examples**0.5))
    return Winners(*(np.array(part) for part in zip(*found, strict=True)))
