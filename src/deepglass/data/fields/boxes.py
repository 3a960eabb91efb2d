"""Boxes as an answer: where things are in a picture, and what they are.

    BoxedPictures ── classes of the training ── shares of the picture ── (N, D, 6), D boxes as the fullest has

A row of a target is a box (x0, y0, x1, y1 as shares of the picture), the position of its class, and its state: 0
counts, 1 is difficult, 2 surrounds a crowd, -1 stands for no box. Shares stay when the picture is scaled.
"""

from typing import Any, ClassVar

import numpy as np

from deepglass.core.console import console
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import require
from deepglass.core.wording import counted, listing
from deepglass.data.augment import boxes as augmentation
from deepglass.data.boxed_pictures import BoxedPictures
from deepglass.data.config import DataConfig
from deepglass.data.fields._in_pictures import InPictures

ABSENT, UNKNOWN = -1.0, -2.0  # states of rows that stand for no box: there is none, or nobody knows
MOST_BYTES = 2 << 30  # of the targets of all pictures


class Field(InPictures):
    """The boxes in pictures."""

    name = "boxes"
    follows: ClassVar[tuple[str, ...] | None] = tuple(augmentation.AUGMENTATIONS)
    CHANGE = staticmethod(augmentation.augment)
    class_counts: np.ndarray  # (K,) boxes in the training pictures

    def __init__(self, data_config: DataConfig):
        super().__init__(data_config)
        self.lost: dict[str, int] = {}  # boxes of classes that training does not know

    def take(self, data: BoxedPictures) -> list[Guess]:
        """Nothing is chosen: a picture without boxes is an example too."""
        return []

    def require(self, data: BoxedPictures) -> list[Guess]:
        """Check that the targets fit into memory.

        Raises:
            DataError: If one picture is so full that they do not.
        """
        most = max(map(len, data.boxes))
        if (needed := len(data) * most * 6 * 4) > MOST_BYTES:
            fullest = (data.names or [])[int(np.argmax([len(boxes) for boxes in data.boxes]))]
            raise DataError(
                f"{data.name}: {fullest} has {most:,} boxes; with as many rows for each of {len(data):,} pictures the "
                f"targets take {needed / 2**30:.1f} GiB: cut such pictures into parts"
            )
        return []

    def strata(self, data: BoxedPictures) -> np.ndarray:
        """(N,) the rarest class in each picture, one more for none: every split has some of each."""
        counts, none = data.counts(np.arange(len(data))), len(data.classes)
        rarest = [min(labels.tolist(), key=lambda label: counts[label], default=none) for labels in data.box_labels]
        labels = np.array(rarest, np.int64)
        few = [label for label in np.unique(labels) if (labels == label).sum() < 2]  # cannot be divided
        return np.where(np.isin(labels, few), none, labels)

    def fit(self, data: BoxedPictures, rows: np.ndarray) -> None:
        """The classes of which there are boxes to learn from.

        Raises:
            DataError: If there is none.
        """
        counts = data.counts(rows)
        self.classes = [name for name, count in zip(data.classes, counts) if count]
        self.class_counts = counts[counts > 0]
        if not self.classes:
            raise DataError(
                f"{data.name}: no box in the {counted(len(rows), 'picture')} of the training: expected things to be "
                "found; check how the pictures are divided"
            )

    def encode(self, data: BoxedPictures) -> np.ndarray:
        """(N, D, 6) float32; boxes of classes that training does not know are left out."""
        known, self.lost = data.with_classes(self.classes)
        most = max(1, *map(len, known.boxes)) if known.boxes else 1
        targets = np.full((len(known), most, 6), ABSENT, np.float32)
        targets[..., :5] = 0
        for target, boxes, labels, states, (height, width) in zip(
            targets, known.boxes, known.box_labels, known.states, known.sizes
        ):
            target[: len(boxes)] = np.column_stack([boxes / [width, height, width, height], labels, states])
        return targets

    def blank(self, count: int) -> np.ndarray:
        """(count, 1, 6) of pictures of which nobody knows what they hold."""
        return np.full((count, 1, 6), UNKNOWN, np.float32)

    def remarks(self) -> list[str]:
        """Which classes are not learnt; known after `encode`."""
        if not self.lost:
            return []
        named = listing(f"{name!r} ({count})" for name, count in self.lost.items())
        return [f"no box to learn from, but some elsewhere, of {named}: left out, and not judged"]

    def select(self, data: BoxedPictures) -> list[Guess]:
        """Say which boxes are of classes that training does not know.

        Raises:
            DataError: If that is what all of them are.
        """
        known, lost = data.with_classes(self.classes)
        if lost and not known.counts(np.arange(len(known))).sum():
            raise DataError(
                f"{data.name} holds boxes of {listing(map(repr, lost))}, none of which the model knows: expected "
                f"{listing(self.classes, 10)}; rename them"
            )
        if lost:
            named = listing(f"{name!r} ({count})" for name, count in lost.items())
            console.warn(f"boxes of classes that the model does not know are left out: {named}")
        return []

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        require(0 < len(set(self.classes)) == len(self.classes) == len(self.class_counts), "different classes, counted")
