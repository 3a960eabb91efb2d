"""A mask as an answer: which class every pixel of a picture is of.

    MaskedPictures ── positions of classes ── at the size with which the network sees them ── (N, H, W) uint8

Beyond the edge of a picture that is smaller than the largest stands `OUTSIDE`, where nobody labelled `IGNORED`.
"""

from typing import Any, ClassVar

import numpy as np
from PIL import Image

from deepglass.core.console import console
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import require
from deepglass.core.wording import listing
from deepglass.data.augment import masks as augmentation
from deepglass.data.fields._in_pictures import InPictures
from deepglass.data.masked_pictures import MOST_CLASSES, OUTSIDE, UNKNOWN, MaskedPictures

MOST_BYTES = 4 << 30  # of the masks of all pictures


class Field(InPictures):
    """The classes of the pixels."""

    name = "mask"
    follows: ClassVar[tuple[str, ...] | None] = tuple(augmentation.AUGMENTATIONS)
    CHANGE = staticmethod(augmentation.augment)
    class_counts: np.ndarray  # (K,) pixels in the training pictures
    shape: tuple[int, ...] = (1, 1)  # of the masks that were encoded last

    def take(self, data: MaskedPictures) -> list[Guess]:
        """Nothing is chosen: every picture here has a mask."""
        return []

    def require(self, data: MaskedPictures) -> list[Guess]:
        """What can be learnt is known once the pictures are divided."""
        return []

    def strata(self, data: MaskedPictures) -> np.ndarray:
        """(N,) the rarest class in each picture: every split has some of each."""
        shares = data.counts / np.maximum(1, data.counts.sum(axis=0))
        rarity = np.where(data.counts > 0, data.counts.sum(axis=0), np.iinfo(np.int64).max)
        labels = rarity.argmin(axis=1)
        few = [label for label in np.unique(labels) if (labels == label).sum() < 2]  # cannot be divided
        return np.where(np.isin(labels, few), shares.shape[1], labels)

    def fit(self, data: MaskedPictures, rows: np.ndarray) -> None:
        """The classes, and how many pixels of each there are to learn from.

        Raises:
            DataError: If there are fewer than two.
        """
        self.classes, self.class_counts = list(data.classes), data.counts[rows].sum(axis=0)
        if (self.class_counts > 0).sum() < 2:
            only = listing(name for name, count in zip(self.classes, self.class_counts) if count) or "nothing"
            raise DataError(
                f"{data.name}: the training pictures show {only} alone: expected two classes or more; check how the "
                "pictures are divided"
            )

    def encode(self, data: MaskedPictures) -> np.ndarray:
        """(N, H, W) uint8, at the size with which the network sees the largest picture.

        Raises:
            DataError: If a mask is damaged, or all together do not fit into memory.
        """
        sizes = data.sizes if data.working_sizes is None else data.working_sizes
        _require_room(data, sizes)
        targets = np.full((len(data), *sizes.max(axis=0)), OUTSIDE, np.uint8)
        self.shape = targets.shape[1:]
        for row, (target, (height, width)) in enumerate(zip(targets, sizes.tolist())):
            target[:height, :width] = resized(data.mask(row), height, width)
        return targets

    def blank(self, count: int) -> np.ndarray:
        """(count, H, W) of pictures of which nobody knows what they show, nor how large they are."""
        return np.full((count, *self.shape), UNKNOWN, np.uint8)

    def unknown(self, data: Any, rows: np.ndarray) -> np.ndarray:
        """(n, H, W) the same, with the sizes of the pictures."""
        if getattr(data, "working_sizes", None) is None or not len(rows):
            return self.blank(len(rows))
        sizes = data.working_sizes
        targets = np.full((len(rows), *sizes.max(axis=0)), OUTSIDE, np.uint8)
        for target, (height, width) in zip(targets, sizes[rows].tolist()):
            target[:height, :width] = UNKNOWN
        return targets

    def remarks(self) -> list[str]:
        """Which classes cannot be learnt."""
        absent = [name for name, count in zip(self.classes, self.class_counts) if not count]
        return [f"no pixel to learn from of {listing(map(repr, absent))}: never found"] if absent else []

    def select(self, data: MaskedPictures) -> list[Guess]:
        """Say what of new masks training does not know."""
        for remark in data.remarks:
            console.warn(remark)
        return []

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        require(2 <= len(set(self.classes)) == len(self.classes) <= MOST_CLASSES, "two different classes or more")
        require(len(self.class_counts) == len(self.classes), "a count of each class")


def _require_room(data: MaskedPictures, sizes: np.ndarray) -> None:
    height, width = sizes.max(axis=0).tolist()
    if (needed := len(data) * height * width) > MOST_BYTES:
        most = int(sizes.prod(axis=1).argmax())
        largest = (data.names or [f"picture {most + 1}"])[most]
        raise DataError(
            f"{data.name}: with as many pixels as {largest} ({width} x {height}) the masks of {len(data):,} pictures "
            f"take {needed / 2**30:.1f} GiB: cut large pictures into parts, or give --image-size or --max-rows"
        )


def resized(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """A mask (H, W) in another size, every pixel that of the nearest."""
    if mask.shape == (height, width):
        return mask
    return np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))
