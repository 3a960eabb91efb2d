"""Pictures with boxes in memory: which picture holds which things, and where.

A box is (x0, y0, x1, y1) in pixels of the upright picture, from its left upper corner; x1 and y1 lie behind the last
pixel, so that x1 - x0 is the width. A picture may have no box.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from deepglass.data.containers import Images

COUNTS, DIFFICULT, CROWD = 0, 1, 2  # states of a box: only the first is asked for, the others may be found or not


@dataclass
class BoxedPictures(Images):
    """Pictures and their boxes; `classes` are the names of what is in the boxes.

    Attributes:
        sizes: (N, 2) height and width of each in pixels.
        boxes: Of each picture (n, 4), float32.
        box_labels: Of each picture (n,) positions in `classes`, int64.
        states: Of each picture (n,): COUNTS, DIFFICULT (Pascal VOC) or CROWD (COCO, one box around many things).
        remarks: What a user should know of the boxes, a sentence each.
    """

    sizes: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    boxes: list[np.ndarray] = field(default_factory=list)
    box_labels: list[np.ndarray] = field(default_factory=list)
    states: list[np.ndarray] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """(K,) how many boxes of each class count in the pictures at `rows`."""
        found = [self.box_labels[row][self.states[row] == COUNTS] for row in rows]
        return np.bincount(np.concatenate([*found, np.empty(0, np.int64)]), minlength=len(self.classes))

    def first(self, count: int | None) -> "BoxedPictures":
        """So many of the pictures, evenly spread over them; all without a count."""
        if count is None or count >= len(self):
            return self
        rows = np.linspace(0, len(self) - 1, count).astype(int)
        parts = {split: np.flatnonzero(np.isin(rows, of_split)) for split, of_split in self.splits.items()}
        return replace(
            self,
            pixels=None if self.pixels is None else self.pixels[rows],
            paths=None if self.paths is None else [self.paths[row] for row in rows],
            names=None if self.names is None else [self.names[row] for row in rows],
            splits=parts,
            sizes=self.sizes[rows],
            survey=None,
            **{name: [getattr(self, name)[row] for row in rows] for name in ("boxes", "box_labels", "states")},
        )

    def with_classes(self, classes: list[str]) -> tuple["BoxedPictures", dict[str, int]]:
        """The same with these classes alone, in this order; also how many boxes of which others are left out."""
        place = np.array([classes.index(name) if name in classes else -1 for name in self.classes], np.int64)
        kept = [place[labels] >= 0 for labels in self.box_labels]
        counts = self.counts(np.arange(len(self))).tolist()
        lost = {name: count for name, count in zip(self.classes, counts) if name not in classes and count}
        chosen = replace(
            self,
            classes=classes,
            boxes=[boxes[keep] for boxes, keep in zip(self.boxes, kept)],
            box_labels=[place[labels[keep]] for labels, keep in zip(self.box_labels, kept)],
            states=[states[keep] for states, keep in zip(self.states, kept)],
        )
        return chosen, lost
