"""The first screen of a lesson, there before its Python: head, first picture and guess, as an exported page has them.

A lesson's Python needs seconds to start; its first screen is always the same. So it is prepared once, in a process of
its own, and kept in the user's cache for as long as the sources stay as they are. The answer to a browser begins with
it, and goes on with marimo's page when that is there; `pages/first.js` takes it away when the lesson stands behind it.
Which lesson will be wanted next is known: the first that is not done, and the one that follows the one that is open.
Before anything was prepared, the head is shown, which needs no Python.
"""

import importlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from queue import Queue
from types import ModuleType
from typing import Any

import platformdirs
from starlette.responses import StreamingResponse

from deepglass.core import files
from deepglass.core.catalogue import PACKAGE
from deepglass.core.errors import DeepglassError
from deepglass.course import catalogue, home, progress
from deepglass.course.catalogue import Lesson

PAGES = Path(__file__).parent / "pages"
EDGES = re.compile(r"<!doctype[^>]*>|</?(?:html|head|body)\b[^>]*>|<title>.*?</title>", re.IGNORECASE | re.DOTALL)
CELLS, FRAMES = 3, 8  # of the page that are prepared, and pictures of a film among them
_wanted: Queue[str] = Queue()
_asked: set[str] = set()
_starting = threading.Lock()


def screen(lesson: Lesson) -> dict[str, Any]:
    """What is shown at once: HTML of cells, states of widgets and their JavaScript."""
    try:
        return files.read_json(place_of(lesson.slug))
    except DeepglassError:
        return {"cells": [[0, head(lesson)]], "states": {}, "sources": {}, "css": ""}


def answer(lesson: Lesson, page: Callable[[], Awaitable[str]]) -> StreamingResponse:
    """A page that begins with the first screen, and goes on with marimo's when that is made."""

    async def parts() -> AsyncIterator[str]:
        yield beginning(lesson)
        yield EDGES.sub("", await page()) + "</body></html>"

    return StreamingResponse(parts(), media_type="text/html")


def beginning(lesson: Lesson) -> str:
    """The head of the page and its first screen, whole by itself: nothing more is asked of the server for it."""
    made = screen(lesson)
    read = lambda name: (PAGES / name).read_text(encoding="utf-8")  # noqa: E731
    cells = "".join(f'<div class="dg-cell" data-cell="{number}">{cell}</div>' for number, cell in made["cells"])
    return (
        '<!doctype html><html lang="en" class="dg-starting"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">'
        f"<title>{escape(lesson.title)} · Deepglass</title><script>{read('theme.js')}</script>"
        f"<style>{read('lesson.css')}{made['css']}</style></head><body>"
        f'<main id="dg-first" class="dg-exported" aria-busy="true">{cells}</main>'
        f'<script type="application/json" id="dg-states">{home.inert(made["states"])}</script>'
        f"<script>window.deepglassWidgets = {home.inert(made['sources'])};</script>"
        f"<script>{read('host.js')}</script><script>{read('first.js')}</script>"
    )


def place_of(slug: str) -> Path:
    """Where a prepared screen is kept: other sources, another place."""
    return platformdirs.user_cache_path("deepglass") / "first" / sources_stamp() / f"{slug}.json"


@cache
def sources_stamp() -> str:
    """Of the package's files, by their names, sizes and times: quicker than reading them all."""
    stats = [(path.relative_to(PACKAGE).as_posix(), path.stat()) for path in sorted(PACKAGE.rglob("*.[pjc]*"))]
    named = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats if "__pycache__" not in name]
    return sha256(repr(named).encode()).hexdigest()[:16]


def head(lesson: Lesson) -> str:
    """Title and question, as `kit.opening` shows them."""
    return (
        f'<header class="dg-opening"><p class="dg-eyebrow">Lesson {lesson.number} · {escape(lesson.part)} · '
        f"{lesson.minutes} minutes</p><h1>{escape(lesson.title)}</h1>"
        f'<p class="dg-asks">{escape(lesson.question)}</p></header>'
    )


def prepare(slug: str) -> Path:
    """Run the first cells of a lesson and keep what they show.

    Raises:
        RunError: If a cell stops with an error, or the file cannot be written.
    """
    made = prepared(importlib.import_module(f"deepglass.lessons.{slug}"))
    files.write_json(place_of(slug), json.loads(json.dumps(made, default=float)))
    return place_of(slug)


def prepared(module: ModuleType) -> dict[str, Any]:
    """What the first cells of a lesson show, as `screen` gives it back."""
    from deepglass.course.exporting.page import Converted
    from deepglass.course.exporting.session import Cells
    from deepglass.course.widgets.widget import FOLDER, WIDGETS

    shown = [Converted(made, number, {}) for number, made in Cells(module).first_shown(CELLS)]
    states = {host: shortened(state) for one in shown for host, state in one.hosts.items()}
    used = {state["file"] for state in states.values()}
    return {
        "cells": [[one.number, one.shown] for one in shown],
        "states": states,
        "sources": {kind.file: kind.source for kind in WIDGETS if kind.file in used},
        "css": (FOLDER / "widgets.css").read_text(encoding="utf-8"),
    }


def shortened(state: dict[str, Any]) -> dict[str, Any]:
    """A film's first pictures; the others come with the lesson."""
    fields = state["state"]
    if len(fields.get("frames", ())) <= FRAMES:
        return state
    few = {"frames": fields["frames"][:FRAMES], "captions": fields["captions"][:FRAMES], "is_drawn": False}
    return {**state, "state": {**fields, **few}}


# -- ahead of the reader ---------------------------------------------------------------------------------------------


def look_ahead(slug: str = "") -> None:
    """Prepare what will be wanted next, one after the other, while nobody waits.

    Args:
        slug: The lesson that was opened; none on the home page.
    """
    if os.environ.get("DEEPGLASS_AHEAD") == "0":
        return
    for one in likely(slug):
        if one not in _asked and not place_of(one).is_file():
            _asked.add(one)
            _wanted.put(one)
    with _starting:
        if not any(thread.name == "first screens" for thread in threading.enumerate()):
            threading.Thread(target=work, name="first screens", daemon=True).start()


def likely(slug: str) -> list[str]:
    """The lessons that a reader will open next: this one again and the following, or the first two not done."""
    order = [lesson.slug for lesson in catalogue.lessons()]
    if slug in order:
        return order[order.index(slug) : order.index(slug) + 2]
    done = {name for name, entry in progress.load().items() if isinstance(entry, dict) and entry.get("done")}
    return [one for one in order if one not in done][:2]


def work() -> None:
    """Prepare what is wanted, each in a process of its own."""
    code = "import sys; from deepglass.course import first; first.give_way(); first.prepare(sys.argv[1])"
    while not _wanted.empty():
        subprocess.run([sys.executable, "-c", code, _wanted.get()], check=False, capture_output=True)


def give_way() -> None:
    """Let everything else run first, where the system knows how."""
    if hasattr(os, "nice"):
        os.nice(15)
