"""Lessons in Jupyter: widgets are themselves there, and the page is dressed by a first cell."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def is_here() -> bool:
    """Whether this is a Jupyter kernel."""
    import sys

    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def dress() -> Any:
    """The course's style sheet, for the page of a notebook."""
    from IPython.display import HTML

    style = (Path(__file__).parent / "pages" / "lesson.css").read_text(encoding="utf-8")
    return HTML(f"<style>{style}</style>")


class Several:
    """Things shown one below the other, each in its own way."""

    def __init__(self, items: Sequence[Any]):
        self.items = items

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for item in self.items:
            display(item)
