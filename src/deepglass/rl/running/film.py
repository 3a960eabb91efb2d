"""What a policy does, to be watched: pictures of an episode as a GIF, in a window, or as lines of text."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from deepglass.core import files
from deepglass.core.errors import MissingPackageError, RunError
from deepglass.rl.envs import Discrete, VectorEnv
from deepglass.rl.running.episodes import Act

SIDE, SOFT = 320, 2  # pixels; drawn so many times larger and made small again, for smooth edges
FRAMES_PER_SECOND, MOST_FRAMES = 25, 1_500  # of a GIF
Frame = tuple[Any, str]  # a picture or None, and a line of text


def frames(act: Act, env: VectorEnv) -> Iterator[Frame]:
    """One episode of the first copy of a world, step by step."""
    observation, earned, names = env.reset(), 0.0, env.actions.names if isinstance(env.actions, Discrete) else ()
    yield picture(env), f"begins at {shown(observation[0])}"
    for number in range(1, env.max_steps + 1):
        action = act(observation)
        step = env.step(action)
        earned += float(step.reward[0])
        told = names[int(action[0])] if names else shown(action[0])
        line = f"step {number:>4}  {told}  reward {step.reward[0]:.4g}  return {earned:.4g}"
        if step.ended[0]:
            end = "the end" if step.terminated[0] else "time is up"
            yield None, f"{line}  {shown(step.final[0])}  {end}"
            return
        yield picture(env), f"{line}  {shown(step.observation[0])}"
        observation = step.observation


def picture(env: VectorEnv) -> Image.Image | None:
    """The first copy as it draws itself, or as its shapes; None where it has neither."""
    if (pixels := env.picture(0)) is not None:
        return Image.fromarray(pixels)
    if not (shapes := env.shapes(0)):
        return None
    size = SIDE * SOFT
    image = Image.new("RGB", (size, size), "white")
    brush = ImageDraw.Draw(image)
    for kind, points, color, width in shapes:
        at = [((x + 1) / 2 * size, (1 - y) / 2 * size) for x, y in points]
        if kind == "line":
            brush.line(at, fill=color, width=int(width * SOFT))
        elif kind == "polygon":
            brush.polygon(at, fill=color)
        else:
            (x, y), r = at[0], width * SOFT
            brush.ellipse((x - r, y - r, x + r, y + r), fill=color)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def write_gif(path: Path, pictures: list[Image.Image]) -> None:
    """Write a film, whole or not at all.

    Raises:
        RunError: If it cannot be written.
    """
    first, *rest = (image.quantize(64) for image in pictures[:MOST_FRAMES])
    with files.atomic(path) as draft:
        first.save(draft, format="GIF", save_all=True, append_images=rest, duration=1000 // FRAMES_PER_SECOND, loop=0)


def show_window(pictures: Iterator[Image.Image], title: str) -> None:
    """Show a film in a window until it is over or the window is closed.

    Raises:
        RunError: If there is no display.
        MissingPackageError: If Python was built without Tk.
    """
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise RunError("--window needs a display, and there is none: leave it out, and open the GIF")
    try:
        import tkinter

        from PIL import ImageTk
    except ImportError:
        raise MissingPackageError("--window needs tkinter (python3-tk): leave it out, and open the GIF") from None
    window = tkinter.Tk()
    window.title(title)
    label = tkinter.Label(window)
    label.pack()

    def next_frame() -> None:
        image = next(pictures, None)
        if image is None:
            window.destroy()
            return
        label.image = ImageTk.PhotoImage(image)  # type: ignore[attr-defined] - else it is collected
        label.configure(image=label.image)  # type: ignore[attr-defined]
        window.after(1000 // FRAMES_PER_SECOND, next_frame)

    next_frame()
    window.mainloop()


def shown(numbers: Any) -> str:
    """A few numbers of an observation or an action."""
    flat = np.ravel(numbers)
    if flat.size > 8 and set(np.unique(flat)) <= {0.0, 1.0}:
        return f"cell {int(flat.argmax())}" if flat.sum() == 1 else f"{int(flat.sum())} of {flat.size} on"
    return " ".join(f"{x:+.3f}" for x in flat[:8]) + (" …" if flat.size > 8 else "")
