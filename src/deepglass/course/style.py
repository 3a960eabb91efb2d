"""The look of a lesson: figures and words as the page of a lesson takes them. The palette is that of `draw/style.py`.

fig, ax = figure()
ax.plot(x, y, color=BLUE)
html(fig, "A parabola with its lowest point at 0")
"""

import re
from typing import Any

import marimo as mo
from matplotlib.figure import Figure

from deepglass.course import jupyter
from deepglass.draw.style import NAMES, framed, picture


def html(fig: Figure, label: str, caption: str = "") -> mo.Html:
    """A figure for the page: crisp at every size, transparent, by day and by night.

    Args:
        fig: From `figure`.
        label: What the picture shows, in a sentence with its numbers, for those who cannot see it.
        caption: What everybody reads below it.
    """
    return mo.Html(framed(picture(fig, label), caption, width=fig.get_figwidth()))


def row(*items: Any) -> Any:
    """Things side by side, and one below the other where the window is narrow."""
    if jupyter.is_here():
        return jupyter.Several(items)
    return mo.Html('<div class="dg-row">' + "".join(f"<div>{mo.as_html(item).text}</div>" for item in items) + "</div>")


def md(text: str) -> mo.Html:
    r"""Markdown whose formulas may wear the colours of the picture: `$\blue{w}\cdot\orange{x}$`."""
    colors = "|".join(NAMES)
    return mo.md(re.sub(rf"\\({colors})\{{", lambda found: rf"\textcolor{{{NAMES[found[1]]}}}{{", text))
