"""The spine: every topic of the product and what is there for it. `topics.csv` is the only place where this is kept.

| column | holds |
|---|---|
| id, group, title | "H06", "H Convolution and vision", "ResNet" |
| asks | what has to be shown before the topic counts as proved |
| words | what else people call it; `layer norm=layer_norm` names what is read for a word that is only a part of it, and
`dpo=training/dpo.py 93_what_you_wish_for` also which of the lessons opens |
| lesson | files of `lessons/`, without their ending |
| read | names of definitions or models, or files of the package |
| run | commands that do it on data |
| proof | tests: `tests/glass/test_classic.py::test_x` |
| floor | what a figure in `bench/results` must reach (`api/floors.py`), or `unmeasured` where there is no figure yet |

Entries of one cell are separated by semicolons. An empty cell says that nothing is there yet: nothing is promised.
"""

import csv
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from deepglass.core.catalogue import PACKAGE
from deepglass.core.errors import OptionError

TABLE = PACKAGE / "core" / "topics.csv"
MOST_SUGGESTED = 4
LEAST_LETTERS = 3  # of a part of a title or a word that is looked for; fewer are everywhere


@dataclass(frozen=True)
class Topic:
    """One row; `words` leads from each word to what is read for it and to its lesson: nothing of its own for most."""

    id: str
    group: str
    title: str
    asks: str
    words: dict[str, tuple[str, ...]]
    lesson: tuple[str, ...]
    read: tuple[str, ...]
    run: tuple[str, ...]
    proof: tuple[str, ...]
    floor: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called: id, title, words."""
        return (self.id, self.title, *self.words)

    def reads(self, word: str) -> tuple[str, ...]:
        """What is read when it is asked for by this word."""
        return tuple(place for place in self._of_word(word) if place not in self.lesson) or self.read

    def lesson_on(self, word: str) -> str | None:
        """The lesson that is opened when it is asked for by this word: its first unless the word names another."""
        return next((place for place in (*self._of_word(word), *self.lesson) if place in self.lesson), None)

    def _of_word(self, word: str) -> tuple[str, ...]:
        return {key(name): places for name, places in self.words.items()}.get(key(word), ())


@cache
def topics() -> dict[str, Topic]:
    """All topics by id, in the order of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["id"]: _topic(row) for row in csv.DictReader(file)}


def _topic(row: dict[str, str]) -> Topic:
    cells = {name: _entries(row[name]) for name in ("lesson", "read", "run", "proof", "floor")}
    words = {word.strip(): tuple(places.split()) for word, _, places in map(_parted, _entries(row["words"]))}
    return Topic(row["id"], row["group"], row["title"], row["asks"], words, **cells)


def _parted(word: str) -> tuple[str, str, str]:
    return word.partition("=")


def _entries(cell: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in cell.split(";") if entry.strip())


def named(text: str) -> Topic | None:
    """The topic of this id, title or word, however it is spelt ("batch-norm", "Batch Norm"); None if there is none."""
    return _by_name().get(key(text))


def find(text: str, others: Iterable[str] = ()) -> Topic:
    """The topic of an id, a title, a word, or of a part that is found in a single topic.

    Args:
        text: "H06", "batch norm", "vanishing".
        others: Further names that the caller knows, to suggest if one of them was meant.

    Raises:
        OptionError: If there is none, or more than one; suggests those that are near.
    """
    if topic := named(text):
        return topic
    holding = [t for t in topics().values() if any(key(text) in key(name) for name in (t.title, *t.words))]
    if len(key(text)) < LEAST_LETTERS:
        holding = []
    if len(holding) == 1:
        return holding[0]
    meant = [f"{topic.id} ({topic.title})" for topic in holding[:MOST_SUGGESTED]] or near(text, others)
    hint = f"; did you mean {', '.join(meant)}?" if meant else "."
    raise OptionError(f"unknown topic {text!r}{hint} `deepglass topics` lists them all")


def near(text: str, others: Iterable[str] = ()) -> list[str]:
    """Names that somebody who typed this may have meant: words of topics, and the caller's own."""
    known = {key(name): name for topic in topics().values() for name in topic.names[1:]}
    known |= {key(name): name for name in others}
    return [known[found] for found in difflib.get_close_matches(key(text), known, n=MOST_SUGGESTED)]


def of_lesson(slug: str) -> list[Topic]:
    """The topics that a lesson is about."""
    return [topic for topic in topics().values() if slug in topic.lesson]


def key(text: str) -> str:
    """ "Batch-norm", "batch_norm" and "batch norm" are one word; so are "normalize" and "normalise"."""
    return re.sub(r"[^a-z0-9]", "", text.lower()).replace("iz", "is")


@cache
def _by_name() -> dict[str, Topic]:
    return {key(name): topic for topic in topics().values() for name in topic.names}
