"""`deepglass course export DIR`: the course as static pages, for any web host or a disk."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from deepglass.cli._common import QuietOption, set_mode
from deepglass.core.console import console
from deepglass.core.errors import MissingPackageError

GROUP = "learn"
NEEDS_ARGUMENTS = True


def command(
    action: Annotated[Literal["export"], typer.Argument(help="What to do with the course.")],
    folder: Annotated[Path, typer.Argument(help="A new or empty folder, or one of an earlier export.", metavar="DIR")],
    run: Annotated[
        bool, typer.Option(help="Run the commands that lessons show, and keep their output in the pages.")
    ] = True,
    notebooks: Annotated[bool, typer.Option(help="Write each lesson as a Jupyter notebook too.")] = True,
    processes: Annotated[
        int, typer.Option(min=0, help="Lessons that are written at the same time; 0 takes one per core, at most four.")
    ] = 0,
    quiet: QuietOption = False,
) -> None:
    """Write the course as static pages: every control works, nothing is fetched; goes on where it was interrupted."""
    set_mode(quiet, as_json=False)
    try:
        from deepglass.course.export import export
    except ModuleNotFoundError as error:
        raise MissingPackageError(f"the course needs {error.name}: pip install 'deepglass[course]'") from None
    console.say(f"wrote {export(folder, runs_commands=run, notebooks=notebooks, processes=processes)}")
