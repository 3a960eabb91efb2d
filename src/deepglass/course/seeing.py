"""Runs and data as pages of the course: a run while it learns and afterwards, a file before anything is learnt.

    /see/                      choose a file or a run of this machine
    /see/at/…path              its page;  /see/bundled/NAME  that of bundled data
    /see/ask/…                 what the pages ask for, with the key that only they know

Whoever is let in by the guard and sits at this machine may ask; another page may not, for it cannot read the key. A
page elsewhere can neither start a training nor look into a folder, and no other page may hold these in a frame.
"""

import asyncio
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deepglass.core import files
from deepglass.core.console import console
from deepglass.core.errors import DeepglassError, OptionError, RunError
from deepglass.core.run_folder import RunFolder
from deepglass.course import catalogue, home
from deepglass.course.places import Place, Places, bundled, kind_of
from deepglass.course.trainings import OPTIONS, Trainings
from deepglass.see import Asked, Panel, all_panels, panel_of
from deepglass.see.notebook import style
from deepglass.see.opened import Opened, digest_of
from deepglass.see.shown import show

KEY = "x-deepglass-key"
THIS_MACHINE = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
MOST_OPEN = 3  # runs whose networks are in memory
MOST_ASKED = 100_000  # bytes of a request, a text of one's own included
NOT_KEPT = {"cache-control": "no-store"}
HEADERS = {"content-security-policy": "frame-ancestors 'none'", "referrer-policy": "no-referrer", **NOT_KEPT}


