"""How good pictures are that were made: what unseen ones cost, and whether samples are copies of what was learnt.

How near a sample is to its nearest training picture tells little alone: unseen pictures of the same kind are the
measure. Samples that are much nearer than these are copies.
"""

from typing import Any

import numpy as np

from deepglass.evaluate.metrics import bound, samples

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
    found = samples.evaluate(made, real, seed=seed)
    details = {"sides": list(sides), "nearest": nearest, "p_value": found["details"]["p_value"]}
    named = {"kind": "pictures", "count": len(real)}
    if "kl" in parts:
        return {**named, "headline": ["negative_elbo"], **bound.scores(parts, seed), "details": details}
    return {**named, "headline": ["energy_distance"], "energy_distance": found["energy_distance"], "details": details}


def nearest_of(pictures: np.ndarray, learnt: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """(N,) which picture of the training (n, F) is nearest to each of (N, F), and (N,) how far; None of too many."""
    if len(pictures) * learnt.size > MOST_COMPARED:
        return None
    squared = (learnt**2).sum(axis=1) - 2 * pictures @ learnt.T  # (N, n), without the part that is the same for all
    places = squared.argmin(axis=1)
    return places, np.sqrt(((pictures - learnt[places]) ** 2).sum(axis=1))
