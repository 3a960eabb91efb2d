"""How well pictures are painted: how near they come to the style, and what stays of their content.

style_loss     of the painted pictures (`painting/losses.py`); 0 has the style, 1 has nothing of it
content_loss   likewise
style_fall     by what factor the style loss fell from the pictures as they were
content_fall   by what factor the content loss is below that of white noise, in which nothing of a picture is left

A network that does nothing keeps all content and reaches a style fall of 1; one that says the same of every picture has
the style and a content fall near 1. Only both together are a painted picture.
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import mean_interval
from deepglass.evaluate.scores import score

MOST = 1_000.0  # of a fall: a loss of 0 has no quotient
NAMES = ("content_loss", "style_loss")  # the columns of a table


def falls(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """By what factor losses fell, at most `MOST`.

    Example:
        >>> falls(np.array([1.0, 2.0]), np.array([0.1, 0.0])).tolist()
        [10.0, 1000.0]
    """
    with np.errstate(invalid="ignore"):  # of nothing that stays nothing there is no quotient
        return np.minimum(MOST, before / np.maximum(after, before / MOST))


def evaluate(after: np.ndarray, before: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Both losses and their falls, with bootstrap intervals over the pictures.

    Args:
        after: (N, 2) content and style loss of each painted picture.
        before: (N, 2) content loss of noise, style loss of the picture as it was.
        seed: Of the bootstrap.
    """
    named = {name: after[:, column] for column, name in enumerate(NAMES)}
    named |= {"content_fall": falls(before[:, 0], after[:, 0]), "style_fall": falls(before[:, 1], after[:, 1])}
    return {
        "kind": "style_transfer",
        "count": len(after),
        "headline": ["style_fall", "content_fall", "style_loss"],
        **{name: score(values.mean(), mean_interval(values, seed=seed)) for name, values in named.items()},
        "details": {"before": {name: float(before[:, column].mean()) for column, name in enumerate(NAMES)}},
    }
