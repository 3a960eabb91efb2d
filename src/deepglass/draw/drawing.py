"""A picture as the kit draws it: one pair of axes, drawn when it is shown, alone or as one of a film's.

What is on it is two functions: `marks` puts the data there, which finds the limits; `finish` writes names beside them,
for which the limits must be known. A film gives all its pictures the same limits, so that nothing jumps.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from deepglass.draw.style import BLUE, GOLD, GREEN, GREY, ORANGE, PINK, figure, framed, picture

ORDER = (BLUE, ORANGE, GREEN, PINK, GOLD, GREY)
NAME_SIZE, NAME_WIDTH = 9.5, 16  # points, and letters in a line of a name beside the axes
WIDTH = 4.3  # inches
Limits = tuple[float, float] | None


class Marked:
    """HTML that can be shown on a page and in a notebook."""

    def __init__(self, text: str):
        self._text = text

    @property
    def text(self) -> str:
        """As HTML."""
        return self._text

    def _mime_(self) -> tuple[str, str]:
        return "text/html", self.text

    def _repr_html_(self) -> str:
        return self.text


class Shown(Marked):
    """What can be shown on a page and be a picture of a film.

    Attributes:
        words: What it shows, for those who cannot see it.
        caption: What everybody reads below it.
        width: In inches.
    """

    def __init__(self, words: str, caption: str, width: float):
        super().__init__("")
        self.words, self.caption, self.width = words, caption, width

    def svg(self) -> str:
        """The bare picture."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """The picture in its frame, as HTML."""
        return framed(self.svg(), self.caption, width=self.width)


class Drawing(Shown):
    """One pair of axes.

    Args:
        marks: Draws the data.
        words: As of `Shown`.
        finish: Draws what needs the limits.
        caption: As of `Shown`.
        size: Width and height in inches.
        xlim: Limits where the data do not decide them.
        ylim: Likewise.
        log: "x", "y" or "xy": which axes are logarithmic.
        axes: To `Axes.set`.
    """

    def __init__(
        self,
        marks: Callable[[Axes], None],
        words: str,
        *,
        finish: Callable[[Axes], None] | None = None,
        caption: str = "",
        size: tuple[float, float] = (4.3, 2.9),
        xlim: Limits = None,
        ylim: Limits = None,
        log: str = "",
        axes: Mapping[str, Any] | None = None,
    ):
        super().__init__(words, caption, size[0])
        self.marks, self.finish, self.size, self.limits = marks, finish, size, (xlim, ylim)
        self.log, self.axes = log, dict(axes or {})

    def svg(self) -> str:
        """The bare picture."""
        fig, ax = figure(*self.size)
        self.paint(ax, self.limits)
        return picture(fig, self.words)

    def paint(self, ax: Axes, limits: tuple[Limits, Limits]) -> None:
        """Draw into empty axes, between these limits where there are some."""
        self._begin(ax)
        self.marks(ax)
        ax.set(**self.axes)
        if limits[0] is not None:
            ax.set_xlim(limits[0])
        if limits[1] is not None:
            ax.set_ylim(limits[1])
        if self.finish:
            self.finish(ax)

    def reach(self, ax: Axes) -> tuple[Limits, Limits]:
        """The limits that were asked for, or else those that the data want."""
        if None in self.limits:
            self._begin(ax)
            self.marks(ax)
        return self.limits[0] or ax.get_xlim(), self.limits[1] or ax.get_ylim()

    def _begin(self, ax: Axes) -> None:
        for axis in self.log:
            ax.set(**{f"{axis}scale": "log"})


def in_frames(pictures: Iterable[Any]) -> tuple[float, Iterator[tuple[str, str]]]:
    """Width of a film's pictures, and each as SVG and caption: the kit's own with common limits, pairs as they are."""
    coming = iter(pictures)
    first = next(coming, None)
    if isinstance(first, Shown):
        return first.width, drawn_together([first, *coming])
    return WIDTH, coming if first is None else beginning(first, coming)


def beginning(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    """The first, then the rest, with what its generator returns."""
    yield first
    return (yield from rest)


def drawn_together(shown: Sequence[Shown]) -> Iterator[tuple[str, str]]:
    """Pictures of one size and one reach, into one figure; its room is laid out once, which halves the time."""
    drawings = [one for one in shown if isinstance(one, Drawing)]
    if len(drawings) < len(shown):
        yield from ((one.svg(), one.caption) for one in shown)
        return
    fig, ax = figure(*drawings[0].size)
    limits = common_limits(drawings, ax)
    for drawing in drawings:
        ax.clear()
        drawing.paint(ax, limits)
        yield picture(fig, drawing.words), drawing.caption
        fig.set_layout_engine("none")


def common_limits(drawings: Sequence[Drawing], ax: Axes) -> tuple[Limits, Limits]:
    """The smallest limits in which all drawings have room."""
    found = []
    for drawing in drawings:
        ax.clear()
        found.append(drawing.reach(ax))
    ends = np.array(found, dtype=float)  # (drawings, 2 axes, 2 ends)
    return tuple((float(ends[:, axis, 0].min()), float(ends[:, axis, 1].max())) for axis in (0, 1))  # type: ignore[return-value]


def numbers(values: Any) -> np.ndarray:
    """Values as floats, also those of a tensor of either engine."""
    return np.asarray(values.detach().numpy() if hasattr(values, "detach") else values, dtype=float)


def color_of(names: Sequence[str], colors: Mapping[str, str] | None) -> dict[str, str]:
    """A colour per name: the one asked for, or the next of the palette."""
    return {name: (colors or {}).get(name, ORDER[i % len(ORDER)]) for i, name in enumerate(names)}


def name_at_end(ax: Axes, ends: Sequence[tuple[str, float, str]]) -> None:
    """Write names beside the right edge, each as high as what it names, moved apart where they would touch.

    Args:
        ax: With its final limits.
        ends: Name, height in data, colour.
    """
    named = [("\n".join(wrap(name, NAME_WIDTH)), y, color) for name, y, color in ends if name and np.isfinite(y)]
    to_axes = ax.transScale + ax.transLimits
    middle = ax.get_xlim()[0]
    heights = [float(np.clip(to_axes.transform((middle, y))[1], 0, 1)) for _, y, _ in named]
    line = 1.2 * NAME_SIZE / (72 * ax.figure.get_figheight() - 45)  # type: ignore[union-attr] # of the axes' height
    rooms = [line * (name.count("\n") + 1) for name, _, _ in named]
    for (name, _, color), height in zip(named, moved_apart(heights, rooms)):
        ax.text(
            1.02, height, name, transform=ax.transAxes, color=color, fontsize=NAME_SIZE, va="center", linespacing=1.05
        )


def moved_apart(places: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """Places on a line such that none is nearer to the next than their rooms allow; in the same order, moved little."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for _ in range(60):  # neighbours that touch push each other off by half of what is missing
        for below, above in pairwise(order):
            missing = (rooms[below] + rooms[above]) / 2 - (moved[above] - moved[below])
            if missing > 1e-9:
                moved[below] -= missing / 2
                moved[above] += missing / 2
    return moved
