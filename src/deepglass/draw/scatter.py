"""Points of the plane in groups, each with a marker of its own."""

from collections.abc import Mapping
from typing import Any, Literal

from matplotlib.axes import Axes

from deepglass.draw.drawing import Drawing, Limits, color_of, name_at_end, numbers
from deepglass.draw.in_words import group_in_words, place, sentence, together
from deepglass.draw.style import BACKGROUND, GREY

MARKERS = (("o", "●"), ("s", "■"), ("^", "▲"), ("D", "◆"), ("v", "▼"), ("P", "✚"))


def scatter(
    groups: Any,
    *,
    lines: Mapping[str, Any] | None = None,
    label: str = "",
    caption: str = "",
    xlabel: str = "",
    ylabel: str = "",
    xlim: Limits = None,
    ylim: Limits = None,
    log: str = "",
    colors: Mapping[str, str] | None = None,
    size: float = 26,
    aspect: Literal["auto", "equal"] = "auto",
    width: float = 4.3,
    height: float = 3.4,
) -> Drawing:
    """Points; the alternative text says how many there are, where their middle is, and whether they rise together.

    Args:
        groups: By name points (n, 2), or the points of one group without a name.
        lines: By name lines (n, 2) among them: a boundary, a fit.
        label: What it shows, a phrase; the numbers follow by themselves.
        caption: For everybody, below.
        xlabel: Of the axis.
        ylabel: Likewise.
        xlim: Limits; by default what the data need.
        ylim: Likewise.
        log: "x", "y" or "xy".
        colors: By name of a group or a line; else in the order of the palette, lines in grey.
        size: Of a marker, in square points.
        aspect: "equal" where a circle shall be one.
        width: In inches.
        height: Likewise.
    """
    named = {
        str(name): numbers(points) for name, points in (groups if isinstance(groups, Mapping) else {"": groups}).items()
    }
    drawn = {name: numbers(line) for name, line in (lines or {}).items()}
    color = color_of(list(named), colors) | {name: (colors or {}).get(name, GREY) for name in drawn}
    marker = {name: MARKERS[i % len(MARKERS)] for i, name in enumerate(named)}

    def draw(ax: Axes) -> None:
        for name, points in named.items():
            ax.scatter(
                *points.T, s=size, color=color[name], marker=marker[name][0], edgecolors=BACKGROUND, linewidths=0.5
            )
        for name, line in drawn.items():
            ax.plot(*line.T, color=color[name], linewidth=1.7)

    def finish(ax: Axes) -> None:
        ends = [
            (f"{marker[name][1]} {name}", float(points[:, 1].mean()), color[name])
            for name, points in named.items()
            if name and len(points)
        ]
        name_at_end(
            ax, [*ends, *((name, float(line[-1, 1]), color[name]) for name, line in drawn.items() if len(line))]
        )

    told = [f"{name or 'The picture'}: {group_in_words(points)}" for name, points in named.items()]
    told += [together(points) for points in named.values() if len(named) == 1]
    told += [f"A line, {name}, from {place(line[0])} to {place(line[-1])}" for name, line in drawn.items() if len(line)]
    axes = f"{ylabel} against {xlabel}" if xlabel and ylabel else ""
    return Drawing(
        draw, sentence(label, axes, *told), finish=finish, caption=caption, size=(width, height), xlim=xlim, ylim=ylim,
        log=log, axes={"xlabel": xlabel, "ylabel": ylabel, "aspect": aspect},
    )  # fmt: skip
