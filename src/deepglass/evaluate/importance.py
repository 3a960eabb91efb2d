"""How much each column matters to a model: by how much its loss grows when the cells of the column are shuffled.

A shuffled column has its own values, but says nothing any more of the row in which they stand. What the model loses by
that, it had from the column; two columns that say the same share it, and each looks less important than it is.

Breiman (2001), Random Forests, https://doi.org/10.1023/A:1010933404324; Fisher, Rudin & Dominici (2019), All Models are
Wrong, but Many are Useful, https://arxiv.org/abs/1801.01489.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

FEWEST_ROWS, MOST_ROWS = 20, 2_000  # of the test that are asked
ROUNDS = 5  # shufflings of each column; the interval holds what they and the rows leave open
Z = 1.96  # of a 95 % interval
Shuffled = Callable[[np.random.Generator], np.ndarray]


def of_columns(
    usual: np.ndarray, shuffled: Mapping[str, Shuffled], seconds: float, seed: int = 0
) -> list[dict[str, Any]]:
    """The growth of the mean loss for each column, the largest first, with a 95 % interval.

    Args:
        usual: (N,) losses of the rows as they are.
        shuffled: By column what gives (N,) losses with its cells shuffled.
        seconds: After them no further round is begun; a first one that is not whole counts for nothing.
        seed: Of the shuffling.

    Returns:
        `column`, `value`, `low` and `high`; empty where there was no time.
    """
    generator, until = np.random.default_rng(seed), time.monotonic() + seconds
    growth: dict[str, list[np.ndarray]] = {name: [] for name in shuffled}
    for _ in range(ROUNDS):
        for name, losses in shuffled.items():
            if time.monotonic() > until:
                break
            growth[name].append(losses(generator) - usual)
    if not all(growth.values()):
        return []
    found = [{"column": name, **_mean(np.mean(rounds, axis=0))} for name, rounds in growth.items()]
    return sorted(found, key=lambda one: -one["value"])


def _mean(growth: np.ndarray) -> dict[str, float]:
    """The mean over rows, and its interval."""
    mean, error = float(growth.mean()), float(growth.std(ddof=1) / np.sqrt(len(growth))) if len(growth) > 1 else 0.0
    return {"value": mean, "low": mean - Z * error, "high": mean + Z * error}
