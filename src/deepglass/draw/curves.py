"""Curves over a common axis, named at their ends."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from deepglass.draw.drawing import Drawing, Limits, color_of, name_at_end, numbers
from deepglass.draw.in_words import curves_in_words, sentence
from deepglass.draw.style import GREY


def curves(
    values: Any,
    x: Any = None,
    *,
    marks: Mapping[str, float] | None = None,
    points: bool | Collection[str] = False,
    bands: Mapping[str, tuple[Any, Any]] | None = None,
    dashed: Collection[str] = (),
    label: str = "",
    caption: str = "",
    xlabel: str = "",
    ylabel: str = "",
    xlim: Limits = None,
    ylim: Limits = None,
    log: str = "",
    whole: bool = False,
    colors: Mapping[str, str] | None = None,
    width: float = 4.3,
    height: float = 2.9,
) -> Drawing:
    """Curves, named at their right ends; the alternative text says how each of them runs.

    Args:
        values: By name heights, or places and heights as a tuple (x, y); or the heights of one curve without a name.
        x: Places of all curves that bring none; 0, 1, 2 … if not said.
        marks: Level lines by name.
        points: Dots instead of lines, for all curves or for those named.
        bands: By the name of a curve, what lies below and above it.
        dashed: Names of curves that are broken lines.
        label: What it shows, a phrase; the numbers follow by themselves.
        caption: For everybody, below.
        xlabel: Of the axis.
        ylabel: Likewise.
        xlim: Limits; by default what the data need.
        ylim: Likewise.
        log: "x", "y" or "xy".
        whole: Whether there are only whole numbers along the x axis, such as epochs.
        colors: By name; else in the order of the palette.
        width: In inches.
        height: Likewise.
    """
    named = as_curves(values, x)
    color, levels = color_of(list(named), colors), dict(marks or {})
    dotted = set(named) if points is True else set(points or ())

    def draw(ax: Axes) -> None:
        for name, (places, heights) in named.items():
            style: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": 4.5} if name in dotted else {}
            style |= {"linestyle": (0, (4, 2))} if name in dashed else {}
            ax.plot(places, heights, color=color[name], **style)
        for name, (low, high) in (bands or {}).items():
            ax.fill_between(named[name][0], numbers(low), numbers(high), color=color[name], alpha=0.16, linewidth=0)
        for level in levels.values():
            ax.axhline(level, color=GREY, linewidth=1, linestyle=(0, (2, 2)))

    def finish(ax: Axes) -> None:
        if whole:
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ends = [(name, last_seen(heights), color[name]) for name, (_, heights) in named.items()]
        name_at_end(ax, [*ends, *((name, level, GREY) for name, level in levels.items())])

    return Drawing(
        draw, sentence(label, curves_in_words(named, levels, xlabel, ylabel)), finish=finish, caption=caption,
        size=(width, height), xlim=xlim, ylim=ylim, log=log, axes={"xlabel": xlabel, "ylabel": ylabel},
    )  # fmt: skip


def as_curves(values: Any, x: Any = None) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Places and heights by name."""
    found = {}
    for name, given in (values if isinstance(values, Mapping) else {"": values}).items():
        places, heights = given if isinstance(given, tuple) else (x, given)
        heights = numbers(heights).reshape(-1)
        places = np.arange(len(heights), dtype=float) if places is None else numbers(places).reshape(-1)
        found[str(name)] = (places[: len(heights)], heights)
    return found


def last_seen(heights: np.ndarray) -> float:
    """The last finite height, or nan."""
    finite = heights[np.isfinite(heights)]
    return float(finite[-1]) if len(finite) else float("nan")
