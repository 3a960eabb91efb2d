"""`deepglass check DATA`: what is in the data before anything is learnt from it."""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core.console import console

NEEDS_ARGUMENTS = True


def command(
    data: Annotated[str, typer.Argument(help="A file, a folder, or a bundled name.", metavar="DATA")],
    target: Annotated[str | None, typer.Option(help="The column to predict.")] = None,
    missing: Annotated[str | None, typer.Option(help="Further marks of a missing value, separated by commas.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Between two cells.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the file.")] = None,
    json: JsonOption = False,
) -> None:
    """Look at data: types, missing values, duplicates, leakage suspects, class balance."""
    set_mode(quiet=False, as_json=json)
    from deepglass.data.check import inspect
    from deepglass.data.config import DataConfig
    from deepglass.data.source import read

    config = DataConfig(target=target, missing=missing, delimiter=delimiter, encoding=encoding)
    source = read(data, config)
    console.heading(f"{data}")
    console.guesses(source.guesses)
    show(inspect(source, config))


def show(findings) -> None:
    """Findings as tables and sentences."""
