"""A drawing pad for digits, with as many pixels as the network has inputs."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepglass.course.widgets.widget import Widget, on_page, state


class Pad(Widget):
    """State of the pad; `pixels` are told row by row, 0 paper to 1 ink."""

    size = state(8)
    pixels = state([])
    examples = state([])
    titles = state([])

    def positions(self) -> list[dict[str, Any]]:
        """Its examples."""
        return [{"pixels": pixels} for pixels in self.examples]

    def image(self) -> np.ndarray:
        """What is drawn, (size, size)."""
        flat = self.pixels or [0.0] * self.size**2
        return np.array(flat, dtype=np.float32).reshape(self.size, self.size)


def pad(size: int = 8, examples: Mapping[str, Any] | None = None, *, label: str = "") -> Any:
    """Paper to draw on; `.image()` is what stands there, and cells that use it run again after each stroke.

    Args:
        size: Pixels in each direction, 8 as in the bundled digits or 28.
        examples: Pictures (size, size) in [0, 1] on buttons, by title; the first draws itself at the beginning.
        label: What is asked for ("Draw a digit").
    """
    pictures = [np.asarray(image, dtype=float).round(3).reshape(-1).tolist() for image in (examples or {}).values()]
    first = pictures[0] if pictures else []
    return on_page(Pad(size=size, pixels=first, examples=pictures, titles=list(examples or {}), label=label))
