"""marimo's front end: its scripts, styles and fonts, one copy for all lessons.

The first lesson that is opened asks for some three hundred files at the same moment, while its Python wants to begin.
So each file is read once and then answered from memory; a browser keeps it for good, since its name changes with its
content; and the home page has most of them fetched while the reader looks around.
"""

import re
from functools import cache
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

ADDRESS = "/marimo"
_package = find_spec("marimo")  # found, not imported: that takes a second
if _package is None or _package.origin is None:
    raise ModuleNotFoundError("No module named 'marimo'", name="marimo")
FOLDER = Path(_package.origin).parent / "_static"
FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}


async def show(request: Request) -> Response:
    """One of the files."""
    name = request.path_params["path"]
    return content(name) if name in names() else PlainTextResponse("no such file", 404)


def ahead() -> list[str]:
    """Addresses of the scripts and styles that every lesson begins with."""
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    wanted = re.findall(r'(?:src|href)="\./(assets/[^"]+\.(?:js|css))"', page)
    return [f"{ADDRESS}/{name}" for name in wanted if name in names()]


@cache
def names() -> frozenset[str]:
    """Every file, relative to the folder."""
    return frozenset(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())


@cache
def content(name: str) -> Response:
    """The answer that holds a file; the same for everyone who asks."""
    return Response((FOLDER / name).read_bytes(), headers=FOR_GOOD, media_type=guess_type(name)[0] or "text/plain")
