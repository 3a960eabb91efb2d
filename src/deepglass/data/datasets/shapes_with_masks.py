"""Shapes with masks: the scenes of shapes-with-boxes, 300 pictures of 64 x 64 pixels, with the class of every pixel.

Background, circle, square and triangle; a rim of one pixel around each thing, where colours mix, is ignored. The first
200 train, the next 40 choose, the last 60 test.

References:
    Johnson et al. (2017), CLEVR: generated scenes of simple shapes, https://arxiv.org/abs/1612.06890
"""

import numpy as np

from deepglass.data.containers import Layout
from deepglass.data.datasets.shapes_with_boxes import CLASSES, SIDE, cover, scene
from deepglass.data.masked_pictures import IGNORED, MaskedPictures

LICENCE = "generated"
SPLITS = {"train": 200, "val": 40, "test": 60}
EMPTY = 0.05  # share of the pictures that show nothing


def load() -> Layout:
    """Pictures (300, 64, 64, 3) and their masks; always the same."""
    rng = np.random.default_rng(1)
    scenes = [scene(rng, is_empty=bool(rng.random() < EMPTY)) for _ in range(sum(SPLITS.values()))]
    pixels = np.stack([picture for picture, _, _ in scenes])
    masks = np.stack([mask_of(boxes, labels) for _, boxes, labels in scenes])
    ends = np.cumsum(list(SPLITS.values()))
    splits = {name: np.arange(end - count, end) for (name, count), end in zip(SPLITS.items(), ends)}
    name, classes = "shapes-with-masks", ["background", *CLASSES]
    counts = np.stack([np.bincount(mask.ravel(), minlength=256)[: len(classes)] for mask in masks])
    content = MaskedPictures(
        name,
        None,
        classes,
        3,
        pixels=pixels,
        splits=splits,
        licence=LICENCE,
        sizes=np.full((len(masks), 2), SIDE),
        mask=lambda row: masks[row],
        counts=counts,
    )
    facts = {"pictures": len(masks), "classes": len(classes)}
    return Layout("masks", name, "pictures with masks", facts, splits=splits, licence=LICENCE, content=content)


def mask_of(boxes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(64, 64) uint8: 0 is the background, then the classes; what a thing covers in part is ignored."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for (x0, y0, x1, _), label in zip(boxes.astype(int).tolist(), labels.tolist()):
        size = x1 - x0
        part = mask[y0 : y0 + size, x0 : x0 + size]
        covered = np.asarray(cover(size, label))
        part[covered > 0] = np.where(covered == 255, label + 1, IGNORED)[covered > 0]
    return mask
