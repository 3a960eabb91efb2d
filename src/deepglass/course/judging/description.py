"""What an exercise is: described once, as data, so that it can be judged anywhere and tried by its test.

    EXERCISE = Description(
        name="square",
        task="Give back the square of <code>x</code>.",
        stub="def square(x):\n    return x",
        solution="def square(x):\n    return x * x",
        answer=lambda x: x * x,
        cases=lambda rng: [(3.0,), (rng.normal(),)],
        slips=[(lambda x: 2 * x, "That is twice x.")],
        right=[…], wrong=[…],
    )

One file per exercise in `lessons/exercises/`; it imports NumPy and the standard library, no page and no lesson, because
it is loaded again for every answer, in the process that tries it.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from textwrap import dedent
from typing import Any

import numpy as np

from deepglass.core import catalogue

FOLDER = "lessons/exercises"


@dataclass(frozen=True, kw_only=True)
class Description:
    """An exercise.

    Attributes:
        name: What the reader defines, a function; the file's name.
        task: What to write; may hold HTML.
        stub: The code in the field at first: a signature and a comment, no import.
        solution: One right answer, as it is shown.
        hint: Shown on request.
        answer: The reference: gives back what is right for a case. A number, an array, or a tuple of them.
        cases: From a random generator the arguments of some calls: the telling ones first, then ones drawn at random.
        slips: Wrong answers that people give, as functions, and what to say of each. Said only where an answer agrees
            with the slip in all cases.
        others: References of other conventions that are as right, and a remark for whoever follows them.
        gives: What is given back, for a reader who gives back something of another shape: "both, `return w, b`".
        praise: Said when it is right.
        after: Given a right function, a further remark; called where the reader's code runs.
        watch: How a case is run, `watch(function, *args)`, where more is looked at than what is given back.
        agrees: Where many answers are right: `agrees(got, *args)` says what is wrong, or "".
        tell: A case in words; by default its arguments.
        forbids: Names and operators that the code may not use, and why.
        tolerance: Relative, for float64; an answer in float32 may be off by `tolerance32`.
        right: Other right answers, which the test of the exercises tries.
        wrong: Wrong ones, likewise.
    """

    name: str
    task: str
    stub: str
    solution: str
    hint: str
    cases: Callable[[np.random.Generator], Iterable[tuple[Any, ...]]]
    answer: Callable[..., Any]
    slips: Sequence[tuple[Callable[..., Any], str]] = ()
    others: Sequence[tuple[Callable[..., Any], str]] = ()
    gives: str = ""
    praise: str = ""
    after: Callable[[Callable[..., Any]], str] | None = None
    watch: Callable[..., Any] | None = None
    agrees: Callable[..., str] | None = None
    tell: Callable[..., str] | None = None
    forbids: Mapping[str, str] = field(default_factory=dict)
    tolerance: float = 1e-6
    tolerance32: float = 1e-4
    right: Sequence[str] = ()
    wrong: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("stub", "solution"):
            object.__setattr__(self, name, dedent(getattr(self, name)).strip() + "\n")
        for name in ("right", "wrong"):
            object.__setattr__(self, name, tuple(dedent(code).strip() + "\n" for code in getattr(self, name)))

    @property
    def names(self) -> list[str]:
        """Of the arguments."""
        return list(inspect.signature(self.answer).parameters)

    def drawn(self, seed: int) -> list[tuple[Any, ...]]:
        """The cases of a seed."""
        return [tuple(case) for case in self.cases(np.random.default_rng(seed))]

    def run(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """What a function makes of a case."""
        return self.watch(function, *args) if self.watch else function(*args)


@cache
def load(name: str) -> Description:
    """The exercise of this name.

    Raises:
        OptionError: If there is none; suggests the nearest.
    """
    return catalogue.load(FOLDER, name).EXERCISE
