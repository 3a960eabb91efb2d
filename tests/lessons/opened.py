"""A lesson run once a session: its module, what its cells show, and the widgets among it."""

import importlib
import time
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import marimo as mo

from deepglass.course.widgets.widget import Widget, widgets_in


@dataclass
class Opened:
    """A lesson that has run."""

    module: ModuleType
    outputs: tuple[Any, ...]
    defs: dict[str, Any]
    seconds: float

    @property
    def html(self) -> str:
        """All that its cells show."""
        return "\n".join(mo.as_html(output).text for output in self.outputs if output is not None)

    @property
    def widgets(self) -> list[Widget]:
        """Every widget on the page."""
        return widgets_in(self.html)


@cache
def opened(slug: str) -> Opened:
    """Run the lesson as a script would."""
    start = time.thread_time()
    module = importlib.import_module(f"deepglass.lessons.{slug}")
    outputs, defs = module.app.run()
    return Opened(module, tuple(outputs), dict(defs), time.thread_time() - start)
