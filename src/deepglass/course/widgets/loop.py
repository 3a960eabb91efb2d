"""A closed curve through points that are dragged: a track, a shore, a fence."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepglass.course.widgets.widget import Widget, on_page, state

Points = Sequence[Sequence[float]]


class Loop(Widget):
    """State of the curve; `points` are told when the hand lets go."""

    points = state([])
    road = state(0.2)
    presets = state({})

    def positions(self) -> list[dict[str, Any]]:
        """Its examples."""
        return [{"points": points} for points in self.presets.values()]

    def drawn(self) -> np.ndarray:
        """The points, in order: (points, 2)."""
        return np.array(self.points, dtype=float).reshape(-1, 2)


def loop(presets: Mapping[str, Points], *, road: float = 0.2, name: str = "", label: str = "") -> Any:
    """Points to drag, add and take away, and the smooth road through them; `.drawn()` is what the reader made.

    Cells that use it run again when the hand lets go.

    Args:
        presets: Loops to begin with, [x, y] in [-1, 1]² each, by title; the first is shown.
        road: How wide the curve is drawn.
        name: Under which the page's address keeps what was drawn.
        label: What it is, for those who cannot see it.
    """
    plain = {title: [[float(x), float(y)] for x, y in points] for title, points in presets.items()}
    return on_page(Loop(points=next(iter(plain.values())), presets=plain, road=road, name=name, label=label))