class Seeing:
    """The pages of one server.

    Args:
        places: What may be opened.
        trainings: Those that were started here.
    """

    def __init__(self, places: Places, trainings: Trainings):
        self.places, self.trainings, self.key = places, trainings, secrets.token_urlsafe(24)
        self.opened: OrderedDict[Path, tuple[str, Opened]] = OrderedDict()
        self._lock = Lock()

    def routes(self) -> list[Route]:
        """All addresses."""
        asks = {
            "stage": self.stage, "panel": self.panel, "data": self.data, "folder": self.folder, "code": self.code,
            "train": self.train, "stop": self.stop, "resume": self.resume,
        }  # fmt: skip
        pages = [("/see/", self.show_choice), ("/see/at/{path:path}", self.show_place)]
        return [
            *(Route(address, local(page)) for address, page in [*pages, ("/see/bundled/{name}", self.show_bundled)]),
            *(Route(f"/see/ask/{name}", self.asked(answer), methods=["POST"]) for name, answer in asks.items()),
        ]

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> Any:
        """When the server ends, trainings that it started are asked to stop."""
        yield
        for run in self.trainings.end():
            console.say(f"stopped {run}; go on with: deepglass train --run {run} --resume")

    # -- pages ------------------------------------------------------------------------------------------------------

    async def show_choice(self, _: Request) -> Response:
        """Choose a file or a run."""
        return self.page("choose", "Your own data and runs", folder=str(self.trainings.folder), bundled=bundled())

    async def show_place(self, request: Request) -> Response:
        """The page of a path: a run, data, or a folder to choose from."""
        return await asyncio.to_thread(self.page_of, "/" + request.path_params["path"])

    async def show_bundled(self, request: Request) -> Response:
        """The page of bundled data."""
        return await asyncio.to_thread(self.page_of, request.path_params["name"])

    def page_of(self, text: str) -> Response:
        try:
            place = self.places.find(text)
        except OptionError as error:
            return self.page("none", "Not opened", said=str(error), status=403)
        is_begun = place.path is not None and place.path in self.trainings.of_run
        if place.kind == "run" or is_begun:
            assert place.path is not None
            return self.page("run", place.name, place=place, panels=panels_here(), about=self.about(place.path))
        if place.kind == "nothing":
            return self.page(
                "none", "Nothing is there", said=f"{place.path} is not there, or is there no longer.", status=404
            )
        if place.kind == "folder" and self.is_folder_of_runs(place):
            return self.page("choose", place.name, folder=str(place.path), bundled=bundled())
        return self.page("data", place.name, place=place, options=OPTIONS)

    def is_folder_of_runs(self, place: Place) -> bool:
        """Whether a folder holds runs, and so is not data."""
        found = self.places.listing(place)["entries"]
        return any(entry["kind"] == "run" for entry in found) or not found

    def about(self, run: Path) -> str:
        """Task, model and source of a run, in a line."""
        try:
            config = RunFolder(run).read_record("config.json")
        except RunError:
            return ""
        words = [config.get("task"), config.get("model"), f"on {config['source']}" if config.get("source") else None]
        engine = ["glass engine"] if config.get("engine") == "glass" else []
        return " · ".join([*(str(word) for word in words if word), *engine])

    def page(self, kind: str, title: str, status: int = 200, **shown: Any) -> Response:
        """A page of ours."""
        template = home.environment().get_template("see.html.j2")
        body = template.render(kind=kind, title=title, key=self.key, style=style(), **shown)
        return HTMLResponse(body, status, headers=HEADERS)

    # -- what pages ask ---------------------------------------------------------------------------------------------

    def asked(self, answer: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Awaitable[Response]]:
        """A question of one of our pages: with the key, as JSON, answered in a thread of its own."""

        async def reply(request: Request) -> Response:
            if not hmac.compare_digest(request.headers.get(KEY, "").encode(), self.key.encode()):
                return JSONResponse({"error": "only the pages of `deepglass see` may ask: reload the page"}, 403)
            try:
                told = await told_in(request)
                return JSONResponse(plain(await asyncio.to_thread(answer, told)), headers=NOT_KEPT)
            except DeepglassError as error:
                return JSONResponse({"error": str(error)}, 404 if isinstance(error, RunError) else 400)
            except Exception as error:
                said = f"this failed, which is a fault of ours: {type(error).__name__}: {error}"
                return JSONResponse({"error": said}, 500)

        return local(reply)

    def run_of(self, told: dict[str, Any]) -> Path:
        """The path of a run.

        Raises:
            OptionError: If it is outside, or that of bundled data.
        """
        place = self.places.find(words_of(told, "path"))
        if place.path is None:
            raise OptionError(f"{place.name} is bundled data, and not a run")
        return place.path

    def stage(self, told: dict[str, Any]) -> dict[str, Any]:
        """How far a training is."""
        run = self.run_of(told)
        own = self.trainings.command_of(run)
        near = self.trainings.near(run)
        go_on = f"deepglass train --run {near} --resume"
        return {**self.trainings.stage(run), "command": own or "", "resume": go_on, "about": self.about(run)}

    def panel(self, told: dict[str, Any]) -> dict[str, Any]:
        """A panel, opened."""
        run = self.run_of(told)
        if run in self.trainings.of_run and kind_of(run) != "run":
            return {"fits": False, "html": '<p class="dg-none">Not yet: its folder comes with the first step.</p>'}
        asked = Asked(
            input=self.input_of(words_of(told, "input").strip()),
            row=whole(told, "row", 1),
            columns=tuple(word for word in (words_of(told, "column"), words_of(told, "other")) if word),
            layer=whole(told, "layer", 0),
        )
        found = show(self.open(run), panel_of(words_of(told, "name")).name, asked)
        return {"fits": found.fits, "html": found.text}

    def input_of(self, text: str) -> Any:
        """A text of one's own as it is, a row written as JSON, or the path of a file that may be opened.

        Raises OptionError if it may not.
        """
        if text.startswith("{"):
            with suppress(ValueError, RecursionError):
                return json.loads(text)
        looks_like_path = len(text) < 4096 and "\n" not in text and files.lies_at(Path(text).expanduser())
        return str(self.places.resolved(text)) if text and looks_like_path else text

    def open(self, run: Path) -> Opened:
        """A run as its weights are now; the same as before where these have not changed. Raises RunError if gone."""
        folder = RunFolder(run).must_exist()
        digest = digest_of(folder)
        with self._lock:
            known = self.opened.get(run)
            if known is None or known[0] != digest:
                known = self.opened[run] = (digest, Opened(folder, lambda: loaded(run)))
            self.opened.move_to_end(run)
            while len(self.opened) > MOST_OPEN:
                self.opened.popitem(last=False)
        return known[1]

    def data(self, told: dict[str, Any]) -> dict[str, Any]:
        """What is in data."""
        from deepglass.see.data import look

        return vars(look(self.places.find(words_of(told, "path")).source))

    def folder(self, told: dict[str, Any]) -> dict[str, Any]:
        """What is in a folder, or where the page of something else is.

        Raises:
            OptionError: If nothing is there, or it is outside.
        """
        place = self.places.find(words_of(told, "path"))
        if place.kind == "nothing":
            raise OptionError(f"{place.path} is not there: expected a file or a folder")
        found = self.places.listing(place) if place.kind == "folder" else {}
        return {**found, "kind": place.kind, "address": "/" + place.address}

    def code(self, told: dict[str, Any]) -> dict[str, Any]:
        """The code behind a panel.

        Raises:
            OptionError: If it is behind none.
        """
        from deepglass.course.pieces.reading import read

        topic = words_of(told, "topic")
        if topic not in {word for panel in all_panels() for word in panel.read}:
            raise OptionError(f"{topic!r} is not behind a panel: `deepglass read {topic}` looks for it")
        return {"html": read(topic).text}

    # -- the three buttons --------------------------------------------------------------------------------------

    def train(self, told: dict[str, Any]) -> dict[str, Any]:
        """Begin to train.

        Raises:
            OptionError: If it is not data, or an option is not offered.
        """
        place = self.places.find(words_of(told, "path"))
        if place.kind not in ("data", "folder"):
            raise OptionError(f"{place.path} is not data: choose a file or a folder of pictures or texts")
        name = place.name.partition(".")[0] or "run"
        run = self.trainings.start(place.source, name, {option: words_of(told, option) for option in OPTIONS})
        return {"address": "/" + Place("run", run.name, run).address, "command": self.trainings.command_of(run)}

    def stop(self, told: dict[str, Any]) -> dict[str, Any]:
        """Ask a training to stop."""
        return {"said": self.trainings.stop(self.run_of(told))}

    def resume(self, told: dict[str, Any]) -> dict[str, Any]:
        """Go on."""
        self.trainings.resume(self.run_of(told))
        return {"said": "it goes on"}


