"""A few lines for the reader to write, checked at once by a test that says what is wrong."""

from typing import Any

import traitlets

from deepglass.course.judging.description import Description, load
from deepglass.course.judging.judge import GIVEN, Verdict, judge
from deepglass.course.widgets.widget import Widget, on_page, state


class Exercise(Widget):
    """State of the exercise; the browser asks, and what was typed is judged in a process of its own.

    Attributes:
        given: Names that the reader's code may use without importing them.
    """

    task = state("")
    stub = state("")
    solution = state("")
    hint = state("")
    given = state([])
    code = state("")
    asked = state(0)
    verdict = state({})

    def __init__(self, description: Description):
        shown = {name: getattr(description, name) for name in ("name", "task", "stub", "solution", "hint")}
        super().__init__(given=list(GIVEN), **shown)
        self.description = description

    @traitlets.observe("asked")
    def _answer(self, _: Any) -> None:
        verdict = self.judge(self.code)
        self.verdict = {
            "passed": verdict.passed, "message": verdict.message, "printed": verdict.printed, "asked": self.asked,
        }  # fmt: skip

    def judge(self, code: str, seed: int | None = None) -> Verdict:
        """Whether the code does what was asked, and what to say about it."""
        return judge(self.description, code, seed)


def exercise(name: str) -> Any:
    """An editor with a stub, a test, a hint and the solution.

    Args:
        name: Of a file in `lessons/exercises/`, which describes it.

    Raises:
        OptionError: If there is no such exercise.
    """
    return on_page(Exercise(load(name)))
