"""`deepglass search RUN "WORDS" [THINGS]…`: which pictures show what words say, and which texts answer them?"""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console
from deepglass.core.wording import shortened

GROUP = "make and act"
NEEDS_ARGUMENTS = True
LONGEST = 90  # letters of a text in the table


def command(
    run: RunArgument,
    words: Annotated[str, typer.Argument(help="What to look for, in quotes.", metavar="WORDS", show_default=False)],
    things: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files or folders of pictures or texts; by default the test pictures, or replies, of the training.",
            metavar="[THINGS]...",
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="How many are named.")] = 5,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Find pictures by words with a run of image-text, or texts with one of retrieval: the nearest first."""
    set_mode(quiet, json)
    from deepglass.api.run import load

    found = load(run, device).search(words, things or None, count)
    if "text" in found[0]:
        rows = [
            [str(one["rank"]), shortened(one["text"], LONGEST), one["from"], f"{one['score']:.3f}"] for one in found
        ]
        console.table(("rank", "text", "from", "cosine"), rows)
        console.say("  something is always nearest, also where no text answers", style="dim")
        console.result({"words": words, "texts": found})
        return
    rows = [[str(one["rank"]), str(one.get("file") or f"row:{one['row']}"), f"{one['score']:.3f}"] for one in found]
    console.table(("rank", "picture", "cosine"), rows)
    console.say("  something is always nearest, also where no picture shows it", style="dim")
    console.result({"words": words, "pictures": found})
