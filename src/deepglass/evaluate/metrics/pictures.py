"""How good pictures are that were made: what unseen ones cost, and whether samples are copies of what was learnt.

How near a sample is to its nearest training picture tells little alone: unseen pictures of the same kind are the
measure. Samples that are much nearer than these are copies.

The kernel distance (KID) is that of the pixels themselves, without the mean of the real ones and in their deviation
(with the mean, it would weigh little else), and not of the features of a network: it can be measured of every kind of
picture, and compared on the same real pictures alone. Beside it stands what it is between halves of these.
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import percentile_interval
from deepglass.evaluate.kernel_distance import cubic_kernel, distances_of_halves, kernel_distances, squared_mmd
from deepglass.evaluate.metrics import bound, samples
from deepglass.evaluate.scores import score

FEWEST_IN_HALVES = 4
MOST_COMPARED = 2_000_000_000  # products of a search for the nearest pictures: a second or two


def evaluate(
    made: np.ndarray,
    real: np.ndarray,
    parts: dict[str, np.ndarray],
    *,
    sides: tuple[int, int],
    nearest: dict[str, float] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Every score with a 95 % interval, in the form that `scores.py` describes.

    Args:
        made: Pictures that were made, as brightness of their pixels.
        real: Pictures that nothing has learnt from.
        parts: "reconstruction" and "kl" of these, (N,) nats each; without them samples alone are judged.
        sides: Height and width.
        nearest: Mean distances to the nearest training picture, of "samples" and of "real" ones.
        seed: Of resamples.

    Shape:
        - made, real: (N, H·W)

    Raises:
        DataError: If there are less than two pictures, or one holds something that is not a number.
    """
    found = samples.evaluate(made, real, one_unit=True, seed=seed)
    kid, of_real = kernel_distances_beside_chance(made, real, seed)
    details = {"sides": list(sides), "nearest": nearest, "p_value": found["details"]["p_value"], "kid_of_real": of_real}
    costs = bound.scores(parts, seed) if "kl" in parts else {"energy_distance": found["energy_distance"]}
    first = next(iter(costs))
    headline = [first, *kid]
    return {"kind": "pictures", "count": len(real), "headline": headline, **costs, **kid, "details": details}


def kernel_distances_beside_chance(
    made: np.ndarray, real: np.ndarray, seed: int
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Of samples, and of the halves of the real pictures; nothing of too few."""
    if min(len(made), len(real)) < FEWEST_IN_HALVES:
        return {}, None
    made, real = samples.standardised(made, real, one_unit=True)
    of_made, of_real = kernel_distances(made, real, seed=seed), distances_of_halves(real, seed=seed)
    kid, chance = (score(found.mean(), percentile_interval(found)) for found in (of_made, of_real))
    return {"kid": kid}, chance


def kid_of_pixels(made: np.ndarray, real: np.ndarray) -> float:
    """Of all rows at once, (N, F) that were made and (M, F) real ones, without an interval."""
    some = [rows[: samples.MOST_ROWS] for rows in samples.standardised(made, real, one_unit=True)]
    places = np.arange(len(some[0])), len(some[0]) + np.arange(len(some[1]))
    return squared_mmd(cubic_kernel(np.concatenate(some)), *places)


def nearest_of(pictures: np.ndarray, learnt: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """(N,) which picture of the training (n, F) is nearest to each of (N, F), and (N,) how far; None of too many."""
    if len(pictures) * learnt.size > MOST_COMPARED:
        return None
    squared = (learnt**2).sum(axis=1) - 2 * pictures @ learnt.T  # (N, n), without the part that is the same for all
    places = squared.argmin(axis=1)
    return places, np.sqrt(((pictures - learnt[places]) ** 2).sum(axis=1))
