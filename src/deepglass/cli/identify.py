"""`deepglass identify RUN PICTURES…`: who of those that are enrolled is it, or nobody of them?"""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    pictures: Annotated[
        list[str], typer.Argument(help="Files, or a folder.", metavar="PICTURES...", show_default=False)
    ],
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Say who it is of those that `deepglass enrol` has seen, or "unknown"; with the three who are nearest."""
    set_mode(quiet, json)
    from deepglass.api.run import load

    trained = load(run, device)
    found = trained.identify(pictures)
    rows = [
        [one["file"], one["name"], ", ".join(f"{near['name']} {near['distance']:.3f}" for near in one["nearest"])]
        for one in found
    ]
    console.table(("picture", "who", "nearest, with distances"), rows)
    people = len(trained.enrolled)
    most = min(1.0, people * found[0]["false_accepts"])
    console.say(
        f"  up to {found[0]['threshold']:.3f} is the same; of strangers up to {most:.1%} may pass for one of {people} "
        "people, by the rate per comparison that the threshold was chosen for",
        style="dim",
    )
    console.result({"pictures": found})