def local(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """For whoever sits at this machine, whatever the course listens on."""

    async def reply(request: Request) -> Response:
        if request.client is None or request.client.host not in THIS_MACHINE:
            return HTMLResponse("Runs and data are shown on the machine itself: reach it through `ssh -L`.", 403)
        return await answer(request)

    return reply


def panels_here() -> list[dict[str, Any]]:
    """The panels with their lessons, as the page shows them."""
    return [{**vars(panel), "lesson": lesson_of(panel)} for panel in all_panels()]


@cache
def lesson_of(panel: Panel) -> catalogue.Lesson:
    """The lesson beside a panel; of all the others nothing is read, which would take a second."""
    return catalogue.read_header(catalogue.FOLDER / f"{panel.lesson}.py")


def loaded(run: Path) -> Any:
    """The run with everything that can be asked of it."""
    from deepglass.api.run import load

    return load(run, "cpu")


async def told_in(request: Request) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        OptionError: If it is something else, or too long.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_ASKED:
            raise OptionError(f"a request of more than {MOST_ASKED:,} bytes: give the path of a file")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise OptionError("expected a JSON object") from None
    if not isinstance(told, dict):
        raise OptionError("expected a JSON object")
    return told


def words_of(told: dict[str, Any], name: str) -> str:
    """A text of a request; empty if it is not there.

    Raises:
        OptionError: If it is something else.
    """
    value = told.get(name, "")
    if not isinstance(value, str):
        raise OptionError(f"{name}: expected text, got {escape(str(value)[:40])}")
    return value


def whole(told: dict[str, Any], name: str, default: int) -> int:
    """A number of a request.

    Raises:
        OptionError: If it is none.
    """
    value = told.get(name, default)
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    value = default if value in ("", None) else value
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**9:
        raise OptionError(f"{name}: expected a whole number from 1, got {str(value)[:40]!r}")
    return value


def plain(value: Any) -> Any:
    """As JSON of a browser can hold it: numbers that are none are null."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))) else value
