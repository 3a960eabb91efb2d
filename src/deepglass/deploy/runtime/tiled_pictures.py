"""Picture files → brightness (B, H, W, C) at their working size; of a request the smaller are mirrored at the edge."""

from typing import Any

import numpy as np
from PIL import Image

from .pictures import Pictures
from .tiles import enlarged, working_size

SIZES = "sizes"  # the name of their real sizes among the tensors; the graph does not take it


class TiledPictures(Pictures):
    """Encodes pictures with an answer for each of their pixels."""

    def __init__(self, described: dict[str, Any], *arguments: Any):
        super().__init__(described, *arguments)
        self.longer: int | None = described.get("longer")

    def covering(self, pixels: np.ndarray) -> np.ndarray:
        """A picture (H, W, C) at its working size."""
        height, width = working_size(*pixels.shape[:2], self.longer)
        if pixels.shape[:2] == (height, width):
            return pixels
        if pixels.dtype == np.uint8 and pixels.shape[-1] == 3:
            return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))
        planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(pixels, -1, 0)]
        scaled = [np.asarray(plane.resize((width, height), Image.Resampling.BILINEAR)) for plane in planes]
        return np.stack(scaled, axis=-1)

    def pixels_of(self, notes: list[dict[str, Any]]) -> int:
        sizes = np.array([working_size(note["height"], note["width"], self.longer) for note in notes])
        return len(notes) * int(sizes.max(axis=0).prod())

    def tensors(self, rows: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Where they differ, also their real sizes (B, 2), which nobody could tell once they are enlarged to one."""
        sizes = np.array([row.shape[:2] for row in rows], np.int64)
        height, width = sizes.max(axis=0).tolist()
        stack = {self.tensor: np.stack([enlarged(row, height, width) for row in rows])}
        return stack if (sizes == sizes[0]).all() else {**stack, SIZES: sizes}
