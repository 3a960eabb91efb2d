"""`deepglass paint RUN PICTURE…`: pictures in the style that a run has learnt, at once."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    pictures: Annotated[list[str], typer.Argument(help="Picture files, or folders of them.", metavar="PICTURE…")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder to write into; beside each picture by default.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Pixels of the longer side, of larger pictures; their own by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Paint pictures with a run of style transfer, as NAME_painted.png; for one picture without a run see `style`."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.core.errors import OptionError
    from deepglass.runs.painting import write_painted

    if output is not None and output.is_file():
        raise OptionError(f"--output {output}: expected a folder, this is a file")
    trained, written = load(run, device), []
    for path in write_painted(trained, list(pictures), output, size, force):
        written.append(str(path))
        console.say(f"wrote {path}")
    console.result({"written": written})
