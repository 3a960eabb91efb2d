"""The lessons in reading order: the folder is the list, and each file says at its top what it is.

    LESSON = {
        "title": "The perceptron",
        "question": "Can a straight line decide?",
        "part": "The neuron",
        "topics": ["B01"],
        "minutes": 15,
        "reads": ["Perceptron.fit"],
        "runs": ["deepglass train iris --model perceptron"],
        "words": ["xor", "novikoff"],
    }

A literal in the setup cell, read off the parsed file: the home page runs no lesson.
"""

import ast
import csv
import difflib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from deepglass.core.catalogue import PACKAGE, parse
from deepglass.core.errors import OptionError

FOLDER = PACKAGE / "lessons"
CHECKOUT = PACKAGE.parents[1]
PARTS = ("Before we begin", "The neuron", "Learning", "Judging")


@dataclass(frozen=True)
class Lesson:
    """What a lesson says about itself; `reads` are topics of `deepglass read`, `words` what people search for."""

    slug: str
    title: str
    question: str
    part: str
    topics: list[str]
    minutes: int
    reads: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """Its file."""
        return FOLDER / f"{self.slug}.py"

    @property
    def number(self) -> int:
        """Its place in reading order, the digits of its file's name."""
        return int(self.slug.partition("_")[0])

    @property
    def name(self) -> str:
        """ "perceptron" of 05_perceptron."""
        return self.slug.partition("_")[2].replace("_", "-")

    @property
    def picture(self) -> str:
        """Its thumbnail: SVG in the page's colours."""
        return (FOLDER / "pictures" / f"{self.slug}.svg").read_text(encoding="utf-8")

    @property
    def test(self) -> str:
        """The test that asserts what it claims, relative to the checkout."""
        return f"tests/lessons/test_{self.slug}.py"


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons in reading order."""
    return tuple(read_header(path) for path in sorted(FOLDER.glob("[0-9][0-9]_*.py")))


def read_header(path: Path) -> Lesson:
    """What the file of a lesson says about itself, without running it.

    Raises:
        OptionError: If it has no literal LESSON, or one with other fields.
    """
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "LESSON" for t in node.targets):
            try:
                return Lesson(path.stem, **ast.literal_eval(node.value))
            except (TypeError, ValueError) as error:
                raise OptionError(f"{path.name}: LESSON must be a literal with the fields of Lesson: {error}") from None
    raise OptionError(f"{path.name}: expected LESSON = {{...}} in its setup cell, found none")


def neighbours(slug: str) -> tuple[Lesson | None, Lesson | None]:
    """The lessons before and after."""
    order = lessons()
    at = [lesson.slug for lesson in order].index(slug)
    return (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)


def find(wanted: str) -> Lesson:
    """The lesson of a number ("5"), a name ("perceptron"), a topic ("B01", "batch normalisation") or a word ("xor").

    Raises:
        OptionError: If there is none; suggests near ones.
    """
    words = {}
    for lesson in reversed(lessons()):  # earlier lessons have the last word
        known = [str(lesson.number), lesson.slug, *lesson.topics, *(topics()[t]["topic"] for t in lesson.topics)]
        words |= dict.fromkeys(map(key, [*known, *lesson.words, *lesson.reads, lesson.title]), lesson)
    words |= {key(lesson.name): lesson for lesson in lessons()}
    if key(wanted) in words:
        return words[key(wanted)]
    inside = [lesson for lesson in lessons() if len(key(wanted)) > 2 and key(wanted) in key(searchable(lesson))]
    if inside:
        return inside[0]
    near = [words[found].name for found in difflib.get_close_matches(key(wanted), words, n=3)]
    hint = f"; did you mean {', '.join(dict.fromkeys(near))}?" if near else "."
    raise OptionError(f"no lesson on {wanted!r} yet{hint} `deepglass see` opens the list, `deepglass read` the source")


def searchable(lesson: Lesson) -> str:
    """Everything that a search looks through."""
    named = [f"{topic} {topics()[topic]['topic']}" for topic in lesson.topics]
    return " · ".join([lesson.title, lesson.question, lesson.part, *named, *lesson.words])


def key(text: str) -> str:
    """ "Batch-norm", "batch_norm" and "batch norm" are one word; "05" is 5."""
    return re.sub(r"[^a-z0-9]", "", text.lower()).lstrip("0")


@cache
def topics() -> dict[str, dict[str, Any]]:
    """The topics of the course by id: group, topic, proof."""
    with (PACKAGE / "course" / "topics.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}
