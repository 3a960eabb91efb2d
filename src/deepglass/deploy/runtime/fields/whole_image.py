"""A picture that is kept whole, for answers that lie in it; read as every other picture."""

from typing import Any

from ..limits import Limits
from . import Json
from .image import Field as Base


class Field(Base):
    """The bytes of a file, base64 text, or numbers (H, W) or (H, W, C)."""

    def encoder(self, tokens: Json, limits: Limits | None) -> Any:
        from ..picture_files import Budget
        from ..whole_pictures import WholePictures

        budget = Budget(self.schema["limits"]["image_pixels"], limits and limits.max_picture_bytes)
        return WholePictures(self.described, budget, limits and limits.max_pixels)
