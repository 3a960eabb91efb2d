"""Questions with options: a guess that is kept until the reader commits to it, and an exercise that is judged."""

from collections.abc import Mapping, Sequence
from typing import Any

from deepglass.course.widgets.widget import Widget, on_page, state


class Choice(Widget):
    """State of the question; `chosen` are numbers of options, told once `committed`."""

    kind = state("guess")
    question = state("")
    options = state([])
    several = state(False)
    right = state([])
    because = state([])
    reveal = state("")
    chosen = state([])
    committed = state(False)


def guess(question: str, options: Sequence[str], reveal: str, *, name: str = "guess") -> Any:
    """A prediction before the picture answers; the answer is locked in, then `reveal` appears.

    Args:
        question: May hold HTML; formulas in plain characters (w₁, R²).
        options: Short answers.
        reveal: What turned out, in a few sentences; do not scold.
        name: For `plane(waits_for=name)`, which keeps its points still until then.
    """
    return on_page(Choice(kind="guess", question=question, options=list(options), reveal=reveal, name=name))


def choose(question: str, options: Mapping[str, tuple[bool, str]], *, name: str, several: bool = False) -> Any:
    """An exercise: which of these is right?

    Args:
        question: May hold HTML.
        options: By text (or picture: SVG from `picture`), whether it is right, and why or why not in a sentence.
        name: Unique in the lesson; progress is kept under it.
        several: Whether more than one may be chosen.
    """
    verdicts = list(options.values())
    right = [i for i, (is_right, _) in enumerate(verdicts) if is_right]
    because = [reason for _, reason in verdicts]
    return on_page(
        Choice(
            kind="choose", question=question, options=list(options), right=right, because=because, name=name,
            several=several,
        )
    )  # fmt: skip
