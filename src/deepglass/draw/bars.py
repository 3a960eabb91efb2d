"""Lying bars with their numbers, also below zero, also in groups."""

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes

from deepglass.draw.drawing import Drawing, Limits, color_of
from deepglass.draw.in_words import bars_in_words, said, sentence
from deepglass.draw.style import BLUE, GREY, INK, ORANGE

THICK, APART, NAME_WIDTH = 0.27, 0.2, 20  # inches per bar and between groups; letters in a line of a name


def bars(
    values: Mapping[str, Any],
    *,
    sort: bool = False,
    unit: str = "",
    label: str = "",
    caption: str = "",
    xlabel: str = "",
    xlim: Limits = None,
    colors: Mapping[str, str] | None = None,
    width: float = 4.3,
    height: float = 0.0,
) -> Drawing:
    """Bars from top to bottom, blue above zero and orange below; the alternative text names the largest first.

    Args:
        values: By name a number; or by group numbers by name, whose bars then have the colours of their names.
        sort: The largest on top.
        unit: Written behind every number: " %".
        label: What it shows, a phrase; the numbers follow by themselves.
        caption: For everybody, below.
        xlabel: Of the axis.
        xlim: Limits; by default what the bars and their numbers need.
        colors: By name; else blue and orange, or for groups in the order of the palette.
        width: In inches.
        height: In inches; by default as many bars need.
    """
    groups = {str(name): value for name, value in values.items() if isinstance(value, Mapping)}
    rows = placed(groups, sort) if groups else placed({"": dict(values)}, sort)
    kinds = list(dict.fromkeys(name for _, name, _, _ in rows))
    color = color_of(kinds, colors) if groups else dict(colors or {})
    told = {group: bars_in_words(floats(bars), unit) for group, bars in groups.items()} or {
        "": bars_in_words(floats(values), unit)
    }
    words = [f"{group}: {text}" if group else text for group, text in told.items()]
    numbers = [value for _, _, value, _ in rows]
    low, high = min([0.0, *numbers]), max([0.0, *numbers])
    room = 0.2 * (high - low or 1.0)

    def draw(ax: Axes) -> None:
        for _, name, value, at in rows:
            ax.barh(at, value, height=0.72, color=color.get(name, ORANGE if value < 0 else BLUE))
            beside = f"{said(value)}{unit}" + (f"  {name}" if groups else "")
            ax.annotate(
                beside, (value, at), (-4 if value < 0 else 4, 0), textcoords="offset points", color=INK, fontsize=9.5,
                ha="right" if value < 0 else "left", va="center",
            )  # fmt: skip
        ax.axvline(0, color=GREY, linewidth=0.8)
        ax.set_yticks(*ticks(rows, bool(groups)))
        ax.grid(visible=False, axis="y")
        ax.set_xlim(low - 1.3 * room * (low < 0), high + room * (high > 0 or low == 0) * (2 if groups else 1))
        ax.set_ylim(max(at for *_, at in rows) + 0.6, -0.6)
        if xlim is None:
            ax.set_xticks(reached(ax.get_xticks(), low, high))

    size = (width, height or 0.55 + THICK * len(rows) + APART * max(0, len(groups) - 1))
    return Drawing(draw, sentence(label, *words), caption=caption, size=size, xlim=xlim, axes={"xlabel": xlabel})


def reached(ticks: Iterable[float], low: float, high: float) -> list[float]:
    """Ticks up to the first beyond the bars: the room for the numbers beside them measures nothing."""
    ticks = sorted(ticks)
    first = max((tick for tick in ticks if tick <= low), default=low)
    last = min((tick for tick in ticks if tick >= high), default=high)
    return [tick for tick in ticks if first <= tick <= last]


def floats(values: Mapping[str, Any]) -> dict[str, float]:
    """Numbers by name."""
    return {str(name): float(value) for name, value in values.items()}


def placed(groups: Mapping[str, Mapping[str, Any]], sort: bool) -> list[tuple[str, str, float, float]]:
    """Group, name, value and place from the top of every bar."""
    rows, at = [], 0.0
    for group, values in groups.items():
        order = sorted(values, key=lambda name: -float(values[name])) if sort else list(values)
        for name in order:
            rows.append((group, str(name), float(values[name]), at))
            at += 1
        at += APART / THICK
    return rows


def ticks(rows: list[tuple[str, str, float, float]], grouped: bool) -> tuple[list[float], list[str]]:
    """Where names stand: of every bar, or in the middle of every group."""
    if not grouped:
        return [at for *_, at in rows], ["\n".join(wrap(name, NAME_WIDTH)) for _, name, _, _ in rows]
    places: dict[str, list[float]] = {}
    for group, _, _, at in rows:
        places.setdefault(group, []).append(at)
    return [sum(those) / len(those) for those in places.values()], list(places)
