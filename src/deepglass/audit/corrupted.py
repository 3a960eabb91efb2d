"""What common corruptions cost: the score by severity, with its interval, beside that of the inputs as they are."""

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from deepglass.audit import NotSuited, Settings
from deepglass.audit.corruptions import SEVERITIES, Change, Changed, corruption, names_for, unchanged
from deepglass.audit.subject import Subject
from deepglass.data.examples import Examples
from deepglass.evaluate.scores import is_better

MOST_EXAMPLES = 500  # a share is then known to 4 points
FEWEST_EXAMPLES = 50
SHARE = 0.4  # of the budget of the part

Score = dict[str, Any]  # value, low, high


@dataclass(frozen=True)
class Corrupted:
    """What was measured.

    Attributes:
        score: Its name, the first of the headline.
        clean: Of the inputs as they are.
        found: Corruption → its scores, one per severity.
        words: Corruption → what it is.
        examples: How many.
    """

    score: str
    clean: Score
    found: dict[str, list[Score]]
    words: dict[str, str]
    examples: int

    @property
    def worst(self) -> str:
        """The corruption that costs most at the middle severity."""

        def cost(name: str) -> float:
            value = self.found[name][len(SEVERITIES) // 2]["value"]
            return -value if is_better(self.score, 1.0, 0.0) else value

        return max(self.found, key=cost)


def kind_of(task: Any) -> str:
    """The kind of its inputs, a file of `data/fields/`; empty where it has none."""
    return getattr(getattr(task, "inputs", None), "name", "")


def corrupted(subject: Subject, settings: Settings) -> Corrupted:
    """Score every corruption in every severity.

    Raises:
        NotSuited: If nothing is known that could happen to such inputs.
    """
    words = names_for(kind_of(subject.task))
    words = {name: said for name, said in words.items() if _can_happen(name, subject.task)}
    if not words:
        raise NotSuited("nothing is known that commonly happens to its inputs")
    measure = Measure(subject, settings)
    rows = measure.rows_for(len(words) * len(SEVERITIES))
    name, clean = measure.score(unchanged, rows)
    found = {
        corrupt: [measure.score(measure.change(corrupt, severity), rows)[1] for severity in SEVERITIES]
        for corrupt in words
    }
    return Corrupted(name, clean, found, words, len(subject.examples) if rows is None else len(rows))


def _can_happen(name: str, task: Any) -> bool:
    """Whether there is something to hit: a table may have no categories, or no numbers."""
    preprocessor: Any = getattr(getattr(task, "inputs", None), "preprocessor", None)
    if name == "swapped" and hasattr(preprocessor, "categories"):
        return any(len(category.levels) > 1 for category in preprocessor.categories)
    if name == "noise" and hasattr(preprocessor, "numbers"):
        return any(number.part is None for number in preprocessor.numbers)
    return True


class Measure:
    """Scores changed examples."""

    def __init__(self, subject: Subject, settings: Settings):
        self.subject, self.settings = subject, settings
        self.texts = texts_of(subject) if kind_of(subject.task) == "text" else []

    def change(self, name: str, severity: int) -> Change:
        """A corruption of the examples; of texts it begins at the text itself."""
        task = self.subject.task
        change = corruption(kind_of(task), name, severity, task.inputs, self.settings.seed)
        if not self.texts:
            return change
        return lambda inputs, rows: change([self.texts[int(row)] for row in rows], rows)  # type: ignore[arg-type]

    def score(self, change: Change, rows: Tensor | None) -> tuple[str, Score]:
        """The name of the first score of the headline, and its value with the interval."""
        task, run = self.subject.task, self.subject.run
        examples = Changed(self.subject.examples.to(run.device), change, rows)
        result = task.evaluate(task.outputs(self.subject.model, examples))
        name = result["headline"][0]
        return name, result[name]

    def rows_for(self, passes: int) -> Tensor | None:
        """Positions of examples, as many as the budget allows; None takes all, of examples that belong together."""
        examples = self.subject.examples
        if hasattr(examples, "origins"):  # windows into series: scored in their order
            return None
        most = min(len(examples), self.settings.rows or MOST_EXAMPLES)
        rows = chosen(examples, most, self.settings.seed)
        started = time.monotonic()
        self.score(unchanged, rows)
        seconds = (time.monotonic() - started) * passes
        if self.settings.rows is None and seconds > SHARE * self.settings.budget:
            fewer = max(FEWEST_EXAMPLES, int(most * SHARE * self.settings.budget / seconds))
            rows = rows[:fewer]
        return rows


def chosen(examples: Examples, most: int, seed: int) -> Tensor:
    """Positions of at most so many examples, drawn at random."""
    return torch.randperm(len(examples), generator=torch.Generator().manual_seed(seed))[:most]


def texts_of(subject: Subject) -> list[str]:
    """Of the judged examples, as they were written."""
    task = subject.task
    if subject.other is not None:
        source, rows, _ = task.inputs.read(task.open(subject.other, with_target=True), with_target=True)
        return [str(task.inputs.shown(source, int(row), task.answer)["text"]) for row in rows]
    job = subject.job
    source = job.task.source_of(job.data)
    return [str(job.task.inputs.shown(source, int(row), job.task.answer)["text"]) for row in job.prepared.ids["test"]]
