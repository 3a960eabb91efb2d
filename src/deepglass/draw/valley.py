"""A landscape over two numbers seen from above: rings of equal height, its lowest place, and who walked there."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from deepglass.draw.drawing import Drawing, color_of, name_at_end, numbers
from deepglass.draw.in_words import place, said, sentence
from deepglass.draw.style import GREY, INK

GRID = 61  # points each way at which the height is asked for


def valley(
    height_of: Callable[[np.ndarray], Any],
    *,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    paths: Mapping[str, Any] | None = None,
    lowest: bool | Any = True,
    levels: int = 9,
    label: str = "",
    caption: str = "",
    xlabel: str = "",
    ylabel: str = "",
    colors: Mapping[str, str] | None = None,
    width: float = 4.3,
    height: float = 3.5,
) -> Drawing:
    """Rings of equal height and paths across them; the alternative text says how far down each path came.

    Args:
        height_of: Heights (n,) of places (n, 2).
        xlim: From where to where.
        ylim: Likewise.
        paths: By name the places (n, 2) of a walk; its last one gets a dot.
        lowest: Whether the lowest place seen is marked, if it is not at the edge; or that place, (2,).
        levels: How many rings.
        label: What it shows, a phrase; the numbers follow by themselves.
        caption: For everybody, below.
        xlabel: Of the axis.
        ylabel: Likewise.
        colors: By name of a path; else in the order of the palette.
        width: In inches.
        height: Likewise.
    """
    walks = {str(name): numbers(path).reshape(-1, 2) for name, path in (paths or {}).items()}
    color = color_of(list(walks), colors)
    x, y = np.linspace(*xlim, GRID), np.linspace(*ylim, GRID)
    at = lambda places: numbers(height_of(np.asarray(places, dtype=float).reshape(-1, 2))).reshape(-1)  # noqa: E731
    heights = at(np.stack(np.meshgrid(x, y), -1)).reshape(GRID, GRID)
    bottom = lowest_place(x, y, heights) if lowest is True else None if lowest is False else numbers(lowest)

    def draw(ax: Axes) -> None:
        ax.contour(x, y, heights, levels=rings(heights, levels), colors=GREY, linewidths=0.8, alpha=0.55)
        if bottom is not None:
            ax.scatter(*bottom, marker="+", s=70, color=INK, linewidths=1.6, zorder=4)
        for name, walk in walks.items():
            dots = {"marker": "o", "markersize": 2.6} if len(walk) <= 40 else {}
            ax.plot(*walk.T, color=color[name], linewidth=1.6, **dots)
            ax.scatter(*walk[-1], color=color[name], s=42, zorder=3)

    def finish(ax: Axes) -> None:
        name_at_end(ax, [(name, float(np.clip(walk[-1, 1], *ylim)), color[name]) for name, walk in walks.items()])

    tiny = 1e-9 * float(np.ptp(heights[np.isfinite(heights)]))
    level = lambda height: said(0.0 if abs(height) < tiny else float(height))  # noqa: E731
    told = [f"Lowest at {place(bottom)}, height {level(at(bottom)[0])}"] if bottom is not None else []
    told += [walk_in_words(name, walk, *map(level, at(walk[[0, -1]]))) for name, walk in walks.items()]
    return Drawing(
        draw, sentence(label, "Rings of equal height", *told), finish=finish, caption=caption, size=(width, height),
        xlim=xlim, ylim=ylim, axes={"xlabel": xlabel, "ylabel": ylabel},
    )  # fmt: skip


def rings(heights: np.ndarray, count: int) -> np.ndarray:
    """Heights of rings that lie apart evenly in a bowl, where height grows with the square of the distance."""
    finite = heights[np.isfinite(heights)]
    low, high = float(finite.min()), float(finite.max())
    return low + (high - low) * np.linspace(0, 1, count + 2)[1:-1] ** 2 if high > low else np.array([low])


def lowest_place(x: np.ndarray, y: np.ndarray, heights: np.ndarray) -> np.ndarray | None:
    """The lowest place between the points of a grid, by a parabola along each axis; None at the edge."""
    row, column = np.unravel_index(int(np.nanargmin(heights)), heights.shape)
    if row in (0, len(y) - 1) or column in (0, len(x) - 1):
        return None
    along_x, along_y = heights[row, column - 1 : column + 2], heights[row - 1 : row + 2, column]
    return np.array([x[column] + (x[1] - x[0]) * vertex(along_x), y[row] + (y[1] - y[0]) * vertex(along_y)])


def vertex(three: np.ndarray) -> float:
    """Where the parabola through three neighbours is lowest, from the middle one, in steps."""
    bend = three[0] - 2 * three[1] + three[2]
    return float(0.5 * (three[0] - three[2]) / bend) if bend > 0 else 0.0


def walk_in_words(name: str, walk: np.ndarray, begins: str, ends: str) -> str:
    """From where to where, and from which height to which."""
    steps, who = len(walk) - 1, name or "The path"
    if steps == 0:
        return f"{who} is at {place(walk[0])}, height {begins}"
    after = f"after {steps} step{'s' * (steps != 1)}"
    return f"{who} starts at {place(walk[0])}, height {begins}, and {after} is at {place(walk[-1])}, height {ends}"
