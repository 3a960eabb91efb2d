"""A film of pictures drawn in Python: played in the browser, held and gone through by hand."""

from collections.abc import Sequence
from typing import Any

from deepglass.course.style import framed
from deepglass.course.widgets._widget import Widget, on_page, state


class Film(Widget):
    """State of the film; all pictures travel at once, so keep them few (30) and light (20 kB)."""

    frames = state([])
    captions = state([])
    seconds = state(0.5)
    loops = state(True)
    playing = state(True)


def film(
    frames: Sequence[str],
    captions: Sequence[str] = (),
    *,
    label: str = "",
    seconds: float = 0.5,
    loops: bool = True,
    width: float = 4.3,
) -> Any:
    """Pictures one after the other; setting `.frames` shows others.

    Args:
        frames: SVG each, from `picture(fig, label)`.
        captions: A line below each picture.
        label: What the slider goes through ("Epochs of training").
        seconds: That a picture stays; the last stays three times as long.
        loops: Whether it begins again by itself.
        width: Of the figures, in inches.
    """
    pictures = [framed(frame, width=width) for frame in frames]
    return on_page(Film(frames=pictures, captions=list(captions), label=label, seconds=seconds, loops=loops))
