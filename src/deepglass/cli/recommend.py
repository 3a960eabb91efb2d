"""`deepglass recommend RUN USER`: what a user may like next, and which of the user's own items speak for it."""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    user: Annotated[
        str | None, typer.Argument(help="As the training table calls the user.", metavar="[USER]", show_default=False)
    ] = None,
    likes: Annotated[
        list[str] | None,
        typer.Option(
            help="Items that somebody has, by commas or one each, the last at the end; no user is needed then."
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="Items to show.")] = 10,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Recommend items with a run of recommendation, to a user of the training or to anybody who likes something."""
    set_mode(quiet, json)
    from deepglass.api.run import load

    found = load(run, device).recommend(user, likes or (), count)
    if found["by"] == "popular":
        console.say(f"  nothing is known of {user or 'the user'}: what most users took; name some items with --likes")
    else:
        whose = f"{user}, of whom" if user else "somebody of whom"
        console.say(f"  for {whose} {found['has']:,} items are known", style="dim")
    rows = [
        [str(rank), one["item"], f"{one['probability']:.1%}", f"{one['users']:,}", ", ".join(one["because"]) or "–"]
        for rank, one in enumerate(found["items"], 1)
    ]
    console.table(("", "item", "next", "users", "because of"), rows)
    console.result(found)
