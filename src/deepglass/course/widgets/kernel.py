"""An image that the reader paints on, under a kernel that the reader drags."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepglass.course.widgets.widget import Widget, on_page, state

KERNELS = {
    "upright edges": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "level edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "blur": [[1 / 9] * 3] * 3,
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "nothing changes": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
}


class Kernel(Widget):
    """State of the picture; `kernel` is what the reader made of it."""

    image = state([])
    kernel = state([])
    presets = state({})

    def positions(self) -> list[dict[str, Any]]:
        """Its kernels."""
        return [{"kernel": table} for table in self.presets.values()]


def kernel(image: Any, kernels: Mapping[str, Any] = KERNELS, *, label: str = "") -> Any:
    """An image to paint on, a kernel to drag and the answer, computed in the browser.

    `.value["kernel"]` is what it was made. By keyboard: arrows move the window, the space bar paints its middle.

    Args:
        image: (height, width) in [0, 1], 8 to 32 pixels each way.
        kernels: Square kernels of one size by title; the first is there at the beginning.
        label: What the image shows, for those who cannot see it.
    """
    tables = {title: np.asarray(table, dtype=float).round(3).tolist() for title, table in kernels.items()}
    pixels = np.asarray(image, dtype=float).round(3).tolist()
    return on_page(Kernel(image=pixels, kernel=next(iter(tables.values())), presets=tables, label=label))
