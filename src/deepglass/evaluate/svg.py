"""Figures as inline SVG that follows the page: its fonts, its colours by day and by night, its width.

Matplotlib draws with stand-in colours which are then replaced by the page's CSS variables, so one drawing serves
the light and the dark page. What is drawn is left to `plots.py`, the values of the variables to `report.css`.

References:
    Okabe and Ito (2008), Color Universal Design: colours that stay apart for colour-blind readers,
    https://jfly.uni-koeln.de/color/
"""

import re
import warnings
from collections.abc import Callable
from html import escape
from io import StringIO
from typing import Any
from zlib import crc32

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, FAINT, BACKGROUND = "#0a0b01", "#0a0b02", "#0a0b03"  # text and axes, grid and guides, the page
SERIES = ("#0a0c01", "#0a0c02", "#0a0c03", "#0a0c04", "#0a0c05", "#0a0c06")
MODEL, TRUTH = SERIES[0], INK

_VARIABLES = {
    INK: "var(--ink)",
    FAINT: "var(--line)",
    BACKGROUND: "var(--card)",
    **{color: f"var(--c{i + 1})" for i, color in enumerate(SERIES)},
}

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # real text: it can be read aloud, searched and scaled
    "svg.hashsalt": "deepglass",  # the same figure is the same file
    "text.parse_math": False,  # a class named "$5" is not a formula
    "font.size": 10.5,
    "axes.formatter.useoffset": False,  # nobody adds 1e-4 and 2.138 in the head
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.xmargin": 0.02,
    "axes.formatter.limits": (-4, 6),
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "text.color": INK,
    "lines.linewidth": 1.9,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 9.5,
}


def draw(paint: Callable[[Axes], None], label: str, *, width: float = 4.3, height: float = 2.9) -> Markup:
    """Let `paint` fill one pair of axes and return it as SVG for a page.

    Args:
        paint: Draws on the axes it is given, with the colours of this file.
        label: What the picture shows, for those who cannot see it.
        width: In inches of 72 points; 4.3 fits a telephone without shrinking the text.
        height: Likewise.
    """
    with rc_context(STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about glyphs that Matplotlib's font lacks; the reader's font draws them
        figure = Figure(figsize=(width, height), layout="constrained")
        paint(figure.add_subplot())
        return as_svg(figure, label)


def as_svg(figure: Figure, label: str) -> Markup:
    """A finished figure as SVG for a page; drawn, and turned, under `STYLE`."""
    drawing = StringIO()
    figure.savefig(drawing, format="svg", transparent=True, metadata={"Date": None})
    return _inline(drawing.getvalue(), label)


def _inline(svg: str, label: str) -> Markup:
    """The `<svg>` element alone, scalable, labelled, with ids of its own and the page's colours and fonts."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"\s*\n\s*", " ", body)
    body = re.sub(r'(font-family: |font: [\d.]+px )[^;"]+', r"\g<1>var(--font)", body)
    for color, variable in _VARIABLES.items():
        body = body.replace(color, variable)
    prefix = f"f{crc32((label + body).encode()):x}-"
    body = re.sub(r'id="', f'id="{prefix}', body)
    body = re.sub(r'(url\(#|xlink:href="#)', rf"\g<1>{prefix}", body).replace("xlink:href", "href")
    view_box = re.search(r'viewBox="[^"]+"', body)
    opening = f'<svg role="img" aria-label="{escape(label, quote=True)}" {view_box.group() if view_box else ""}>'
    return Markup(opening + body[body.index(">") + 1 :])
