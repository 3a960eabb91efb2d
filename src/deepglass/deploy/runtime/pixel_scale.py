"""What black and white are: 8 bits, 12 of 16, floating point from 0 to 1; one scale, that of the training pictures."""

from typing import Any

import numpy as np


class Scale:
    """The values of black and white, as training had them for each kind of pixels.

    Args:
        described: `deep` and `real`, a pair of values for whole numbers beyond bytes and for floats, or None; and
            `keeps_depth`, whether brightness is float32; None in bundles of version 0.1.
    """

    def __init__(self, described: dict[str, Any] | None):
        described = described or {}
        self.deep, self.real = described.get("deep"), described.get("real")
        self.keeps_depth = bool(described.get("keeps_depth"))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Brightness from 0 to 255, uint8 or float32.

        Raises:
            ValueError: If numbers are not finite, or none that the training knew.
        """
        if values.dtype == np.uint8:
            return values.astype(np.float32) if self.keeps_depth else values
        if not np.isfinite(values).all():
            raise ValueError("expected numbers, got NaN or infinity")
        low, high = self._range(values)
        if (low, high) == (0, 65_535) and not self.keeps_depth:
            return (values.clip(0, high).astype(np.uint16) >> 8).astype(np.uint8)  # the upper byte
        scaled = (values.clip(low, high).astype(np.float32) - np.float32(low)) * (255 / (high - low))
        return scaled if self.keeps_depth else scaled.round().astype(np.uint8)

    def _range(self, values: np.ndarray) -> tuple[float, float]:
        known = self.real if values.dtype.kind == "f" else self.deep
        if known:
            return known[0], known[1]
        if values.dtype == np.uint16:
            return 0, 65_535
        if values.min() < 0 or values.max() > 255:
            raise ValueError("expected numbers from 0 to 255, got others: scale them")
        return (0, 1) if values.dtype.kind == "f" and values.max() <= 1 else (0, 255)
