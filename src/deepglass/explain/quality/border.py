"""The border of a picture: does it alone tell the class?

A thing seldom reaches the border on all sides; what is there is background. So the answer is asked for once more with
all but the outermost squares hidden, and once with these hidden. Where the border alone brings back most of what the
whole picture says, the network may have learnt how pictures of a class were taken and not what is on them. No split of
the same pictures shows that, for all of them were taken alike.

Xiao, Engstrom, Ilyas & Madry (2021), Noise or Signal: The Role of Image Backgrounds in Object Recognition,
https://arxiv.org/abs/2006.09994; Noyan (2022), Uncovering Bias in the PlantVillage Dataset,
https://arxiv.org/abs/2206.04374 (eight pixels of the border tell 49 % of 38 diseases).
"""

from typing import Any

import numpy as np

from deepglass.explain.subject import Subject

ALARM = 0.5  # of the way from nothing to the whole picture, from which on the border alone is said to tell the class
LEAST = 0.2  # that the whole picture is above nothing, without which there is no way to speak of


def of(subject: Subject) -> dict[str, Any]:
    """`border` and `inside`, scores with these squares alone; `share` of the way that the border brings back; whether
    it `tells` the class. {} of pictures too small to have a border.
    """
    ring = of_grid(subject.parts.owner[0][0].numpy())
    if ring.all():
        return {}
    border, inside = (float(score) for score in subject.game(np.stack([ring, ~ring])))
    none, whole = subject.ends
    share = (border - none) / (whole - none) if whole - none >= LEAST else 0.0
    return {"border": border, "inside": inside, "share": share, "tells": share >= ALARM}


def of_grid(owner: np.ndarray) -> np.ndarray:
    """(M,) whether a square lies at the border, from the square of each pixel (H, W)."""
    edge = np.concatenate([owner[0], owner[-1], owner[:, 0], owner[:, -1]])
    return np.isin(np.arange(owner.max() + 1), edge)
