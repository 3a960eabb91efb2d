"""A world to act in as it draws itself: lines, polygons and dots in a square, in the colours of the page."""

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes

from deepglass.draw.style import BLUE, FAINT, GREEN, GREY, INK, ORANGE

OF_THE_PAGE = {  # what worlds draw on white, by day and by night
    "#33415c": INK, "#9aa3ad": GREY, "#d55e00": ORANGE, "#0072b2": BLUE, "#009e73": GREEN, "#eef1f4": FAINT,
}  # fmt: skip


def world(
    ax: Axes, shapes: Iterable[tuple[str, Sequence[tuple[float, float]], str, float]], alpha: float = 1.0
) -> None:
    """Draw what `VectorEnv.shapes` gives.

    Args:
        ax: With limits from -1 to 1 or within them; both axes of one scale.
        shapes: (kind, points, colour, width) each: "line", "polygon" or "dot".
        alpha: How much of it is seen, 1 for all: less for where it was before.
    """
    for kind, points, color, width in shapes:
        x, y = zip(*points)
        look = {"color": OF_THE_PAGE.get(color, color), "alpha": alpha}
        if kind == "polygon":
            ax.fill(x, y, linewidth=0, **look)
        elif kind == "dot":
            ax.scatter(x, y, s=width**2, linewidths=0, **look)
        else:
            ax.plot(x, y, linewidth=0.6 * width, solid_capstyle="round", **look)
