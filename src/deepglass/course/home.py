"""The home page, and what stands around a lesson: the same for the application and for the exported course."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from deepglass.core.catalogue import CHECKOUT
from deepglass.course import catalogue, front_end
from deepglass.course.catalogue import Lesson

PAGES = Path(__file__).parent / "pages"


def page(exported: bool = False) -> str:
    """The home page.

    Args:
        exported: Whether it lies among files, with nobody to ask: links name the file, progress stays in the browser.
    """
    parts = [(part, [card(one) for one in catalogue.lessons() if one.part == part]) for part in catalogue.PARTS]
    shown = [(part, cards) for part, cards in parts if cards]
    template = environment().get_template("home.html.j2")
    ahead = [] if exported else front_end.ahead()
    return template.render(parts=shown, count=len(catalogue.lessons()), exported=exported, ahead=ahead)


def card(lesson: Lesson) -> dict[str, Any]:
    """What the home page shows of a lesson."""
    titles = [topic.title for topic in lesson.topics]
    return {
        "slug": lesson.slug, "number": lesson.number, "title": lesson.title, "question": lesson.question,
        "minutes": lesson.minutes, "topics": titles, "words": catalogue.searchable(lesson).lower(),
        "picture": Markup(lesson.picture),
    }  # fmt: skip


def frame(slug: str) -> dict[str, Any]:
    """What the frame around a lesson shows.

    Raises:
        ValueError: If there is no such lesson.
    """
    before, after = catalogue.neighbours(slug)
    lesson = next(one for one in catalogue.lessons() if one.slug == slug)
    return {
        "slug": slug, "title": lesson.title, "number": lesson.number, "count": len(catalogue.lessons()),
        "previous": before and {"slug": before.slug, "title": before.title},
        "next": after and {"slug": after.slug, "title": after.title},
    }  # fmt: skip


def source(path: str) -> Path | None:
    """The file behind an address below source/: a lesson, or the test of one where there is a checkout."""
    files = {lesson.path.name: lesson.path for lesson in catalogue.lessons()}
    files |= {lesson.test: CHECKOUT / lesson.test for lesson in catalogue.lessons()}
    found = files.get(path)
    return found if found and found.is_file() else None


@cache
def environment() -> Environment:
    """Templates of this folder; everything that is not marked as HTML is escaped."""
    return Environment(loader=FileSystemLoader(PAGES), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def inert(content: Any) -> str:
    """JSON that can stand inside a script element, whatever it holds."""
    return json.dumps(content, ensure_ascii=False, default=float).replace("<", "\\u003c")
