"""The look of every picture: one palette, safe for the colour-blind, and figures that follow the page day and night.

    fig, ax = figure()
    ax.plot(x, y, color=BLUE)
    framed(picture(fig, "A parabola with its lowest point at 0"))

Figures are drawn with the stand-in colours of `evaluate/svg.py`, which become the page's own; their text is real text.
Draw for a telephone: 4.3 inches wide, and two small pictures in a `row` rather than one wide one.

References:
    Okabe and Ito (2008), Color Universal Design, https://jfly.uni-koeln.de/color/
"""

import warnings
from html import escape
from math import log10
from typing import Any

from matplotlib import rcParams
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from deepglass.evaluate.svg import BACKGROUND, FAINT, INK, SERIES, STYLE, as_svg

BLUE, ORANGE, GREEN, PINK, GOLD, GREY = SERIES
NAMES = {"blue": BLUE, "orange": ORANGE, "green": GREEN, "pink": PINK, "gold": GOLD, "grey": GREY}
# Pixels cannot follow the page, so these fade into it: nothing is transparent, much is blue, less than nothing orange.
MUCH = LinearSegmentedColormap.from_list("much", ["#1f86cc00", "#1f86ccff"])
MORE_AND_LESS = LinearSegmentedColormap.from_list(  # only 0 itself, in the middle, is as the page
    "more and less", [(0.0, "#de6a10ff"), (0.5, "#de6a1000"), (0.5, "#1f86cc00"), (1.0, "#1f86ccff")]
)
__all__ = ["BACKGROUND", "BLUE", "FAINT", "GOLD", "GREEN", "GREY", "INK", "MORE_AND_LESS", "MUCH", "ORANGE", "PINK"]


def figure(width: float = 4.3, height: float = 2.9, rows: int = 1, columns: int = 1, **subplots: Any) -> Any:
    """A figure and its axes (one, or an array of them) in the course's style.

    Args:
        width: In inches; 4.3 fits a telephone without shrinking the text.
        height: Likewise.
        rows: Of axes.
        columns: Of axes.
        **subplots: To `Figure.subplots`, such as `sharey=True`.
    """
    rcParams.update(STYLE)
    fig = Figure(figsize=(width, height), layout="constrained")
    return fig, fig.subplots(rows, columns, **subplots)


def picture(fig: Figure, label: str) -> str:
    """The bare SVG of a figure, for a `film`."""
    rcParams.update(STYLE)
    for axis in (axis for axes in fig.axes for axis in (axes.xaxis, axes.yaxis) if axis.get_scale() == "log"):
        axis.set_major_formatter(FuncFormatter(power_of_ten))
        axis.set_minor_formatter(NullFormatter())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about glyphs that Matplotlib's font lacks; the reader's font draws them
        return str(as_svg(fig, label))


def power_of_ten(value: float, _: Any = None) -> str:
    """A tick of a logarithmic axis: 0.01, 1,000, 10⁶."""
    if 1e-4 < value < 1e5:
        return f"{value:,.10g}"
    return "10" + str(round(log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def framed(svg: str, caption: str = "", width: float = 4.3) -> str:
    """A picture in its frame; up to a third larger than drawn where there is room."""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure class="dg-figure" style="max-width:{width * 96:.0f}px">{svg}{below}</figure>'
