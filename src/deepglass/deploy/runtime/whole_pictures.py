"""Picture files → brightness (B, H, W, C) of the size of training, nothing cut off: places stay shares of them."""

import numpy as np
from PIL import Image

from .pictures import Pictures


class WholePictures(Pictures):
    """Encodes pictures whose answers lie in them."""

    def covering(self, pixels: np.ndarray) -> np.ndarray:
        """A picture (H, W, C) scaled along each side by itself: (height, width, C)."""
        if pixels.shape[:2] == (self.height, self.width):
            return pixels
        if pixels.dtype == np.uint8 and pixels.shape[-1] == 3:
            return np.asarray(self._scaled(Image.fromarray(pixels)))
        planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(pixels, -1, 0)]
        return np.stack([np.asarray(self._scaled(plane)) for plane in planes], axis=-1)

    def _scaled(self, image: Image.Image) -> Image.Image:
        return image.resize((self.width, self.height), Image.Resampling.BILINEAR)
