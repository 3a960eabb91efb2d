"""A run, seen: the pictures that taught an idea, made of your own model. One panel per file, the folder is the list.

A file of `panels/` says at its top, in literals that are read without importing it,

    PLACE = 9                          among the panels
    TITLE = "The valley around it"
    QUESTION = "Is the solution in a wide valley, or in a narrow one?"
    LESSON = "12_gradient_descent"     the lesson beside it, a file of `lessons/`
    READ = ("see/panels/valley.py",)   what `deepglass read` shows: the code behind it
    IS_QUICK = False                   whether it needs the files of the run alone, and no network
    ASKS = ("row",)                    what may be asked of it (`Asked`)

and has a function `show(opened: Opened, asked: Asked) -> View`. It asks the run what it needs, never a task for its
name, and raises `NotForThisRun` with the reason where a run has none of it. The page in the browser and the notebook
show the same views.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from deepglass.core import catalogue
from deepglass.core.errors import DeepglassError, OptionError

FOLDER = "see/panels"


class NotForThisRun(DeepglassError):
    """A panel has nothing to show of this run; the message is the end of "not for this run: …"."""


@dataclass(frozen=True)
class Panel:
    """What a panel says about itself."""

    name: str
    title: str
    question: str
    lesson: str
    read: tuple[str, ...]
    is_quick: bool
    asks: tuple[str, ...]

    @property
    def see(self) -> str:
        """The command that opens its lesson."""
        return f"deepglass see {self.lesson.partition('_')[2].replace('_', '-')}"


@dataclass(frozen=True)
class Asked:
    """What a reader may ask of a panel.

    Attributes:
        input: A file, a text or a record of one's own, as for `predict`; validation examples of the training if empty.
        row: Which of the examples, from 1.
        columns: One or two of a table.
        layer: Of those that the panel names, from 1; the last if 0.
    """

    input: Any = ""
    row: int = 1
    columns: tuple[str, ...] = ()
    layer: int = 0


@dataclass(frozen=True)
class View:
    """What a panel shows.

    Attributes:
        say: What is seen, in a sentence or two.
        parts: Pictures and tables, each with `text`, its HTML.
        facts: The numbers, as JSON can hold them.
    """

    say: str
    parts: Sequence[Any]
    facts: dict[str, Any]


@cache
def all_panels() -> tuple[Panel, ...]:
    """All panels in their order."""
    return tuple(map(_panel, sorted(catalogue.entries(FOLDER), key=lambda name: _says(name, "PLACE"))))


def panel_of(name: str) -> Panel:
    """The panel of this name.

    Raises:
        OptionError: If there is none.
    """
    known = {panel.name: panel for panel in all_panels()}
    if name not in known:
        raise OptionError(catalogue.unknown("panel", name, list(known)))
    return known[name]


def _panel(name: str) -> Panel:
    words = [_says(name, literal) for literal in ("TITLE", "QUESTION", "LESSON", "READ", "IS_QUICK", "ASKS")]
    return Panel(name, *words)


def _says(name: str, literal: str) -> Any:
    return catalogue.constant(FOLDER, name, literal, () if literal == "ASKS" else None)
