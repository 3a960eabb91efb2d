"""The lessons in reading order: the folder is the list, and each file says at its top what it is.

    LESSON = {
        "title": "The perceptron",
        "question": "Can a straight line decide?",
        "part": "The neuron",
        "minutes": 15,
        "reads": ["Perceptron.fit"],
        "runs": ["deepglass train iris --model perceptron"],
    }

A literal in the setup cell, read off the parsed file: the home page runs no lesson. Which topics a lesson is about, and
by which words it is found, is said by the spine (`core/topics.csv`).
"""

import ast
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from deepglass.core import topics
from deepglass.core.catalogue import PACKAGE, parse, unknown
from deepglass.core.errors import OptionError
from deepglass.core.topics import Topic, key

FOLDER = PACKAGE / "lessons"
PARTS = (
    "Before we begin", "The neuron", "Learning", "Judging", "Pictures", "Sequences", "Language", "Shipping",
    "Beyond one answer", "Understanding", "Acting", "Without labels", "In the world",
)  # fmt: skip


@dataclass(frozen=True)
class Lesson:
    """What a lesson says about itself; `reads` are topics of `deepglass read`."""

    slug: str
    title: str
    question: str
    part: str
    minutes: int
    reads: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)

    @property
    def topics(self) -> list[Topic]:
        """What it is about, from the spine."""
        return topics.of_lesson(self.slug)

    @property
    def path(self) -> Path:
        """Its file."""
        return FOLDER / f"{self.slug}.py"

    @property
    def number(self) -> int:
        """Its number, the digits of its file's name."""
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
    """All lessons in reading order: part after part, and in a part by their numbers."""
    found = [read_header(path) for path in sorted(FOLDER.glob("[0-9][0-9]_*.py"))]
    return tuple(sorted(found, key=lambda lesson: (PARTS.index(lesson.part), lesson.number)))


def read_header(path: Path) -> Lesson:
    """What the file of a lesson says about itself, without running it.

    Raises:
        OptionError: If it has no literal LESSON, or one with other fields or of an unknown part.
    """
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "LESSON" for t in node.targets):
            try:
                lesson = Lesson(path.stem, **ast.literal_eval(node.value))
            except (TypeError, ValueError) as error:
                raise OptionError(f"{path.name}: LESSON must be a literal with the fields of Lesson: {error}") from None
            if lesson.part not in PARTS:
                raise OptionError(f"{path.name}: {unknown('part', lesson.part, list(PARTS))}")
            return lesson
    raise OptionError(f"{path.name}: expected LESSON = {{...}} in its setup cell, found none")


def neighbours(slug: str) -> tuple[Lesson | None, Lesson | None]:
    """The lessons before and after."""
    order = lessons()
    at = [lesson.slug for lesson in order].index(slug)
    return (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)


def find(wanted: str) -> Lesson:
    """The lesson of a number ("5"), a name ("perceptron"), or a topic: its id, title or any of its words ("xor").

    Raises:
        OptionError: If there is none; says what else there is for the topic, or suggests near ones.
    """
    words = {key(name): lesson for lesson in lessons() for name in (lesson.slug, lesson.name, lesson.title)}
    words |= {str(lesson.number): lesson for lesson in lessons()}
    if lesson := words.get(key(wanted).lstrip("0")) or words.get(key(wanted)):
        return lesson
    topic = topics.find(wanted, [lesson.name for lesson in lessons()])
    slug = topic.lesson_on(wanted)
    if slug is None:
        other = f"read {topic.id}` shows its code" if topic.reads(wanted) else f"topics {topic.id}` shows what there is"
        raise OptionError(f"there is no lesson on {topic.id} ({topic.title}) yet; `deepglass {other}")
    return words[key(slug)]


def searchable(lesson: Lesson) -> str:
    """Everything that a search looks through."""
    names = [name for topic in lesson.topics for name in topic.names]
    return " · ".join([lesson.title, lesson.question, lesson.part, *names])
