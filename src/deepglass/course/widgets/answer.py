"""An exercise whose answer is a number."""

from collections.abc import Mapping
from typing import Any

from deepglass.course.widgets.widget import Widget, on_page, state


class Answer(Widget):
    """State of the exercise."""

    question = state("")
    right = state(0.0)
    tolerance = state(0.0)
    slips = state([])
    because = state("")
    hint = state("")
    solution = state("")
    unit = state("")


def answer(
    question: str,
    right: float,
    *,
    name: str,
    slips: Mapping[float, str] | None = None,
    because: str = "",
    hint: str = "",
    solution: str = "",
    unit: str = "",
    tolerance: float | None = None,
) -> Any:
    """A number to work out; computed by the lesson, never typed.

    Args:
        question: May hold HTML.
        right: The answer.
        name: Unique in the lesson; progress is kept under it.
        slips: Wrong answers that people give, and what went wrong: {4: "That is R/γ: it still wants its square."}.
        because: Said when it is right.
        hint: Shown on request.
        solution: Shown on request.
        unit: Stands behind the field.
        tolerance: How far off still counts; a thousandth of the answer if not said.
    """
    reach = max(1e-6, abs(right) * 1e-3) if tolerance is None else tolerance
    return on_page(
        Answer(
            question=question,
            right=float(right),
            tolerance=float(reach),
            slips=[[float(wrong), why] for wrong, why in (slips or {}).items()],
            because=because,
            hint=hint,
            solution=solution,
            unit=unit,
            name=name,
        )
    )
