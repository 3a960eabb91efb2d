"""A few lines for the reader to write, checked at once by a test that says what is wrong."""

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import dedent
from typing import Any

import traitlets

from deepglass.course.widgets.widget import Widget, on_page, state

FILE = "<your code>"
PATIENCE = 5.0  # seconds that the reader's code may take; longer is a loop without an end


class Exercise(Widget):
    """State of the exercise; the browser asks, Python judges.

    Attributes:
        check: Gets what the reader defined under `name`; raises AssertionError with what is wrong, may return praise.
        given: Names that the reader's code may use.
    """

    task = state("")
    stub = state("")
    solution = state("")
    hint = state("")
    code = state("")
    asked = state(0)
    verdict = state({})

    def __init__(self, check: Callable[[Any], str | None], given: dict[str, Any], **fields: Any):
        super().__init__(**fields)
        self.check, self.given = check, given

    @traitlets.observe("asked")
    def _answer(self, _: Any) -> None:
        passed, message = self.judge(self.code)
        self.verdict = {"passed": passed, "message": message, "asked": self.asked}

    def judge(self, code: str) -> tuple[bool, str]:
        """Whether the code does what was asked, and what to say about it."""
        names = dict(self.given)
        try:
            with deadline(PATIENCE):
                exec(compile(code, FILE, "exec"), names)
                if self.name not in names:
                    return False, f"Define `{self.name}`: it is what the test calls."
                return True, self.check(names[self.name]) or ""
        except AssertionError as error:
            return False, str(error) or "The test failed, and does not say why."
        except SyntaxError as error:
            return False, f"Line {error.lineno}: Python cannot read this ({error.msg})."
        except OutOfTime:
            return False, f"It was still running after {PATIENCE:.0f} seconds: does a loop go on for ever?"
        except Exception as error:  # whatever the reader's code may raise is an answer to the reader
            return False, f"{_line(error)}{type(error).__name__}: {error}"


def exercise(
    name: str,
    task: str,
    *,
    stub: str,
    solution: str,
    check: Callable[[Any], str | None],
    hint: str = "",
    given: dict[str, Any] | None = None,
) -> Any:
    """An editor with a stub, a test, a hint and the solution.

    Args:
        name: What the reader defines, usually a function; unique in the lesson.
        task: What to write, in a sentence or two; may hold HTML.
        stub: The code that stands in the field: a signature and one comment, no import.
        solution: Code that passes.
        check: Gets what was defined; `assert close, "for x = 2 …: expected 4, got 3. Did you …?"`; may return praise.
        hint: Shown on request.
        given: Names that the code may use, such as {"np": np}.
    """
    code = {"stub": dedent(stub).strip() + "\n", "solution": dedent(solution).strip() + "\n"}
    return on_page(Exercise(check, given or {}, name=name, task=task, hint=hint, **code))


class OutOfTime(BaseException):
    """The reader's code took too long; no `except Exception` of theirs catches it."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Stop Python code of this thread that runs longer."""
    end, before = time.monotonic() + seconds, sys.gettrace()

    def watch(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != FILE:
            return None  # only the reader's own lines are watched
        if time.monotonic() > end:
            raise OutOfTime
        return watch

    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)


def _line(error: Exception) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    return f"Line {lines[-1]}: " if lines else ""
