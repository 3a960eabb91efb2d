"""`deepglass see [TOPIC]`: open the course in the browser, or the lesson of a topic, or the report of a run."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core import topics
from deepglass.core.console import console
from deepglass.core.errors import MissingPackageError, OptionError

GROUP = "learn"


def command(
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            help="A run folder (runs/digits), a lesson (perceptron, 5), or a topic: B01, batch norm, xor.",
            metavar="[TOPIC]...",
        ),
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

    wanted = " ".join(topic or [])
    if wanted and (page := page_of_run(wanted)):
        show_page(page, browser)
        return
    lesson = catalogue.find(wanted) if wanted else None
    if list_lessons or json:
        shown = [lesson] if lesson else catalogue.lessons()
        rows = [(one.number, one.title, one.question, one.minutes) for one in shown]
        console.table(["", "lesson", "question", "minutes"], rows)
        console.result([{**vars(one), "topics": [topic.id for topic in one.topics]} for one in shown])
        return
    try:
        from deepglass.course.serve import serve
    except ModuleNotFoundError as error:
        raise MissingPackageError(f"the course needs {error.name}: pip install 'deepglass[course]'") from None
    serve(f"lessons/{lesson.slug}/" if lesson else "", host, port, opens_browser=browser)


def page_of_run(wanted: str) -> Path | None:
    """The report of a run of this name, which comes before a topic; None if what is wanted is no run, but a topic.

    Raises:
        OptionError: If there is something of this name that is neither.
    """
    path, row = Path(wanted).expanduser(), topics.named(wanted)
    if (page := path / "report.html").is_file():
        if row:
            console.say(f"{wanted} is also a topic: deepglass see {row.id}")
        return page
    if path.exists() and row:
        console.say(f"{wanted} is also a path here, and not a run: deepglass check ./{path} describes data")
    elif path.exists():
        raise OptionError(
            f"{wanted} is neither a run nor a topic: expected a folder with a report.html, or a name such as "
            f"perceptron; `deepglass check {wanted}` describes data"
        )
    return None


def show_page(page: Path, opens_browser: bool) -> None:
    """Open a page that lies on this machine, and say where."""
    console.say(f"report   {page}")
    console.result({"report": page})
    if opens_browser and console.speaks:
        webbrowser.open(page.resolve().as_uri())
