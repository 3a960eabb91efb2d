"""`deepglass identify RUN PICTURES…`: who of those that are enrolled is it, or nobody of them?"""

from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    pictures: Annotated[
        list[str],
        typer.Argument(help="Files, a folder, or row:N of the test.", metavar="PICTURES...", show_default=False),
    ],
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Say who it is of those that `deepglass enrol` has seen, or "unknown"; with the three who are nearest.

    A run of few-shot learning always names one of them.
    """
    set_mode(quiet, json)
    from deepglass.api.run import load

    trained = load(run, device)
    found = trained.identify(pictures)
    rows = [
        [one["file"], one["name"], ", ".join(f"{near['name']} {near['distance']:.3f}" for near in one["nearest"])]
        + ([f"{one['share']:.0%}"] if "share" in one else [])
        for one in found
    ]
    shares = ("how likely",) if "share" in found[0] else ()
    console.table(("picture", "who", "nearest, with distances", *shares), rows)
    console.say(_rule(found[0], len(trained.enrolled)), style="dim")
    console.result({"pictures": found})


def _rule(found: dict[str, Any], people: int) -> str:
    """By which rule somebody was named."""
    if "threshold" not in found:
        return f"  one of the {people} that are enrolled is always named; whether it is any of them, it does not ask"
    most = min(1.0, people * found["false_accepts"])
    return (
        f"  up to {found['threshold']:.3f} is the same; of strangers up to {most:.1%} may pass for one of {people} "
        "people, by the rate per comparison that the threshold was chosen for"
    )
