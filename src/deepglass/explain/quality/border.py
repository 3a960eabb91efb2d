"""The border of a picture: does it alone tell the class?

A thing seldom reaches the border on all sides; what is there is background. Two questions are asked about it:

    hidden      all but the outermost squares, and once these: does the border alone bring back what the picture says?
    exchanged   where other pictures lie beside this one: does its middle lose its class inside borders of other
                classes, and do their middles gain it inside this border? Borders of its own class are the measure.

A hidden middle looks like no picture at all, and a network may answer anything to it; exchanged parts look like
pictures. Where either tells, the network may have learnt how pictures of a class were taken and not what is on them,
unless the thing itself reaches the border. No split of the same pictures shows that, for all of them were taken alike.

Xiao, Engstrom, Ilyas & Madry (2021), Noise or Signal: The Role of Image Backgrounds in Object Recognition,
https://arxiv.org/abs/2006.09994; Noyan (2022), Uncovering Bias in the PlantVillage Dataset,
https://arxiv.org/abs/2206.04374 (eight pixels of the border tell 49 % of 38 diseases).
"""

from typing import Any

import numpy as np
import torch

from deepglass.explain.subject import Subject

ALARM = 0.5  # of the class, from which on the border is said to tell it
LEAST = 0.2  # that the whole picture is above nothing, without which there is no way to speak of
MOST, DRAWN, FEWEST = (
    64,
    8,
    3,
)  # pictures among which others are looked for; of either kind that are taken; and at least


def of(subject: Subject) -> dict[str, Any]:
    """`border` and `inside`, scores with these squares alone; `share` of the way that the border brings back; whether
    it `tells` the class; and what `exchanged` gives. {} of pictures too small to have a border.
    """
    owner = subject.parts.owner[0][0].numpy()
    ring = of_grid(owner)
    if ring.all():
        return {}
    border, inside = (float(score) for score in subject.game(np.stack([ring, ~ring])))
    none, whole = subject.ends
    share = (border - none) / (whole - none) if whole - none >= LEAST else 0.0
    found = exchanged(subject, torch.from_numpy(ring[owner]))
    tells = share >= ALARM or (bool(found) and max(found["loses"], found["brings"]) >= ALARM)
    return {"border": border, "inside": inside, "share": share, "tells": tells} | found


def exchanged(subject: Subject, ring: torch.Tensor) -> dict[str, float]:
    """The same question to this picture with borders of others, taken from those beside it.

    Args:
        ring: (H, W) whether a pixel lies at the border.

    Returns:
        Mean scores of the class: `same`, with borders of pictures that are answered alike; `other`, with those of
        others; `brings`, of the middles of these others inside this border; and `loses`, the part of `same` that is
        missing in `other`. {} where too few pictures lie beside it, or nothing is said of classes.
    """
    count, classes = len(subject.rows), len(subject.task.score_names)
    if count <= 2 * FEWEST or classes < 2 or not subject.task.scores_are_odds:
        return {}
    drawn = np.random.default_rng(0).permutation(count)[:MOST].tolist()
    (pictures,), (own,) = subject.rows.inputs(drawn), subject.parts.inputs
    alike = subject.scores_of((pictures,)).argmax(axis=1) == subject.place
    is_other = np.array([place != subject.row for place in drawn])
    near, far = (np.flatnonzero(part & is_other)[:DRAWN] for part in (alike, ~alike))
    if min(len(near), len(far)) < FEWEST:
        return {}
    same, other = (float(subject.score_of((pictures[part].where(ring, own),)).mean()) for part in (near, far))
    brings = float(subject.score_of((own.where(ring, pictures[far]),)).mean())
    loses = (same - other) / same if same >= LEAST else 0.0
    return {"same": same, "other": other, "brings": brings, "loses": loses}


def of_grid(owner: np.ndarray) -> np.ndarray:
    """(M,) whether a square lies at the border, from the square of each pixel (H, W)."""
    edge = np.concatenate([owner[0], owner[-1], owner[:, 0], owner[:, -1]])
    return np.isin(np.arange(owner.max() + 1), edge)
