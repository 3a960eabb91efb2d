"""`deepglass verify RUN ONE OTHER`: do two pictures show the same person, or the same thing?"""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    one: Annotated[
        str, typer.Argument(help="A picture; row:N is picture N of the test.", metavar="ONE", show_default=False)
    ],
    other: Annotated[str, typer.Argument(help="Another picture.", metavar="OTHER", show_default=False)],
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Hold two pictures against each other: the same person or thing, or not, by a run of --task verification."""
    set_mode(quiet, json)
    from deepglass.api.run import load

    found = load(run, device).verify(one, other)
    first, second = found["pictures"]
    console.say(f"{'the same' if found['is_same'] else 'not the same'}: {first} and {second}")
    console.say(
        f"  distance {found['distance']:.3f}; up to {found['threshold']:.3f} is the same, chosen on other people so "
        f"that {found['false_accepts']:.1%} of the pairs of strangers pass",
        style="dim",
    )
    console.result(found)
