"""The pictures of a film, drawn one after the other into one figure."""

from collections.abc import Callable

from matplotlib.figure import Figure

from deepglass.course.style import picture


def frames(fig: Figure, draw: Callable[[int], str], count: int) -> tuple[list[str], list[str]]:
    """Pictures and captions, for `film(*frames(fig, draw, 12), label=…)`.

    Args:
        fig: From `figure`, with fixed limits, so that the room stays the same.
        draw: Changes the figure to the picture of this number, and says in a line what is seen on it.
        count: How many.
    """
    pictures, captions = [], []
    for number in range(count):
        captions.append(draw(number))
        pictures.append(picture(fig, captions[-1]))
        fig.set_layout_engine("none")  # the room stays as the first picture found it, which halves the time
    return pictures, captions
