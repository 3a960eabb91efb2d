"""`deepglass enrol RUN NAME PICTURES…`: remember how somebody looks, to know them again."""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    name: Annotated[str, typer.Argument(help="Of the person or thing.", metavar="NAME", show_default=False)],
    pictures: Annotated[
        list[str] | None,
        typer.Argument(help="Files, a folder, row:N of the test; several are better.", metavar="[PICTURES]..."),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Remove this name and its embeddings instead.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Remember how somebody looks who has agreed to it; embeddings are kept in the run folder, pictures are not."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.core.errors import OptionError

    if forget and pictures:
        raise OptionError("--forget removes a name: leave the pictures out, or leave --forget out")
    if not forget and not pictures:
        raise OptionError(f"no picture of {name!r}: expected files or a folder, or --forget to remove the name")
    trained = load(run, device)
    if forget:
        left = trained.forget(name)
        console.say(f"{name!r} is forgotten; {left} left")
        console.result({"name": name, "people": left})
        return
    found = trained.enrol(name, pictures)
    for sentence in found["warnings"]:
        console.warn(sentence)
    console.say(
        f"enrolled {found['name']!r}: {found['pictures']} new, {found['all_pictures']} in all; {found['people']} known"
    )
    console.result(found)
