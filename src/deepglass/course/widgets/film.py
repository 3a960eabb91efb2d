"""A film of pictures drawn in Python: played in the browser, held and gone through by hand."""

from collections.abc import Callable, Iterable
from typing import Any

import marimo as mo

from deepglass.course.widgets.widget import Widget, on_page, state
from deepglass.draw.drawing import in_frames
from deepglass.draw.style import framed


class Film(Widget):
    """State of the film; keep pictures few (30) and light (20 kB). `is_drawn` says that no more are coming."""

    frames = state([])
    captions = state([])
    seconds = state(0.5)
    loops = state(True)
    playing = state(True)
    is_drawn = state(False)
    waits_for = state("")
    held = state(0)

    def __init__(self, coming: Iterable[tuple[str, str]], width: float, **fields: Any):
        super().__init__(**fields)
        self.coming, self.width, self.end = iter(coming), width, None

    def draw(self, is_enough: Callable[[], bool] = lambda: False) -> Any:
        """Draw the pictures that are coming, and return what their generator returns at its end.

        The browser is told whenever there are twice as many.
        """
        frames, captions = list(self.frames), list(self.captions)
        while not self.is_drawn and not is_enough():
            try:
                picture, caption = next(self.coming)
            except StopIteration as end:
                self.captions, self.frames, self.is_drawn, self.end = captions, frames, True, end.value
                break
            frames.append(framed(picture, width=self.width))
            captions.append(caption)
            if len(frames) >= 2 * len(self.frames):
                self.captions, self.frames = captions[:], frames[:]
        return self.end


def film(
    pictures: Iterable[Any],
    *,
    label: str = "",
    seconds: float = 0.5,
    loops: bool = True,
    width: float = 0.0,
    waits: bool = False,
    waits_for: str = "",
    held: int = 0,
) -> Any:
    """Pictures one after the other, the first on the page while the others are still to be drawn.

    In a lesson that is open, a generator is asked for its first picture at once and for the others beside the cells
    that follow. Where those need what was learnt between two pictures, the film `waits`, and a cell of its own draws
    the rest and receives what the generator returns: `net = film.draw()`. Setting `.frames` shows others.

    Args:
        pictures: The kit's own (`curves`, `valley`, …), which then share their limits; or SVG from
            `picture(fig, label)` and a line to stand below it, each, as `frames(fig, draw, count)` makes them.
        label: What the slider goes through ("Epochs of training").
        seconds: That a picture stays; the last stays three times as long.
        loops: Whether it begins again by itself.
        width: Of the figures, in inches; the kit's own know theirs.
        waits: Whether the pictures after the first wait for `draw()`.
        waits_for: Name of a guess that the later pictures would give away: until it is made, only the first ones play.
        held: How many those are.
    """
    wide, coming = in_frames(pictures)
    shown, is_open = (
        Film(coming, width or wide, label=label, seconds=seconds, loops=loops, waits_for=waits_for, held=held),
        mo.running_in_notebook(),
    )
    shown.draw((lambda: bool(shown.frames)) if waits or is_open else lambda: False)
    element = on_page(shown)
    if is_open and not waits:
        thread = mo.Thread(target=lambda: shown.draw(lambda: thread.should_exit), daemon=True)
        thread.start()
    return element
