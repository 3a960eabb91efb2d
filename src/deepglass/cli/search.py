"""`deepglass search RUN "WORDS" [PICTURES]…`: which pictures show what words say?"""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    words: Annotated[str, typer.Argument(help="What to look for, in quotes.", metavar="WORDS", show_default=False)],
    pictures: Annotated[
        list[str] | None,
        typer.Argument(help="Files or folders; the test of the training by default.", metavar="[PICTURES]..."),
    ] = None,
    count: Annotated[int, typer.Option(help="How many pictures are named.")] = 5,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Find pictures by words with a run of image-text: the nearest first, with the cosine."""
    set_mode(quiet, json)
    from deepglass.api.run import load

    found = load(run, device).search(words, pictures or None, count)
    rows = [[str(one["rank"]), str(one.get("file") or f"row:{one['row']}"), f"{one['score']:.3f}"] for one in found]
    console.table(("rank", "picture", "cosine"), rows)
    console.say("  something is always nearest, also where no picture shows it", style="dim")
    console.result({"words": words, "pictures": found})
