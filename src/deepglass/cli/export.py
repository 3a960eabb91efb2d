"""`deepglass export RUN --to FORMAT`: bring a model to where Deepglass is not."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core import catalogue
from deepglass.core.console import console

GROUP = "ship"
NEEDS_ARGUMENTS = True
FORMATS = ", ".join(catalogue.entries("deploy/export"))


def command(
    run: RunArgument,
    to: Annotated[str | None, typer.Option(help=f"{FORMATS}; else told from the ending of --output.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File or folder to write; RUN/export/… by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Export a trained model, preprocessing included, and measure it against PyTorch."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.deploy.exporting import export

    path, measured = export(load(run, "cpu"), output, to=to, force=force)
    console.table(("", "largest difference", "size", "latency, batch 1"), measured.rows())
    console.say(f"  compared on inputs of {'; '.join(measured.sizes)}")
    for note in measured.notes:
        console.say(f"  {note}")
    console.say(f"  wrote {path}")
    console.result({"path": str(path), **vars(measured)})
