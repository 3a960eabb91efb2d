"""`deepglass report RUN`: write report.html and the model card anew."""

import webbrowser
from typing import Annotated

import typer

from deepglass.cli._common import RunArgument
from deepglass.core.console import console

GROUP = "understand"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    open_page: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write the report of a run: one self-contained page."""
    from deepglass.api.run import load

    page = load(run).report()
    console.say(f"wrote {page}")
    if open_page:
        webbrowser.open(page.resolve().as_uri())
