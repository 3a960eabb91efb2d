"""`deepglass play RUN`: watch what a policy does, as a GIF, in a window or as text."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console
from deepglass.core.errors import OptionError

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The GIF to write; RUN/play.gif by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the environment: another one is another episode.", min=0)] = 0,
    text: Annotated[bool, typer.Option("--text", help="Print every step instead of drawing.")] = False,
    window: Annotated[bool, typer.Option("--window", help="Show it in a window; needs a display.")] = False,
    environment: Annotated[
        str | None, typer.Option(help="Where to act; needed where the environment is code in a file.")
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Let a trained policy act for one episode."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.rl.running import film

    trained = load(run)
    if not trained.ACTS:
        raise OptionError(f"{run} was trained on data and does not act: see `deepglass predict {run}`")
    steps = list(trained.frames(seed, environment))  # type: ignore[attr-defined]
    pictures = [image for image, _ in steps if image is not None]
    if window:
        film.show_window(iter(pictures), str(run))
    if text or not pictures:
        for _, line in steps:
            console.say(line)
    else:
        console.say(steps[-1][1])
    found = {"run": str(run), "steps": len(steps) - 1, "end": steps[-1][1]}
    if pictures and not text and not window:
        path = output or run / "play.gif"
        film.write_gif(path, pictures)
        console.say(f"  wrote {path}")
        found["path"] = str(path)
    console.result(found)
