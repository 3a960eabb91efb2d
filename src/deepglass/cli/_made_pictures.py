"""What the commands share that make pictures of pictures with a run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.core.console import console

PicturesArgument = Annotated[list[str], typer.Argument(help="Picture files, or folders of them.", metavar="PICTURE…")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="A folder to write into; beside each picture by default.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]


def write(run: Path, device: str, output: Path | None, written: Callable[[Any], Iterator[Path]]) -> None:
    """Make pictures with a run, and say of each where it is.

    Args:
        run: Its folder.
        device: Where to compute.
        output: A folder to write into; beside each picture if None.
        written: From the run to paths of what was written, as soon as it is.

    Raises:
        OptionError: If the output is a file.
        RunError: If the folder is not a run.
    """
    from deepglass.api.run import load
    from deepglass.core.errors import OptionError

    if output is not None and output.is_file():
        raise OptionError(f"--output {output}: expected a folder, this is a file")
    paths = []
    for path in written(load(run, device)):
        paths.append(str(path))
        console.say(f"wrote {path}")
    console.result({"written": paths})
