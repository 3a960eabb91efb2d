"""A picture of any size that gets `times` as many pixels per side, in tiles of the size that the graph takes."""

from dataclasses import dataclass

import numpy as np

from ..state import require_between
from .tiled_image import Description as Tiled
from .tiled_image import Field as Base

MOST_TIMES = 16


@dataclass(frozen=True)
class Description(Tiled):
    """`times`: as many pixels per side come out as go in."""

    times: int = 0


class Field(Base):
    """The bytes of a file, base64 text, or numbers (H, W) or (H, W, C)."""

    Description = Description

    def require(self) -> Description:
        one = super().require()
        require_between(one.times, 1, MOST_TIMES, "times as many pixels")  # type: ignore[attr-defined]
        return one  # type: ignore[return-value]

    def by_pixel(self, found: np.ndarray) -> np.ndarray:
        """Tiles (n, h·times, w·times, C) → (n, h, w, times²·C): what came of a coarse pixel is one place."""
        n, height, width, C = found.shape
        times = self.described["times"]
        parts = found.reshape(n, height // times, times, width // times, times, C)
        return parts.transpose(0, 1, 3, 2, 4, 5).reshape(n, height // times, width // times, times * times * C)

    def laid_out(self, joined: np.ndarray) -> np.ndarray:
        """(B, H, W, times²·C) → (B, H·times, W·times, C)."""
        B, H, W, count = joined.shape
        times = self.described["times"]
        C = count // times**2
        parts = joined.reshape(B, H, W, times, times, C).transpose(0, 1, 3, 2, 4, 5)
        return parts.reshape(B, H * times, W * times, C)
