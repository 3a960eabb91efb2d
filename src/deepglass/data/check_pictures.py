"""The picture part of `deepglass check`: sizes, modes, depth, transparency, blank pictures, near copies, groups."""

import os
from typing import Any

import numpy as np

from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.containers import Images
from deepglass.data.few_photographs import few_photographs
from deepglass.data.picture_survey import PictureSurvey, survey
from deepglass.data.preprocess.image import as_stored, learn_scale
from deepglass.data.preprocess.pixel_scale import few_levels

MOST_ROWS = 10  # of a table


def inspect_pictures(images: Images) -> tuple[dict[str, Any], list[Guess], list[str]]:
    """Facts, a dict for each table; what training would decide by itself; and what deserves a look, as it says."""
    seen = survey(images, os.cpu_count() or 1)
    rows = images.splits.get("train", np.arange(len(images)))
    scale, guesses = learn_scale(images, rows)
    groups, together = seen.together(images)
    sentences = seen.sentences(images, are_kept_together=bool(together))
    about = [few_levels(as_stored(images, rows), scale), few_photographs(images, rows), unlearnt(images, rows)]
    sentences += filter(None, about)
    facts = {name: _largest(counts) for name, counts in (images.facts or _facts_of_pixels(images)).items()}
    return facts | {"found": _found(images, seen, groups)}, [*guesses, *together], sentences


def unlearnt(images: Images, train: np.ndarray) -> str | None:
    """Classes that other splits have and the training has not."""
    if images.labels is None or not images.classes:
        return None
    there = np.setdiff1d(images.labels[images.labels >= 0], images.labels[train])
    if not len(there):
        return None
    names = listing([images.classes[label] for label in there])
    return (
        f"{counted(len(there), 'class')} without a picture in the training part ({names}): add some to recognise them; "
        "--task verification asks whether two pictures of new ones show the same, --task anomaly-detection whether "
        "what is new is noticed"
    )


def _facts_of_pixels(images: Images) -> dict[str, dict[str, int]]:
    """Of pictures that never were files of their own."""
    if images.pixels is None:
        return {}
    height, width = images.pixels.shape[1:3]
    return {"sizes": {f"{height}x{width}": len(images)}}


def _found(images: Images, seen: PictureSurvey, groups: np.ndarray | None) -> dict[str, Any]:
    """One number for each question that was asked of the pictures."""
    found: dict[str, Any] = {"looked at": len(seen.looked_at), "one colour throughout": len(seen.blank)}
    found["near copies"] = len(seen.copies.rows)
    found["compared for copies"] = seen.copies.looked_at
    if images.groups is not None:
        found["groups"] = len(np.unique(images.groups))
    elif seen.offer is not None:
        found["groups in names"] = seen.offer.count
    if groups is not None:
        found["groups of look-alikes"] = int((np.unique(groups, return_counts=True)[1] > 1).sum())
    return found


def _largest(counts: dict[str, int]) -> dict[str, int]:
    """The most frequent rows, and how many pictures are in others."""
    order = sorted(counts.items(), key=lambda item: -item[1])
    rest = order[MOST_ROWS:]
    others = {f"{len(rest):,} others": sum(count for _, count in rest)} if rest else {}
    return dict(order[:MOST_ROWS]) | others
