"""A short moving picture: (B, T, H, W, C) bytes; its files (GIF, WebP, PNG) are read by `clips.py`, with Pillow."""

import base64
import io
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np

from ..limits import Limits
from ..state import require_between
from . import Cut, Json, Tensors
from .image import GREY
from .image import Description as Image
from .image import Field as Base

MOST_FRAMES = 1 << 10  # of a model that anybody could mean


@dataclass(frozen=True)
class Description(Image):
    """`frames` of a clip, as the network sees it."""

    frames: int = 0


class Field(Base):
    """The bytes of a file, base64 text, or numbers (T, H, W, C)."""

    Description = Description
    LIMITS: ClassVar[dict[str, int]] = {"image_pixels": 40_000_000}  # of all frames of a clip together
    FORMS = ("image/gif", "image/webp")
    PARTS = "frames"
    HIDDEN_IS = "the mean of all frames"
    EXAMPLE = ("clip.gif", 'open("clip.gif", "rb").read()')

    def require(self) -> Description:
        one = super().require()
        require_between(one.frames, 1, MOST_FRAMES, "frames of a clip")  # type: ignore[attr-defined]
        return one  # type: ignore[return-value]

    def encoder(self, tokens: Json, limits: Limits | None) -> Any:
        from ..clips import Clips
        from ..picture_files import Budget

        budget = Budget(self.schema["limits"]["image_pixels"], limits and limits.max_picture_bytes)
        return Clips(self.described, budget, limits and limits.max_pixels)

    def typical(self) -> Any:
        """A grey clip in base64."""
        from PIL import Image as Pictures

        mode, colour = ("L", GREY) if self.described["channels"] == 1 else ("RGB", (GREY,) * 3)
        size = (self.described["width"], self.described["height"])
        still, file = [Pictures.new(mode, size, colour) for _ in range(max(2, self.described["frames"]))], io.BytesIO()
        still[0].putpixel((0, 0), 0 if mode == "L" else (0, 0, 0))  # frames that are all alike are saved as one
        still[0].save(file, "GIF", save_all=True, append_images=still[1:], duration=100)
        return base64.b64encode(file.getvalue()).decode()

    def most_rows(self, limits: Limits) -> int:
        sizes = (self.described[name] for name in ("frames", "height", "width", "channels"))
        return limits.max_body_bytes // prod(sizes)

    def fitted(self, tensors: Tensors, encoder: Any) -> Tensors:
        """They have their size."""
        return tensors

    def cut(self, record: Any, tensors: Tensors) -> Cut:
        """A hidden frame turns to the mean of all."""
        from ..pictures import Brightness

        clip = tensors[self.described["tensor"]][0]  # (T, H, W, C)
        mean = clip.mean(axis=0).round().astype(clip.dtype)

        def keep(present: np.ndarray) -> Brightness:
            return Brightness(np.where(present[:, None, None, None], clip, mean))

        return Cut(Brightness(clip), [{"frame": place} for place in range(len(clip))], keep)

    def form(self) -> Json:
        accepted = "image/gif,image/webp,image/png"
        return {"ask": "file", "what": "clip", "accept": accepted, "example": ["clip.gif", "image/gif"]}
