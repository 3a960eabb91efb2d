"""Pictures in a grid, each with its title."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.core.errors import OptionError
from deepglass.draw.drawing import numbers
from deepglass.draw.in_words import listed, said, sentence
from deepglass.draw.pixels import Pixels, border, colored, image, shortened, text

GAP, TITLE, NAMED = 8.0, 16.0, 24  # points between pictures and for a title; so many titles are read out


def pictures(
    images: Any,
    titles: Sequence[Any] = (),
    *,
    columns: int = 0,
    colors: str = "",
    label: str = "",
    caption: str = "",
    width: float = 4.3,
) -> Pixels:
    """Pictures side by side; the alternative text says how many, how large, and their titles.

    Args:
        images: (n, H, W), (n, H, W, 3), or a list of pictures; numbers in [0, 1], or signed.
        titles: One per picture, above it.
        columns: In a row; as square as possible if not said.
        colors: Of one channel: "much" (0 is the page, 1 is blue), "photo" (black to white) or "signed" (orange below
            zero, blue above); by default "signed" where anything is below zero, else "much". Scaled by the largest.
        label: What they show, a phrase.
        caption: For everybody, below.
        width: Of all together, in inches.

    Raises:
        OptionError: If there are no pictures, or not as many titles as pictures.
    """
    shown = [numbers(one) for one in images]
    if not shown or (len(titles) and len(titles) != len(shown)):
        got = f"{len(shown)} pictures and {len(titles)} titles"
        raise OptionError(f"kit.pictures: expected pictures and a title for each, got {got}")
    flat = [one for one in shown if one.ndim == 2]
    kind = colors or ("signed" if any((one < 0).any() for one in flat) else "much")
    top = max((float(np.nanmax(abs(one))) for one in flat), default=1.0)
    top = 1.0 if top == 0 or (kind != "signed" and 0.5 < top <= 1) else top
    across = columns or min(len(shown), int(np.ceil(np.sqrt(len(shown) * 1.6))))
    side = (72 * width - GAP * (across - 1)) / across
    tall = side * max(one.shape[0] / one.shape[1] for one in shown)
    body = []
    for number, one in enumerate(shown):
        x, y = (number % across) * (side + GAP), (number // across) * (tall + GAP + TITLE * bool(len(titles)))
        if len(titles):
            body.append(text(shortened(titles[number], side), x + side / 2, y + 11))
            y += TITLE
        high = side * one.shape[0] / one.shape[1]
        body += [image(one if one.ndim == 3 else colored(one, kind, top), x, y, side, high), border(x, y, side, high)]
    rows = -(-len(shown) // across)
    size = (72 * width, rows * (tall + TITLE * bool(len(titles))) + GAP * (rows - 1))
    return Pixels("".join(body), size, sentence(label, told(shown, titles, kind, top)), caption, width)


def told(shown: Sequence[np.ndarray], titles: Sequence[Any], kind: str, top: float) -> str:
    """The pictures in words."""
    height, width = shown[0].shape[:2]
    one = len(shown) == 1
    size = f"{'1 picture' if one else f'{len(shown)} pictures'} of {height} × {width} pixels"
    scale = f"orange is below zero, blue above, up to {said(top)}" if kind == "signed" else ""
    names = [str(title) for title in titles[:NAMED]]
    more = f" and {len(titles) - NAMED} more" if len(titles) > NAMED else ""
    return sentence(f"{size}{': ' if names else ''}{listed(names) if not more else ', '.join(names) + more}", scale)
