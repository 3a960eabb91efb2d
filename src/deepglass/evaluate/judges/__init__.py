"""Judges: everything about one kind of answer in one file; the folder is the list.

The report, the model card, comparisons, warnings and the command line ask the judge; none of them knows the kinds. A
new kind of answer is a new file with a class `Judge`; what its scores are called is its literal `METRICS`, which
`scores.py` reads: name → (title, better, meaning, whether it is written as a percentage).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.evaluate.scores import show, show_interval

Result = dict[str, Any]  # of `evaluate`, in the form that `scores.py` describes
Arrays = dict[str, np.ndarray]  # of a run's outputs.npz: ids, predictions, targets, losses
Check = Callable[[Result, Result], str | None]  # the scores of the test and what was chosen for training → a warning

FOLDER = "evaluate/judges"
MAX_ROWS = 40  # of a table on the page


class BaseJudge(ABC):
    """What is said of one kind of answer."""

    counted: ClassVar[str] = "test examples that training never saw"
    checks: ClassVar[tuple[Check, ...]] = ()  # of the scores of the test; each looks for one way to be misled
    lead_score: ClassVar[str] = ""  # that the sentence of the result names
    lead_sentence: ClassVar[str] = ""  # with {value}, {count} and {within}
    intended_use: ClassVar[str] = "Answers for inputs that look like the training data."  # in the model card
    unintended_use: ClassVar[str] = ""  # in the model card: what it must not be used for
    has_labels: ClassVar[bool] = False  # whether somebody labelled the examples, perhaps wrongly
    if_in_vain: ClassVar[str] = "Train longer, choose another --model, or check the --target."
    if_splits_differ: ClassVar[str] = (
        "the two splits differ. Check them for other sources or times, or split by --group-column."
    )
    if_memorised: ClassVar[str] = "Try a larger --weight-decay, augmentation, a smaller --model, or more data."

    @abstractmethod
    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """Which of two models is better on the same examples: one record per measure, the most telling first."""

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """What the report shows of the answers in detail; empty where there is nothing.

        Returns:
            "figures", records with caption and svg; "tables", records with title, note, columns and rows of words, of
            which the first names the row; and what the template knows of some kinds.
        """
        return {}

    def decisive(self, test: Result) -> list[str]:
        """The scores that decide against a baseline, the first that both have."""
        return test["headline"]

    def lead(self, test: Result, baseline: Result) -> str:
        """The result in one sentence, beside the baseline; empty where nothing was measured."""
        name = self.lead_score
        if (test.get(name) or {}).get("value") is None:
            return ""
        value, count = show(name, test[name]["value"]), f"{test['count']:,}"
        text = self.lead_sentence.format(value=value, count=count, within=within(name, test[name]))
        trivial = (baseline.get(name) or {}).get("value")
        if trivial is None:
            return f"{text}."
        return f"{text}; the baseline, {baseline.get('name', 'a trivial answer')}, reaches {show(name, trivial)}."

    def notes(self, test: Result) -> list[str]:
        """Sentences beside the lead."""
        return []

    def next_command(self, run: str) -> tuple[str, str]:
        """What to do with a run first: a title and the command."""
        return "Predict new data", f"deepglass predict {run} YOUR_DATA"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """How a run is tested once more: a title and the command."""
        return "Test it on other labelled data", f"deepglass evaluate {run} OTHER_DATA"


def judge_of(kind: str) -> BaseJudge:
    """The judge of a kind of answer.

    Raises:
        OptionError: If there is none.
    """
    known = catalogue.entries(FOLDER)
    if kind not in known:
        raise OptionError(catalogue.unknown("kind of task", kind, known))
    return catalogue.load(FOLDER, kind).Judge()


def judge_of_test(metrics: Result) -> BaseJudge | None:
    """The judge of a run's scores; None where nothing was judged."""
    kind = (metrics.get("test") or {}).get("kind")
    return judge_of(kind) if kind else None


def within(name: str, entry: Result) -> str:
    """ "Such as " (95 % interval 96.1 to 98.0 %)"; empty where there is no interval."""
    interval = show_interval(name, entry)
    return f" (95 % interval {interval})" if interval else ""


def figures(found: list[tuple[str, Any]]) -> list[Result]:
    """Captions and drawings as the report takes them, without those that could not be drawn."""
    return [{"caption": caption, "svg": svg} for caption, svg in found if svg]
