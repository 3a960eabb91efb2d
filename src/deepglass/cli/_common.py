"""Options that several commands share."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deepglass.core.console import Mode, console

RunArgument = Annotated[Path, typer.Argument(help="A run folder, such as runs/digits.", metavar="RUN")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def set_mode(quiet: bool, as_json: bool) -> None:
    """Put the console into the mode that the user asked for."""
    mode: Mode = "json" if as_json else "quiet" if quiet else "normal"
    console.mode = mode


def named(option: str) -> str | None:
    """The value of an option such as `--model` on the command line, before it is parsed."""
    words = sys.argv
    for i, word in enumerate(words):
        if word == option and i + 1 < len(words):
            return words[i + 1]
        if word.startswith(option + "="):
            return word.partition("=")[2]
    return None
