"""A lesson that has run once, for all that is asked of it: what its cells show, the widgets among it, its page.

Each of its controls is moved once, alone: what follows from it is run there too. (All positions together are prepared
by an export, whose way through them is tested on a small lesson.)
"""

import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deepglass.core import files
from deepglass.course import catalogue, export
from deepglass.course.exporting import page
from deepglass.course.exporting.session import Session
from deepglass.course.widgets.widget import Widget, widgets_in
from tests.once import once

KEPT = 3  # lessons that stay in memory: what is asked of one is asked in a row


class Moved(Session):
    """A lesson of which each control has two positions: the one that it has at first, and another."""

    def positions(self, names: Sequence[str]) -> list[tuple[int, ...]]:
        """All at rest, and each one moved alone."""
        rest = [self.controls[name].kept.index(self.controls[name].at) for name in names]
        others = [self.controls[name].kept.index(self.other(name)) for name in names]
        return [tuple(rest), *((*rest[:i], other, *rest[i + 1 :]) for i, other in enumerate(others))]

    def other(self, name: str) -> int:
        """The farthest position that there is from the beginning."""
        control, element = self.controls[name], self.first[name]
        offered = [at for at in control.kept if control.titles[at] in getattr(element, "options", control.titles)]
        return max(offered, key=lambda at: abs(at - control.at))

    def keep_two(self) -> None:
        """Let its page have no positions but those."""
        for name, control in self.controls.items():
            control.kept = sorted({control.at, self.other(name)})


@dataclass
class Opened:
    """A lesson that has run."""

    module: ModuleType
    session: Moved
    seconds: float

    @property
    def defs(self) -> dict[str, Any]:
        """What its cells defined."""
        return self.session.first

    @property
    def html(self) -> str:
        """All that its cells show."""
        return "\n".join(self.session.base[cell].shown or "" for cell in self.session.cells)

    @property
    def widgets(self) -> list[Widget]:
        """Every widget on the page."""
        return widgets_in(self.html)


@lru_cache(KEPT)
def opened(slug: str) -> Opened:
    """Run the cells of a lesson."""
    module = importlib.import_module(f"deepglass.lessons.{slug}")
    start = time.thread_time()
    session = Moved(module)
    seconds = time.thread_time() - start
    session.keep_two()
    return Opened(module, session, seconds)


def page_of(slug: str, factory: pytest.TempPathFactory) -> Path:
    """The folder in which the page of a lesson lies: written once, best while the lesson is in memory."""
    return once(factory, f"page-{slug}", lambda place: write(slug, place))


def write(slug: str, folder: Path) -> None:
    """The lesson as an exported page, with all that belongs to it; commands are not run."""
    lesson = next(one for one in catalogue.lessons() if one.slug == slug)
    export.write_assets(folder / "assets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEEPGLASS_RECORD", "")
        page.write_page(opened(slug).session, lesson, place_in(folder, slug).parent)
    files.write_text(folder / "as_marimo_has_it.html", opened(slug).html)


def place_in(folder: Path, slug: str) -> Path:
    """Of the page that `write` makes."""
    return folder / "lessons" / slug / "index.html"
