"""A picture: (B, H, W, C) brightness from 0 to 255; its files are read by `pictures.py`, with Pillow."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import BodyError
from ..limits import Limits
from ..state import require, require_between
from . import Cut, Input, Json, Tensors
from . import Field as Base

MOST_SIDE, MOST_CHANNELS = 1 << 14, 1 << 10  # of a model that anybody could mean
BACKGROUNDS = ("white", "black", "grey", "none")
MOST_IN_GRAPH = 262_144  # values that the graph scales by itself, at sixteen times their memory and more
GREY = 128  # of 255
GRID = 8  # squares per side, as on the command line
TEXT: Json = {"type": "string"}


@dataclass(frozen=True)
class Scale:
    """Values of black and white."""

    MAY_HAVE_MORE: ClassVar[bool] = True

    deep: tuple[float, float] | None = None
    real: tuple[float, float] | None = None
    keeps_depth: bool = False


@dataclass(frozen=True)
class Description(Input):
    """The size that the network sees, what lies under transparent parts, and which values are black and white."""

    height: int = 0
    width: int = 0
    channels: int = 0
    background: str = "white"
    scale: Scale | None = None


class Field(Base):
    """The bytes of a file, base64 text, or numbers (H, W) or (H, W, C)."""

    Description = Description
    LIMITS: ClassVar[dict[str, int]] = {"image_pixels": 40_000_000}  # a photograph of today's telephones, and no bomb
    FILES = ("image/",)
    FORMS = ("image/png", "image/jpeg")
    PARTS = "squares"
    HIDDEN_IS = "the mean colour of the picture"
    IS_HEAVY = True
    EXAMPLE = ("picture.png", 'open("picture.png", "rb").read()')

    def require(self) -> Description:
        one = super().require()
        for size, most in ((one.height, MOST_SIDE), (one.width, MOST_SIDE), (one.channels, MOST_CHANNELS)):
            require_between(size, 1, most, "a size of pictures")
        require(one.background in BACKGROUNDS, "a background", one.background)
        for ends in (one.scale.deep, one.scale.real) if one.scale else ():
            require(ends is None or ends[0] < ends[1], "black below white", ends)
        return one

    def encoder(self, tokens: Json, limits: Limits | None) -> Any:
        from ..picture_files import Budget
        from ..pictures import Pictures

        budget = Budget(self.schema["limits"]["image_pixels"], limits and limits.max_picture_bytes)
        return Pictures(self.described, budget, limits and limits.max_pixels)

    def packages(self, tokens: Json) -> tuple[str, ...]:
        return ("pillow",)

    def from_json(self, record: Any, row: int) -> Any:
        """The picture, taken out of its object and out of TensorFlow Serving's {"b64": …}.

        Raises:
            BodyError: 422 if what is under b64 is not base64.
        """
        from ..pictures import from_base64

        content = record.get(self.name, record) if isinstance(record, dict) else record
        if not isinstance(content, dict):
            return content
        about = f"record {row}, {self.name}"
        if not isinstance(content.get("b64"), str):
            raise BodyError(f'{about}: expected base64 or {{"b64": base64}}', 422, self.name)
        try:
            return from_base64(content["b64"])
        except ValueError:
            raise BodyError(f"{about}: the text under b64 is not base64", 422, self.name) from None

    def from_argument(self, argument: str, read_table: Callable[[Path], list[Any]]) -> list[Any]:
        return [Path(argument).read_bytes()]

    def typical(self) -> Any:
        """A grey picture in base64, or as numbers where no file of pictures has so many channels."""
        height, width, channels = (self.described[name] for name in ("height", "width", "channels"))
        if channels not in (1, 3):
            return [[[GREY] * channels] * width] * height
        from PIL import Image

        mode, colour = ("L", GREY) if channels == 1 else ("RGB", (GREY,) * 3)
        file = io.BytesIO()
        Image.new(mode, (width, height), colour).save(file, "PNG")
        return base64.b64encode(file.getvalue()).decode()

    def cell_schema(self, is_open: bool) -> Json:
        in_object = {"type": "object", "properties": {"b64": TEXT}, "required": ["b64"]}
        return {"anyOf": [TEXT, in_object, {"type": "array", "items": {"type": "array"}}]}

    def record_schema(self, is_open: bool) -> Json:
        return {"anyOf": [super().record_schema(is_open), TEXT]}

    def most_rows(self, limits: Limits) -> int:
        sizes = (self.described[name] for name in ("height", "width", "channels"))
        return limits.max_body_bytes // prod(sizes)

    def fitted(self, tensors: Tensors, encoder: Any) -> Tensors:
        """Large pictures are scaled before the graph, which would take far more memory."""
        name = self.described["tensor"]
        return {name: encoder.scaled(tensors[name])} if tensors[name].size > MOST_IN_GRAPH else tensors

    def watched(self, array: np.ndarray, column: int) -> np.ndarray:
        """The brightness of each."""
        return array.reshape(len(array), -1).mean(axis=1)

    def cut(self, record: Any, tensors: Tensors) -> Cut:
        """A hidden square turns to the mean of the picture."""
        from ..pictures import Brightness

        picture = tensors[self.described["tensor"]][0]  # (H, W, C)
        mean = picture.mean(axis=(0, 1))
        mean = mean.round() if picture.dtype == np.uint8 else mean
        down, across = (np.arange(size) * min(GRID, size) // size for size in picture.shape[:2])
        rows, columns = int(down[-1]) + 1, int(across[-1]) + 1
        square = down[:, None] * columns + across  # (H, W) which one a pixel belongs to
        parts = [{"row": i, "column": j, "rows": rows, "columns": columns} for i in range(rows) for j in range(columns)]

        def keep(present: np.ndarray) -> Brightness:
            return Brightness(np.where(present[square][..., None], picture, mean).astype(picture.dtype))

        return Cut(Brightness(picture), parts, keep)

    def form(self) -> Json:
        return {"ask": "file", "what": "picture", "accept": "image/*", "example": ["picture.png", "image/png"]}
