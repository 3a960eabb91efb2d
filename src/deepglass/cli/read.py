"""`deepglass read TOPIC`: print the source that carries an idea, with its formula and the test that proves it."""

from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core.console import console

GROUP = "learn"


def command(
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            help="A topic (H06, batch norm, length penalty), a name (conv2d), a model (gpt) or a file.",
            metavar="[TOPIC]...",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Read how an idea is made: the engine's code, the architecture's file; without a topic, all there is."""
    set_mode(quiet=False, as_json=json)
    from deepglass.api import read

    if not topic:
        contents = read.contents()
        for file, entry in contents.items():
            console.heading(f"{file}: {entry['about']}")
            console.say(f"  {', '.join(entry['names'])}")
        console.result(contents)
    else:
        result = read.read(" ".join(topic))
        show(result)
        console.result(result)


def show(result: dict[str, Any]) -> None:
    """The pieces of code, then where else to look."""
    for piece in result["pieces"]:
        console.heading(f"{piece['place']}  {piece['name']}")
        if piece["formula"]:
            console.say(f"  {piece['formula']}", style="italic")
        show_code(piece["code"], piece["line"])
        console.say()
    for other in result["also"]:
        console.say(f"also   {other['place']}  {other['name']}" + f"  {other['formula']}".rstrip())
    for test in result["tests"]:
        absent = "" if test["installed"] else "  (not installed with the package: it is in the checkout)"
        console.say(f"test   {test['place']}::{test['name']}{absent}")


def show_code(code: str, first_line: int) -> None:
    """Highlighted, with the numbers of the file's lines, on a terminal; the bare lines of the file in a pipe."""
    if not console.speaks:
        return
    if not console.is_terminal:
        print(code)
        return
    from rich.syntax import Syntax

    look = {"theme": "ansi_dark", "background_color": "default"}
    console.rich.print(Syntax(code, "python", line_numbers=True, start_line=first_line, word_wrap=True, **look))
