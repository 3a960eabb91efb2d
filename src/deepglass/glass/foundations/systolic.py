"""A systolic array: a matrix product in which no number is fetched twice.

A grid of simple cells, one for each weight, that do one thing: multiply what comes from the left by the own weight, add
what comes from above, hand both on. Rows of X enter at the left edge, each column one beat later than the one above it;
sums leave at the bottom. Memory is read at the edge alone. This is the matrix unit of a TPU, which has 256 × 256
such cells in its first generation; the numbers here are those of `X @ W`, and the beats are counted, not timed.

Kung and Leiserson (1979), Systolic arrays (for VLSI); Jouppi et al. (2017), In-datacenter performance analysis of a
tensor processing unit, https://arxiv.org/abs/1704.04760
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Beat:
    """The array after one beat.

    Args:
        number: Counted from 1.
        passing: (K, N) what each cell hands to the right, nan where nothing has come.
        sums: (K, N) what each cell hands down, nan where nothing has come.
        done: (M, N) the product as far as it has left the array, nan elsewhere.
    """

    number: int
    passing: Any
    sums: Any
    done: Any


def beats(rows: int, inputs: int, outputs: int) -> int:
    """How many beats (M, K) @ (K, N) takes: the last row enters last, and crosses the whole array."""
    return rows + inputs + outputs - 2


def run(X: Any, W: Any) -> Iterator[Beat]:
    """X @ W, beat by beat; `done` of the last one is the product.

    Args:
        X: (M, K), which streams through.
        W: (K, N), one weight in each cell; it stays where it is.

    Raises:
        ValueError: If the shapes do not fit a product.
    """
    X, W = np.asarray(X, dtype=float), np.asarray(W, dtype=float)
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0]:
        raise ValueError(f"expected (M, K) and (K, N), got {X.shape} and {W.shape}")
    (M, K), N = X.shape, W.shape[1]
    passing, sums, done = (np.full(shape, np.nan) for shape in ((K, N), (K, N), (M, N)))
    for t in range(beats(M, K, N)):
        came = np.full((K, N), np.nan)
        came[:, 1:] = passing[:, :-1]
        for k in range(K):
            if 0 <= t - k < M:
                came[k, 0] = X[t - k, k]  # row after row, input k one beat after input k − 1
        above = np.vstack([np.zeros((1, N)), sums[:-1]])
        passing, sums = came, above + came * W  # every cell at once: nan where nothing has come
        for n in range(N):
            if 0 <= (row := t - (K - 1) - n) < M:
                done[row, n] = sums[-1, n]
        yield Beat(t + 1, passing, sums, done.copy())


def product(X: Any, W: Any) -> Any:
    """X @ W (M, N), as the array leaves it.

    Raises:
        ValueError: If the shapes do not fit a product.
    """
    for beat in run(X, W):
        last = beat
    return last.done


def busy(rows: int, inputs: int, outputs: int) -> float:
    """The share of cells and beats in which something is multiplied; few rows leave most of the array idle."""
    return rows / beats(rows, inputs, outputs)


def reads(rows: int, inputs: int, outputs: int) -> tuple[int, int]:
    """Numbers that are read from memory: by an array, and by a loop that fetches two for each multiplication."""
    return rows * inputs + inputs * outputs, 2 * rows * inputs * outputs
