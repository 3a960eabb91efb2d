"""The queue before a model on a clock that is only counted: what waiting and batching do to latency, with no server.

    answered = simulate(arrivals(rate=90, count=1000), fixed_s=0.008, per_row_s=0.002, max_batch=32)

It takes batches as `batching.py` does: whenever the machine is free, all that wait are computed together, as many as
fit; a test runs both on the same arrivals. Requests come as independent users send them, a Poisson process; for a
machine that takes s seconds for each, one after the other, and is busy a share ρ of the time, the mean time to an
answer is s·(1 + ρ / (2·(1 − ρ))): Pollaczek (1930), https://doi.org/10.1007/BF01194620, and Khinchine (1932).
"""

import numpy as np


def arrivals(rate: float, count: int, seed: int = 0) -> np.ndarray:
    """Times in seconds at which requests come, `rate` a second on average, each without regard to the others."""
    return np.cumsum(np.random.default_rng(seed).exponential(1 / rate, count))


def simulate(
    arrived: np.ndarray, fixed_s: float, per_row_s: float, max_batch: int, max_queue: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """When each request is begun, and when it is answered; NaN where it was refused.

    Args:
        arrived: In seconds, ascending.
        fixed_s: What a batch costs however small it is: the way there and back, weights that are read.
        per_row_s: What every row of it costs besides.
        max_batch: Most requests that are computed together.
        max_queue: Requests that may wait; a further one is refused at once.
    """
    begun, answered = np.full(len(arrived), np.nan), np.full(len(arrived), np.nan)
    waiting: list[int] = []
    free, following = 0.0, 0
    while following < len(arrived) or waiting:
        start = max(free, arrived[waiting[0]] if waiting else arrived[following])
        while following < len(arrived) and arrived[following] <= start:
            if len(waiting) < max_queue:
                waiting.append(following)
            following += 1
        batch, waiting = waiting[:max_batch], waiting[max_batch:]
        free = start + fixed_s + per_row_s * len(batch)
        begun[batch], answered[batch] = start, free
    return begun, answered


def mean_latency(rate: float, seconds: float) -> float:
    """The mean time to an answer, one after the other, `seconds` for each; endless where more come than can be done."""
    busy = rate * seconds
    return seconds * (1 + busy / (2 * (1 - busy))) if busy < 1 else float("inf")


def capacity(fixed_s: float, per_row_s: float, max_batch: int) -> float:
    """Requests a second that a machine can answer if all its batches are full."""
    return max_batch / (fixed_s + per_row_s * max_batch)
