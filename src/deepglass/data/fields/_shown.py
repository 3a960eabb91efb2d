"""Pictures as a report shows them: bytes of their own size, small enough for a page."""

import numpy as np
from PIL import Image

from deepglass.core import data_uri
from deepglass.data.containers import Images
from deepglass.data.preprocess.pixel_scale import PixelScale
from deepglass.data.reading.decode import decode

SHOWN_SIDE = 128  # of the pictures in the report


def picture(images: Images, row: int, scale: PixelScale) -> np.ndarray:
    """One picture (H, W, C) of its own size, as bytes."""
    if images.pixels is not None:
        pixels = images.pixels[row]
    else:
        pixels = decode(images.paths[row], images.channels, images.background)  # type: ignore[index]
    return scale.apply(pixels).round().astype(np.uint8)


def as_data_uri(pixels: np.ndarray, most: int = SHOWN_SIDE) -> str:
    """A picture (H, W, C) as PNG inside a URI; a large one is scaled down, a tiny one is left to the page.

    Of a number of channels that no screen has, the first is shown.
    """
    pixels = pixels if pixels.shape[-1] == 3 else pixels[..., :1]
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    image.thumbnail((most, most))
    return data_uri.of_image(image)


def beside_each_other(*pictures: np.ndarray) -> str:
    """Pictures (H, W, C) of one size, of numbers from 0 to 255, side by side as one."""
    cut = [one.clip(0, 255).round().astype(np.uint8) for one in pictures]
    line = np.full((cut[0].shape[0], max(1, cut[0].shape[1] // 16), cut[0].shape[2]), 128, np.uint8)
    return as_data_uri(np.concatenate([part for one in cut for part in (one, line)][:-1], axis=1))
