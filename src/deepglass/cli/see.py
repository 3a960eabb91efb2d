"""`deepglass see [TOPIC]`: open the course in the browser, or the lesson of a topic."""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core.console import console
from deepglass.core.errors import MissingPackageError


def command(
    topic: Annotated[
        str | None,
        typer.Argument(help="A lesson (perceptron, 5), a topic (B01, batch-norm) or a word (xor).", metavar="TOPIC"),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; others than this ask for a token.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port; the first free one from 2718 if not said.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    list_lessons: Annotated[bool, typer.Option("--list", help="List the lessons and leave.")] = False,
    json: JsonOption = False,
) -> None:
    """Open the course: every idea alive in the browser, on this machine, offline."""
    set_mode(quiet=False, as_json=json)
    from deepglass.course import catalogue

    lesson = catalogue.find(topic) if topic else None
    if list_lessons or json:
        shown = [lesson] if lesson else catalogue.lessons()
        rows = [(one.number, one.title, one.question, one.minutes) for one in shown]
        console.table(["", "lesson", "question", "minutes"], rows)
        console.result([vars(one) for one in shown])
        return
    try:
        from deepglass.course.serve import serve
    except ModuleNotFoundError as error:
        raise MissingPackageError(f"the course needs {error.name}: pip install 'deepglass[course]'") from None
    serve(f"lessons/{lesson.slug}/" if lesson else "", host, port, opens_browser=browser)
