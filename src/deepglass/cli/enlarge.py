"""`deepglass enlarge RUN PICTURE…`: pictures with more pixels than they had."""

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
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Enlarge pictures with a run of super-resolution: of any size, in tiles without seams, as NAME_x2.png."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.core.errors import OptionError
    from deepglass.runs.enlarging import write_enlarged

    if output is not None and output.is_file():
        raise OptionError(f"--output {output}: expected a folder, this is a file")
    trained, written = load(run, device), []
    for path in write_enlarged(trained, list(pictures), output, force):
        written.append(str(path))
        console.say(f"wrote {path}")
    console.result({"written": written})
