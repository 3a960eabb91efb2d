"""The course as a web application: a home page of our own, each lesson (marimo) at its own address, progress in a file.

Nothing is asked of the network: marimo's scripts and fonts come with its package, ours with this folder.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles

from deepglass.core.errors import DeepglassError
from deepglass.core.syntax import let_threads_parse
from deepglass.course import catalogue, first, front_end, home, progress
from deepglass.course.guard import LOOPBACK, Guard
from deepglass.course.places import Places
from deepglass.course.seeing import Seeing
from deepglass.course.trainings import Trainings

NOTHING = Router()
PAGES = Path(__file__).parent / "pages"
SLEEPS_AFTER = 60  # seconds after its page was closed, a lesson's Python ends; reopened, it starts in a second or two
HEAD = """
<script>
  if (!new URLSearchParams(location.search).has("theme"))
    history.replaceState(null, "", location.pathname + "?theme=system" + location.hash);
</script>
<link rel="stylesheet" href="/assets/frame.css">
<script defer src="/assets/frame.js"></script>
"""


def build(
    token: str = "",
    names: tuple[str, ...] = LOOPBACK,
    sleeps_after: int = SLEEPS_AFTER,
    roots: Iterable[Path] = (),
) -> Starlette:
    """The application, guarded.

    Args:
        token: Asked of every visitor if not empty.
        names: Host names it answers to; ("*",) for any.
        sleeps_after: Seconds after which the Python of a closed page ends.
        roots: Folders below which runs and data may be opened, beside the user's home and the folder that we are in.
    """
    let_threads_parse()  # each open page runs in a thread of its own
    seeing = Seeing(Places([Path.cwd(), Path.home(), *roots]), Trainings(Path.cwd()))
    routes = [
        Route("/", show_home),
        *seeing.routes(),
        Route("/api/lessons/{slug}", show_lesson),
        Route("/api/progress", show_progress),
        Route("/api/progress", note_progress, methods=["POST"]),
        Route("/source/{path:path}", show_source),
        Mount("/assets", StaticFiles(directory=PAGES)),
        Route(front_end.ADDRESS + "/{path:path}", front_end.show),
        Mount("/", Lessons(sleeps_after)),
    ]
    guard = Middleware(Guard, names=names, token=token)
    return Starlette(routes=routes, middleware=[guard], lifespan=seeing.lifespan)


class Lessons:
    """Each lesson at its address, made when it is first asked for: twenty at once would keep the first one waiting."""

    def __init__(self, sleeps_after: int):
        self.sleeps_after = sleeps_after
        self.made: dict[str, Any] = {}
        self.making = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        slug, _, rest = scope["path"].removeprefix("/lessons/").partition("/")
        lesson = next((one for one in catalogue.lessons() if one.slug == slug), None)
        if lesson is None:
            return await NOTHING(scope, receive, send)
        if scope["type"] == "http" and scope["method"] == "GET" and not rest and scope["path"].endswith("/"):
            first.look_ahead(slug)
            return await first.answer(lesson, lambda: self.page_of(lesson, scope, receive))(scope, receive, send)
        return await (await self.app_of(lesson))(scope, receive, send)

    async def app_of(self, lesson: catalogue.Lesson) -> Any:
        """marimo's application for a lesson, made beside what else is answered."""
        async with self.making:
            if lesson.slug not in self.made:
                self.made[lesson.slug] = await asyncio.to_thread(self.make, lesson)
        return self.made[lesson.slug]

    async def page_of(self, lesson: catalogue.Lesson, scope: Any, receive: Any) -> str:
        """marimo's page for a lesson, as text."""
        parts: list[bytes] = []

        async def take(message: Any) -> None:
            parts.append(message.get("body", b""))

        headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]  # it is put into ours, as text
        await (await self.app_of(lesson))({**scope, "headers": headers}, receive, take)
        return b"".join(parts).decode()

    def make(self, lesson: catalogue.Lesson) -> Any:
        """marimo's application for one lesson."""
        import marimo  # a second; the pages of runs do without it

        app = marimo.create_asgi_app(
            quiet=True,
            html_head=HEAD,
            session_ttl=self.sleeps_after,
            asset_url=front_end.ADDRESS,
        )
        return app.with_app(path=f"/lessons/{lesson.slug}", root=str(lesson.path)).build()


def show_home(_: Request) -> Response:
    """All lessons in reading order."""
    first.look_ahead()
    return HTMLResponse(home.page())


def show_lesson(request: Request) -> Response:
    """What the frame around a lesson needs to know."""
    try:
        return JSONResponse(home.frame(request.path_params["slug"]))
    except ValueError:
        return PlainTextResponse("no such lesson", 404)


def show_progress(_: Request) -> Response:
    """What the reader has opened, solved and done."""
    return JSONResponse(progress.load())


async def note_progress(request: Request) -> Response:
    """Note something about a lesson: {"slug": …, "done": true, "solved": "update", "kept": {"update": {"code": …}}}."""
    try:
        told = await request.json()
        return JSONResponse(progress.tell(told["slug"], told.get("done"), told.get("solved"), told.get("kept")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return PlainTextResponse(f'expected {{"slug": …, "done": true}}: {error}', 400)
    except DeepglassError as error:
        return PlainTextResponse(str(error), 500)


def show_source(request: Request) -> Response:
    """The file of a lesson or its test, as it stands."""
    path: Any = home.source(request.path_params["path"])
    return (
        FileResponse(path, media_type="text/plain; charset=utf-8") if path else PlainTextResponse("no such file", 404)
    )
