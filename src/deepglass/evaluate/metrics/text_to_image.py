"""How well pictures are painted after captions: whether the way to unseen pictures is known, and the words matter.

velocity error   mean squared error of the velocities on straight paths from noise to unseen pictures, in units of the
                 pixels' own deviation; 0 would know the picture from its caption alone, which nobody can
caption match    how often a picture's own caption has a smaller error than another; 50 % reads nothing
kid              kernel distance of the painted pictures' pixels to real ones (`metrics/pictures.py`)

References:
    Li et al. (2023), Your Diffusion Model is Secretly a Zero-Shot Classifier, https://arxiv.org/abs/2303.16203
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import mean_interval
from deepglass.evaluate.metrics.pictures import kernel_distances_beside_chance
from deepglass.evaluate.scores import score

TIE = 0.5  # of a match: a network that reads no words says the same under both


def matches(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(N,) 1 where the own caption has the smaller error, ½ where both have the same.

    Example:
        >>> matches(np.array([0.1, 0.3, 0.2]), np.array([0.2, 0.2, 0.2])).tolist()
        [1.0, 0.0, 0.5]
    """
    return np.where(own == other, TIE, (own < other).astype(float))


def evaluate(table: np.ndarray, extra: dict[str, np.ndarray], *, seed: int = 0) -> dict[str, Any]:
    """Every score with a 95 % interval over pictures, in the form that `scores.py` describes.

    Args:
        table: (N, 2) errors under the own caption and under another.
        extra: "real" and "made" pictures (N, H, W, C), which of them "is_made", and perhaps "to_nearest" (N, 2).
        seed: Of resamples.
    """
    own, other = table[:, 0].astype(float), table[:, 1].astype(float)
    found = {"velocity_error": own, "caption_match": matches(own, other)}
    named = {name: score(values.mean(), mean_interval(values, seed=seed)) for name, values in found.items()}
    is_made = extra["is_made"]
    flat = [extra[name].reshape(len(table), -1).astype(np.float32) for name in ("made", "real")]
    kid, of_real = kernel_distances_beside_chance(flat[0][is_made], flat[1], seed)
    nearest = None
    if "to_nearest" in extra:
        nearest = dict(zip(("samples", "real"), extra["to_nearest"][is_made].mean(axis=0).tolist()))
    details = {"made": int(is_made.sum()), "kid_of_real": of_real, "nearest": nearest}
    headline = ["velocity_error", "caption_match", *kid]
    return {"kind": "text_to_image", "count": len(table), "headline": headline, **named, **kid, "details": details}
