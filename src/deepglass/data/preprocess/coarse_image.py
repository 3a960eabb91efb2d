"""Pictures at their own size, whatever it is: a network that enlarges sees them as they are, large ones in tiles."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.tiles import enlarged
from deepglass.data.containers import Images
from deepglass.data.pictures import map_all
from deepglass.data.preprocess.image import brightness, evenly, learn_scale
from deepglass.data.preprocess.pixel_scale import PixelScale
from deepglass.data.preprocess.tiled_image import SAMPLE, TiledPictures
from deepglass.data.preprocess.whole_image import sizes_of

TILE = 128  # coarse pixels per side of what a network sees at once, at most
CHANNELS = (1, 3)


@dataclass(frozen=True)
class CoarseImages(TiledPictures):
    """What the training pictures have taught; `height` and `width` are those of a tile of a coarse picture."""

    @classmethod
    def fit(
        cls,
        images: Images,
        rows: np.ndarray,
        size: int | None = None,
        workers: int = 1,
        scale: PixelScale | None = None,
    ) -> Self:
        """Learn from the pictures at `rows` alone; `size` is how many times coarser they become, 1 where none is given.

        Raises:
            DataError: If pictures are neither grey nor of three colours.
        """
        if images.channels not in CHANNELS:
            raise DataError(f"{images.name}: pictures of {images.channels} channels, expected grey or colour: 1 or 3")
        known = {"background": images.background, "scale": scale or learn_scale(images, rows)[0]}
        bare = cls(1, 1, images.channels, images.classes, **known)
        height, width = (sizes_of(images, rows).max(axis=0) // (size or 1)).clip(1, TILE).tolist()
        some = [bare.row(images, int(row)).reshape(-1, bare.channels) for row in evenly(rows, SAMPLE)]
        mean, std = brightness(np.concatenate(some))
        return replace(bare, height=height, width=width, mean=mean, std=std)

    def pixels(self, images: Images, rows: np.ndarray, workers: int = 1) -> np.ndarray:
        """(n, height, width, channels) the middle of each picture, as large as a tile, to look at their brightness."""
        return np.stack(map_all(lambda row: self._middle(self.row(images, int(row))), [*rows], workers))

    def _middle(self, picture: np.ndarray) -> np.ndarray:
        picture = enlarged(picture, self.height, self.width)
        top, left = (picture.shape[0] - self.height) // 2, (picture.shape[1] - self.width) // 2
        return picture[top : top + self.height, left : left + self.width]
