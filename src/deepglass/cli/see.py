"""`deepglass see [WHAT]`: open the course in the browser: a lesson, a run while it learns or afterwards, or data."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core import topics
from deepglass.core.console import console
from deepglass.core.errors import MissingPackageError, OptionError

GROUP = "learn"
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def command(
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            help="A run folder (runs/digits), data (houses.csv, iris), a lesson (perceptron, 5), or a topic: B01, xor.",
            metavar="[WHAT]...",
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; others than this ask for a token.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port; the first free one from 2718 if not said.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    list_lessons: Annotated[bool, typer.Option("--list", help="List the lessons and leave.")] = False,
    json: JsonOption = False,
) -> None:
    """See an idea, your data or your own run: alive in the browser, on this machine, offline."""
    set_mode(quiet=False, as_json=json)
    from deepglass.course import catalogue

    wanted = " ".join(topic or [])
    place = None if list_lessons else place_of(wanted)
    if place is not None:
        if json:
            console.result(told_of(place))
            return
        if host not in THIS_MACHINE:
            raise OptionError(
                f"--host {host}: runs and data are shown on this machine alone; leave it out, and reach it from "
                "another one through `ssh -L 2718:127.0.0.1:2718`"
            )
        serve(place.address, host, port, browser, [place.path] if place.path else [])
        return
    lesson = catalogue.find(wanted) if wanted else None
    if list_lessons or json:
        shown = [lesson] if lesson else catalogue.lessons()
        rows = [(one.number, one.title, one.question, one.minutes) for one in shown]
        console.table(["", "lesson", "question", "minutes"], rows)
        console.result([{**vars(one), "topics": [topic.id for topic in one.topics]} for one in shown])
        return
    serve(f"lessons/{lesson.slug}/" if lesson else "", host, port, browser, [])


def serve(address: str, host: str, port: int | None, opens_browser: bool, roots: list[Path]) -> None:
    """Serve the course until Ctrl-C.

    Raises:
        MissingPackageError: If what it needs is not installed.
    """
    try:
        from deepglass.course import serve as course
    except ModuleNotFoundError as error:
        raise MissingPackageError(f"the course needs {error.name}: pip install 'deepglass[course]'") from None
    course.serve(address, host, port, opens_browser, roots)


def place_of(wanted: str) -> Any:
    """What lies at a path, which comes before a topic, or bundled data, which come after one; None for anything else.

    Raises:
        OptionError: If a path is meant, and nothing is there.
    """
    from deepglass.course.places import Place, bundled, kind_of

    if not wanted:
        return None
    path, row = Path(wanted).expanduser(), topics.named(wanted)
    kind = kind_of(path)
    if kind != "nothing":
        what = {"run": "a run", "data": "data", "folder": "a folder"}[kind]
        if row:
            console.say(f"{wanted} is {what} here, and a topic too: deepglass see {row.id}")
        found = path.resolve()
        return Place(kind, found.name or str(found), found)
    if wanted in bundled():
        if row is None:
            return Place("data", wanted, None)
        console.say(f"{wanted} is a topic, and bundled data too: deepglass check {wanted}, deepglass train {wanted}")
    if row is None and ("/" in wanted or path.suffix):
        raise OptionError(
            f"{wanted} is not there: expected a run folder, a file or folder of data, a lesson or a topic; `deepglass "
            "runs` lists runs, `deepglass topics` topics"
        )
    return None


def told_of(place: Any) -> dict[str, Any]:
    """A run with its panels and how far it is, or what was found in data."""
    if place.kind != "run":
        return {"data": place.source, "check": f"deepglass check {shlex.quote(place.source)}"}
    from deepglass.core.run_folder import RunFolder
    from deepglass.see import all_panels
    from deepglass.see.learning import stage

    folder = RunFolder(place.path)
    panels = [{**vars(panel), "see": panel.see} for panel in all_panels()]
    report = folder / "report.html"
    return {
        "run": str(place.path), "stage": stage(folder).record(), "report": str(report) if report.is_file() else None,
        "panels": panels,
    }  # fmt: skip
