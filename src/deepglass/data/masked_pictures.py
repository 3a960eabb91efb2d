"""Pictures with masks: which class every pixel is of."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from deepglass.data.containers import Images

IGNORED = 255  # in a mask: a pixel that is neither learnt nor judged
OUTSIDE = 254  # beyond the edge of a picture that was enlarged to the size of others
UNKNOWN = 253  # a pixel of a picture of which nobody knows anything
MOST_CLASSES = 250


@dataclass
class MaskedPictures(Images):
    """Pictures and their masks; `classes` are the names of what the values of a mask stand for.

    Attributes:
        sizes: (N, 2) height and width of each in pixels.
        mask: From a row to its mask (H, W) uint8: positions in `classes`, or `IGNORED`.
        counts: (N, K) pixels of each class in each picture, int64.
    key: Which stored value stands for which class (`reading/mask_classes.py`); None where they were made.
        remarks: What a user should know of the masks, a sentence each.
    """

    sizes: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    mask: Callable[[int], np.ndarray] = lambda row: np.zeros((0, 0), np.uint8)
    counts: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    key: Any = None
    remarks: list[str] = field(default_factory=list)

    def first(self, count: int | None) -> "MaskedPictures":
        """So many of the pictures, evenly spread over them; all without a count."""
        if count is None or count >= len(self):
            return self
        return self.taken(np.linspace(0, len(self) - 1, count).astype(int))

    def taken(self, rows: np.ndarray) -> "MaskedPictures":
        """Some of the pictures, in this order."""
        parts = {split: np.flatnonzero(np.isin(rows, of_split)) for split, of_split in self.splits.items()}
        whole = self.mask
        return replace(
            self,
            pixels=None if self.pixels is None else self.pixels[rows],
            paths=None if self.paths is None else [self.paths[row] for row in rows],
            names=None if self.names is None else [self.names[row] for row in rows],
            splits=parts,
            sizes=self.sizes[rows],
            mask=lambda row: whole(int(rows[row])),
            counts=self.counts[rows],
            working_sizes=None if self.working_sizes is None else self.working_sizes[rows],
            survey=None,
        )
