"""Pictures that are kept whole: scaled to one size, each side by itself, so that every place stays a share of it.

For answers that lie in the picture: what is cut off can be neither found nor learnt. A picture of another shape than
those of the training is stretched.

References:
    Liu et al. (2016), SSD: Single Shot MultiBox Detector, https://arxiv.org/abs/1512.02325 (pictures are warped to
    300 x 300)
"""

from pathlib import Path

import numpy as np
from PIL import Image

from deepglass.core.errors import DataError
from deepglass.data.containers import Images
from deepglass.data.pictures import load_all
from deepglass.data.preprocess.image import HEADERS, ImagePreprocessor, evenly
from deepglass.data.reading.decode import decode, header, with_channels

KEPT_SIDE = 128  # pictures of one size up to this side stay as they are
LONGER_SIDE = 320  # to which larger ones are scaled: a CPU learns blood cells at it in minutes
MULTIPLE = 16  # of sides that are chosen: the maps of a network then fit each other


class WholePictures(ImagePreprocessor):
    """What the training pictures have taught about pictures that are not cut."""

    @classmethod
    def sides(cls, images: Images, rows: np.ndarray, size: int | None) -> tuple[int, int]:
        """Of the shape that training pictures have; `size` is that of the longer side."""
        return whole_size(images, rows, size)

    def load(self, path: Path) -> np.ndarray:
        """One file as (height, width, channels), brightness from 0 to 255: uint8, or float32 where depth is kept.

        Raises:
            DataError: If it is not a whole picture; names the file.
        """
        try:
            values = self.scale.apply(decode(path, self.channels, self.background))
        except DataError as error:
            raise DataError(str(error) if str(path) in str(error) else f"{path}: {error}") from None
        return stretched(values, self.height, self.width)

    def pixels(self, images: Images, rows: np.ndarray, workers: int = 1) -> np.ndarray:
        """(n, height, width, channels), brightness from 0 to 255, of the pictures at `rows`; dtype as of `load`."""
        if images.paths is not None:
            return load_all([images.paths[i] for i in rows], self.load, workers)
        found = [
            stretched(with_channels(self.scale.apply(images.pixels[row]), self.channels), self.height, self.width)  # type: ignore[index]
            for row in rows
        ]
        return np.stack(found)


def whole_size(images: Images, rows: np.ndarray, longer: int | None = None) -> tuple[int, int]:
    """Height and width of the shape that training pictures have; small pictures of one size stay.

    Args:
        images: All pictures.
        rows: Of the training.
        longer: The longer side, where it was asked for.
    """
    sizes = sizes_of(images, evenly(rows, HEADERS))
    if longer is None and len(np.unique(sizes, axis=0)) == 1 and sizes.max() <= KEPT_SIDE:
        return int(sizes[0, 0]), int(sizes[0, 1])
    shape = np.median(sizes / sizes.max(axis=1, keepdims=True), axis=0)  # (2,) of a longer side of 1
    shape = shape / shape.max()
    if longer is not None:
        height, width = np.maximum(1, np.round(shape * longer)).astype(int)
    else:
        side = min(LONGER_SIDE, float(np.median(sizes.max(axis=1))))
        height, width = np.maximum(1, np.round(shape * side / MULTIPLE)).astype(int) * MULTIPLE
    return int(height), int(width)


def sizes_of(images: Images, rows: np.ndarray) -> np.ndarray:
    """(n, 2) height and width of pictures."""
    if images.pixels is not None:
        return np.tile(images.pixels.shape[1:3], (len(rows), 1))
    return np.array([header(images.paths[row]).size for row in rows]).reshape(-1, 2)  # type: ignore[index]


def stretched(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """One picture (H, W, C) of uint8 or float32, scaled to the size along each side by itself."""
    if pixels.shape[:2] == (height, width):
        return pixels
    if pixels.dtype == np.uint8 and pixels.shape[-1] == 3:
        return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))
    planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(pixels, -1, 0)]
    return np.stack([np.asarray(p.resize((width, height), Image.Resampling.BILINEAR)) for p in planes], axis=-1)
