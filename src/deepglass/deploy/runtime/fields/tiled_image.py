"""A picture of any size with an answer for each of its pixels: computed in tiles of the size that the graph takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BodyError
from ..limits import Limits
from ..state import require_between
from ..tiles import TILES_AT_ONCE, in_tiles
from . import Json, Tensors
from .image import MOST_SIDE
from .image import Description as Image
from .image import Field as Base


@dataclass(frozen=True)
class Description(Image):
    """`height` and `width` are those of a tile; `longer`: pixels of the longer side that all pictures get, or None."""

    longer: int | None = None


class Field(Base):
    """The bytes of a file, base64 text, or numbers (H, W) or (H, W, C)."""

    Description = Description

    def require(self) -> Description:
        one = super().require()
        require_between(one.longer or 1, 1, MOST_SIDE, "a longer side")  # type: ignore[attr-defined]
        return one  # type: ignore[return-value]

    def encoder(self, tokens: Json, limits: Limits | None) -> Any:
        from ..picture_files import Budget
        from ..tiled_pictures import TiledPictures

        budget = Budget(self.schema["limits"]["image_pixels"], limits and limits.max_picture_bytes)
        return TiledPictures(self.described, budget, limits and limits.max_pixels)

    def check_shape(self, shape: list[int], limits: Limits) -> None:
        """A picture of any size that a file may have too.

        Raises:
            BodyError: 422; names the tensor.
        """
        most = self.schema["limits"]["image_pixels"]
        if min(shape[1:3]) < 1 or shape[1] * shape[2] > most:
            message = f"{self.name}: {shape[1]} x {shape[2]} pixels, expected 1 to {most:,}: send parts of it"
            raise BodyError(message, 422, self.name)

    def fitted(self, tensors: Tensors, encoder: Any) -> Tensors:
        """Pictures of any size are taken as they are."""
        return tensors

    def length(self, array: np.ndarray) -> int:
        """The side of a square with as many pixels, rounded up."""
        return int(np.ceil(np.sqrt(array.shape[1] * array.shape[2])))

    def with_open_sizes(self, tensor: Json) -> Json:
        shape = tensor["shape"]
        has_pixels = len(shape) == 4 and shape[1:3] == [self.described["height"], self.described["width"]]
        return {**tensor, "shape": [shape[0], -1, -1, shape[3]]} if has_pixels else tensor

    def computed(self, tensors: Tensors, compute: Callable[[Tensors], Tensors]) -> Tensors:
        """Each picture in tiles, a few at a time, joined without seams; beyond its real size stands nothing."""
        from ..tiled_pictures import SIZES

        name, height, width = (self.described[part] for part in ("tensor", "height", "width"))
        images, sizes = tensors[name], tensors.get(SIZES)
        is_plain = images.shape[1:3] == (height, width) and (sizes is None or (sizes == [height, width]).all())
        if is_plain:
            parts = [compute({name: images[i : i + TILES_AT_ONCE]}) for i in range(0, len(images), TILES_AT_ONCE)]
            return {output: np.concatenate([part[output] for part in parts]) for output in parts[0]}
        said: list[np.ndarray] = []
        output = ""

        def answer(tiles: np.ndarray) -> np.ndarray:
            nonlocal output
            [(output, found)] = compute({name: tiles}).items()
            return self.by_pixel(found)

        for picture, (h, w) in zip(images, [images.shape[1:3]] * len(images) if sizes is None else sizes.tolist()):
            joined = in_tiles(answer, picture[:h, :w], height, width)
            said.append(np.zeros((*images.shape[1:3], joined.shape[-1]), np.float32))
            said[-1][:h, :w] = joined
        return {output: self.laid_out(np.stack(said))}

    def by_pixel(self, found: np.ndarray) -> np.ndarray:
        """What the graph says of tiles, (n, h, w, K): all that is said of a pixel side by side, for the joining."""
        return found

    def laid_out(self, joined: np.ndarray) -> np.ndarray:
        """And back: of joined pictures (B, H, W, K) what the graph would say."""
        return joined
