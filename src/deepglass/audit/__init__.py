"""What would a careful colleague check before this model is used? The contract of an audit, whatever part asks.

    run, labelled rows ── subject: answers, columns, training rows ── a part ── Section ── terminal, page, JSON, card

`parts/` has one file per part. It has literals, TITLE, QUESTION (a short one, which the page shows), ANSWERS (files of
`evaluate/judges/`, the kinds of answers that it suits; None: all), INPUTS (files of `explain/inputs/`, the kinds of
inputs; None: all), USES (fields of `Settings`), and one function, `audit(subject, settings) -> Section`. What it cannot
know beforehand it says by `raise NotSuited("one sentence")`; the other parts go on. The folder is the list.
"""

from dataclasses import dataclass, field
from typing import Any

FOLDER = "audit/parts"
FEWEST = 30  # rows; of fewer an interval is hardly worth its name
TOO_FEW = "too few to say"


class NotSuited(Exception):
    """A part has nothing to say of this run; why, in one sentence without a full stop."""


@dataclass(frozen=True)
class Settings:
    """What may be asked of the parts.

    Attributes:
        group_columns: Of fairness and reliability: columns whose values make groups; also such that no model sees.
        positive: Of fairness: the class that is the good outcome; guessed where there are two.
        seed: Of what is drawn; the same seed gives the same audit.
        budget: Seconds that each part may take, about; it then measures on fewer rows, and says so.
        rows: The most rows that an expensive measurement looks at; None lets the budget decide.
    """

    group_columns: tuple[str, ...] = ()
    positive: str | None = None
    seed: int = 0
    budget: float = 60.0
    rows: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows as the page shows them; cells are text, or numbers with four digits.

    Attributes:
        title: Above it; note: below the title, a sentence or two.
        rows: Records with the same keys; a key is the heading of its column.
        most: Rows in the terminal; the page and the JSON have all.
    """

    title: str
    rows: list[dict[str, Any]]
    note: str = ""
    most: int = 12


@dataclass(frozen=True)
class Curve:
    """Lines over one axis.

    Attributes:
        title: A caption; x, y: what the axes show.
        lines: Name → its points (x, y), or (x, y, low, high) with the ends of an interval.
        diagonal: Whether a line of x = y belongs there, as for calibration.
    """

    title: str
    x: str
    y: str
    lines: dict[str, list[tuple[float, ...]]]
    diagonal: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture with a caption: `src` is a data URI (`core/data_uri.py`)."""

    caption: str
    src: str


@dataclass(frozen=True)
class Section:
    """What a part found.

    Attributes:
        part, title: Its file, and its name in words.
        lead: The most important thing, in one sentence.
        sentences: What else a reader must know.
        numbers: By name: {"value", "low", "high"} of a 95 % interval as `evaluate.scores.score` makes it, and what else
            is told of it, such as "count"; for machines and for the model card.
        tables, curves, pictures: For people.
        warnings: What should be mended or watched, with the option that does it.
        method: How it was measured, with every setting that a repetition needs; sentences.
        left_out: Why nothing was measured; empty where it was.
        seconds: How long it took.
    """

    part: str
    title: str
    lead: str = ""
    sentences: list[str] = field(default_factory=list)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    method: list[str] = field(default_factory=list)
    left_out: str = ""
    seconds: float = 0.0
