"""Numbers as pixels, small enough to stand within the page: grids of pictures, and tables as coloured fields.

The SVG is written by hand: an image in it is a PNG with one pixel per number, which the browser enlarges without
smoothing; names and numbers beside it are text.
"""

from html import escape
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.image import imsave

from deepglass.core import data_uri, wording
from deepglass.draw.drawing import Shown
from deepglass.draw.style import MORE_AND_LESS, MUCH

LETTER = 6.2  # points that a letter of 11 points is wide, on average


class Pixels(Shown):
    """A picture whose SVG is there already.

    Args:
        body: What is inside the SVG.
        size: Width and height in points.
        words: As of `Shown`.
        caption: As of `Shown`.
        width: In inches, on the page.
    """

    def __init__(self, body: str, size: tuple[float, float], words: str, caption: str, width: float):
        super().__init__(words, caption, width)
        box = f"0 0 {size[0]:.0f} {size[1]:.0f}"
        style = "font: 11px var(--font); fill: var(--ink)"
        label = escape(words, quote=True)
        self._svg = f'<svg role="img" aria-label="{label}" viewBox="{box}" style="{style}">{body}</svg>'

    def svg(self) -> str:
        """The bare picture."""
        return self._svg


def colored(values: np.ndarray, kind: str, top: float, strength: float = 1.0) -> np.ndarray:
    """Colours (H, W, 4) of one channel: "much" and "signed" fade into the page, "photo" is black to white."""
    if kind == "photo":
        gray = np.clip(values / top, 0, 1)
        return np.stack([gray, gray, gray, np.ones_like(gray)], -1)
    shade = (
        MUCH(np.clip(values / top, 0, 1)) if kind == "much" else MORE_AND_LESS(np.clip(0.5 + values / (2 * top), 0, 1))
    )
    shade = np.array(shade)
    shade[..., 3] *= strength
    return shade


def image(colors: np.ndarray, x: float, y: float, width: float, height: float) -> str:
    """An SVG image of colours (H, W, 3 or 4) in [0, 1]."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    way = 'preserveAspectRatio="none" style="image-rendering: pixelated"'
    return f'<image {place} {way} href="{as_png(colors)}"/>'


def as_png(colors: np.ndarray) -> str:
    """Colours (H, W, 3 or 4) in [0, 1] as the address of a PNG that it holds itself."""
    held = BytesIO()
    imsave(held, np.ascontiguousarray(np.clip(colors, 0, 1)), format="png")
    return data_uri.of_png(held.getvalue())


def text(words: str, x: float, y: float, anchor: str = "middle", style: str = "") -> str:
    """A line of text in an SVG."""
    dress = f' style="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{dress}>{escape(words)}</text>'


def turned(content: str, x: float, y: float, degrees: float) -> str:
    """Something at a place, turned."""
    return f'<g transform="translate({x:.1f} {y:.1f}) rotate({degrees:g})">{content}</g>'


def border(x: float, y: float, width: float, height: float) -> str:
    """A thin frame."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="none" '
        'style="stroke: var(--line)" stroke-width="1"/>'
    )


def shortened(name: Any, room: float) -> str:
    """A name that fits into so many points."""
    return wording.shortened(str(name), max(2, int(room / LETTER)))
