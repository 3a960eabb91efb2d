"""The simple rival of a segmentation network: the usual class of a pixel's colour, told by a table of colours.

Of every colour, coarsely, the table holds which class the training pixels of that colour had; a second table looks at
the mean colour around a pixel too. Which of the two is taken, the validation pictures decide. On black things before a
white ground it is hard to beat; it knows nothing of shapes.
"""

from dataclasses import dataclass

import numpy as np

LEVELS = {1: 64, 3: 12}  # of a colour alone, by channels
LEVELS_AROUND = {1: 24, 3: 6}  # of a colour, and of the mean around it
AROUND = 9  # pixels per side of the square whose mean is taken
PRIOR = 1.0  # pixels of every class in every cell, in the shares in which they are anywhere
MOST_PICTURES = 100  # that are looked at
NAME = "the usual class of a pixel's colour"
NAME_AROUND = "the usual class of a pixel's colour and of the colour around it"


@dataclass(frozen=True)
class ColourTable:
    """The class of each cell of colours.

    Attributes:
        name: As the report calls it.
        probs: (cells, K).
        low, high: (C,) the ends of the colours that were seen.
        levels: Of each channel.
        looks_around: Whether the mean colour around a pixel counts too.
    """

    name: str
    probs: np.ndarray
    low: np.ndarray
    high: np.ndarray
    levels: int
    looks_around: bool

    def answer(self, picture: np.ndarray) -> np.ndarray:
        """(H, W, K) probabilities for a picture (H, W, C)."""
        return self.probs[cells(picture, self.low, self.high, self.levels, self.looks_around)]


def fit(pictures: list[np.ndarray], masks: list[np.ndarray], num_classes: int, looks_around: bool) -> ColourTable:
    """Count the classes of the training pixels by colour.

    Args:
        pictures: Each (H, W, C).
        masks: Each (H, W) classes below `num_classes`; all else is left out.
        num_classes: K.
        looks_around: Whether the mean colour around a pixel counts too.
    """
    channels = pictures[0].shape[-1]
    low = np.min([picture.min(axis=(0, 1)) for picture in pictures], axis=0)
    high = np.max([picture.max(axis=(0, 1)) for picture in pictures], axis=0)
    table = LEVELS_AROUND if looks_around else LEVELS
    levels = table.get(channels, max(2, int(4096 ** (1 / (channels * (2 if looks_around else 1))))))
    counts = np.zeros((levels ** (channels * (2 if looks_around else 1)), num_classes))
    for picture, mask in zip(pictures, masks):
        judged = mask < num_classes
        cell = cells(picture, low, high, levels, looks_around)[judged]
        pairs = np.bincount(cell * num_classes + mask[judged], minlength=counts.size)
        counts += pairs.reshape(counts.shape)
    usual = counts.sum(axis=0) / max(1.0, counts.sum())
    probs = (counts + PRIOR * usual + 1e-6) / (counts.sum(axis=1, keepdims=True) + PRIOR + 1e-6 * num_classes)
    return ColourTable(NAME_AROUND if looks_around else NAME, probs, low, high, levels, looks_around)


def cells(picture: np.ndarray, low: np.ndarray, high: np.ndarray, levels: int, looks_around: bool) -> np.ndarray:
    """(H, W) int64 which cell of the table each pixel belongs to."""
    values = np.concatenate([picture, smoothed(picture)], axis=-1) if looks_around else picture
    ends = [np.concatenate([end, end]) if looks_around else end for end in (low, high)]
    width = np.maximum(ends[1] - ends[0], 1e-6)
    steps = np.clip((values - ends[0]) / width * levels, 0, levels - 1).astype(np.int64)
    return steps @ levels ** np.arange(steps.shape[-1])


def smoothed(picture: np.ndarray) -> np.ndarray:
    """(H, W, C) the mean of the square around each pixel, mirrored at the edge."""
    from scipy.ndimage import uniform_filter  # loads in its own time

    return uniform_filter(picture.astype(np.float32), (AROUND, AROUND, 1), mode="reflect")
