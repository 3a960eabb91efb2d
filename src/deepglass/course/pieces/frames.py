"""The pictures of a film, drawn one after the other into one figure."""

from collections.abc import Callable, Iterator

from matplotlib.figure import Figure

from deepglass.draw.style import picture


def frames(fig: Figure, draw: Callable[[int], str], count: int, label: str = "") -> Iterator[tuple[str, str]]:
    """Pictures and captions as they are drawn, for `film(frames(fig, draw, 12))`.

    Args:
        fig: From `figure`, with fixed limits, so that the room stays the same.
        draw: Changes the figure to the picture of this number, and says in a line what is seen on it.
        count: How many.
        label: What all pictures show, for those who cannot see them; the line follows it.
    """
    for number in range(count):
        caption = draw(number)
        yield picture(fig, f"{label} {caption}".strip()), caption
        fig.set_layout_engine("none")  # the room stays as the first picture found it, which halves the time
