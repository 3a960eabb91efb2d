"""Pictures of any size at their own scale: a network sees them whole where they fit into a tile, else in tiles.

For answers that are given for each pixel. Pictures of a microscope or a satellite have one scale, and it must stay;
large photographs are scaled down, the longer side to one length, for nobody needs every pixel of them.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.state import require_between
from deepglass.core.tiles import enlarged, working_size
from deepglass.data.containers import Images
from deepglass.data.pictures import map_all
from deepglass.data.preprocess.image import MOST_SIDE, ImagePreprocessor, brightness, evenly, learn_scale
from deepglass.data.preprocess.pixel_scale import PixelScale
from deepglass.data.preprocess.whole_image import sizes_of, stretched
from deepglass.data.reading.decode import decode, with_channels

KEPT_SIDE = 1024  # pixels of the longer side up to which pictures keep their scale
LONGER_SIDE = 512  # to which larger ones are scaled
MOST_TILE = 512  # pixels per side that a network sees at once
SAMPLE = 100  # pictures measured for brightness, tens of thousands of pixels each


@dataclass(frozen=True)
class TiledPictures(ImagePreprocessor):
    """What the training pictures have taught; `height` and `width` are those of a tile.

    longer: Pixels to which the longer side of every picture is scaled; None keeps their scale.
    """

    longer: int | None = None

    @classmethod
    def fit(
        cls,
        images: Images,
        rows: np.ndarray,
        size: int | None = None,
        workers: int = 1,
        scale: PixelScale | None = None,
    ) -> Self:
        """Learn from the pictures at `rows` alone; `size` is that of the longer side."""
        longest = sizes_of(images, rows).max(axis=1)
        longer = size or (LONGER_SIDE if np.median(longest) > KEPT_SIDE else None)
        scale = scale or learn_scale(images, rows)[0]
        known = {"background": images.background, "scale": scale, "longer": longer}
        bare = cls(1, 1, images.channels, images.classes, **known)
        height, width = bare.working_sizes(images, rows).max(axis=0).clip(max=MOST_TILE).tolist()
        some = [bare.row(images, int(row)) for row in evenly(rows, SAMPLE)]
        mean, std = brightness(np.concatenate([picture.reshape(-1, bare.channels) for picture in some]))
        return replace(bare, height=height, width=width, mean=mean, std=std)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> ImagePreprocessor:
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        found = super().from_state(state)
        require_between(getattr(found, "longer", None) or 1, 1, MOST_SIDE, "a longer side")
        return found

    def working_sizes(self, images: Images, rows: np.ndarray) -> np.ndarray:
        """(n, 2) height and width with which the network sees pictures."""
        sizes = sizes_of(images, rows).tolist()
        return np.array([working_size(height, width, self.longer) for height, width in sizes], np.int64).reshape(-1, 2)

    def load(self, path: Path) -> np.ndarray:
        """One file as (H, W, channels) at its working size, brightness from 0 to 255.

        Raises:
            DataError: If it is not a whole picture; names the file.
        """
        try:
            return self._scaled(self.scale.apply(decode(path, self.channels, self.background)))
        except DataError as error:
            raise DataError(str(error) if str(path) in str(error) else f"{path}: {error}") from None

    def row(self, images: Images, row: int) -> np.ndarray:
        """One picture (H, W, channels) at its working size."""
        if images.paths is not None:
            return self.load(images.paths[row])
        return self._scaled(with_channels(self.scale.apply(images.pixels[row]), self.channels))  # type: ignore[index]

    def pixels(self, images: Images, rows: np.ndarray, workers: int = 1) -> np.ndarray:
        """(n, H, W, channels) of the pictures at `rows`, mirrored beyond their edges to the size of the largest."""
        height, width = self.working_sizes(images, rows).max(axis=0).tolist()
        return np.stack(map_all(lambda row: enlarged(self.row(images, int(row)), height, width), [*rows], workers))

    def _scaled(self, pixels: np.ndarray) -> np.ndarray:
        height, width = pixels.shape[:2]
        return stretched(pixels, *working_size(height, width, self.longer))
