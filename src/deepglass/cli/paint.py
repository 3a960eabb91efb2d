"""`deepglass paint RUN PICTURE…`: pictures in the style that a run has learnt, at once."""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.cli._made_pictures import DeviceOption, ForceOption, OutputOption, PicturesArgument, write

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    pictures: PicturesArgument,
    output: OutputOption = None,
    size: Annotated[
        int | None, typer.Option(help="Pixels of the longer side, of larger pictures; their own by default.")
    ] = None,
    force: ForceOption = False,
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Paint pictures with a run of style transfer, as NAME_painted.png; for one picture without a run see `style`."""
    set_mode(quiet, json)
    from deepglass.runs.painting import write_painted

    write(run, device, output, lambda trained: write_painted(trained, list(pictures), output, size, force))
