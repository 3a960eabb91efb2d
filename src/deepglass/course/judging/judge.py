"""Whether an answer to an exercise is right, and what to say of it."""

import inspect
import secrets
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.course.judging import sandbox
from deepglass.course.judging.description import Description
from deepglass.course.judging.same import has_shape, same, shown
from deepglass.course.judging.wire import unpack

GIVEN = ("np", "math", "torch")


@dataclass(frozen=True)
class Verdict:
    """What is said to the reader.

    Attributes:
        passed: Whether the answer is right.
        message: What is wrong, or praise.
        printed: What the code printed, its first lines.
    """

    passed: bool
    message: str
    printed: str = ""


def judge(
    description: Description, code: str, seed: int | None = None, run: Callable[..., sandbox.Outcome] = sandbox.run
) -> Verdict:
    """Run code on the cases of an exercise, and compare.

    Args:
        description: The exercise.
        code: As the reader typed it.
        seed: Of the cases that are drawn; another one each time if not said.
        run: Runs the code of an exercise on the cases of a seed.
    """
    if len(code) > sandbox.LONGEST_CODE:
        return Verdict(False, f"Expected at most {sandbox.LONGEST_CODE:,} characters of code, got {len(code):,}.")
    seed = secrets.randbelow(2**31) if seed is None else seed
    outcome = run(description.name, code, seed)
    printed = "".join(map(str, outcome.all("printed")))[:2000]
    if refused := outcome.all("refused"):
        return Verdict(False, str(refused[0]), printed)
    if not outcome.all("defined"):
        error = next(iter(outcome.all("error")), None) or sandbox.ENDINGS.get(outcome.ended, ENDED)
        return Verdict(False, str(error), printed)
    wrong = first_wrong(description, description.drawn(seed), outcome)
    if wrong:
        return Verdict(False, wrong, printed)
    remark = remark_for(description, description.drawn(seed), values(outcome))
    said = [description.praise, remark, *map(str, outcome.all("more")[:1])]
    return Verdict(True, " ".join(part for part in said if part), printed)


def first_wrong(description: Description, cases: list[tuple[Any, ...]], outcome: sandbox.Outcome) -> str:
    """What to say of the first case that is not right, or ""."""
    answers = outcome.answers[: len(cases)]
    got = [unpack(one["got"]) if "got" in one else None for one in answers]
    references = [description.answer, *(other for other, _ in description.others)]
    is_right = lambda reference: all(  # noqa: E731
        agrees(description, reference, value, args) for value, args in zip(got, cases)
    )
    if len(answers) == len(cases) and all("got" in one for one in answers) and any(map(is_right, references)):
        return ""
    for number, args in enumerate(cases):
        told = f"{words_of(description, args)}: "
        if number >= len(answers):
            return told + (sandbox.ENDINGS.get(outcome.ended) or ENDED)
        if "error" in answers[number]:
            error = str(answers[number]["error"])
            return error if error.startswith("`") else f"{error} ({told.removesuffix(': ')}.)"
        if complaint := complaint_on(description, got[number], args):
            return told + complaint + slip_of(description, got, cases)
    return "Some cases follow one convention and some another: keep to one."


def values(outcome: sandbox.Outcome) -> list[Any]:
    """What was given back, case by case."""
    return [unpack(one["got"]) for one in outcome.answers if "got" in one]


def agrees(description: Description, reference: Callable[..., Any], value: Any, args: tuple[Any, ...]) -> bool:
    """Whether an answer is right by one of the references."""
    if description.agrees:
        return not complaint_on(description, value, args)
    return same(value, expected(description, reference, args), description.tolerance, description.tolerance32)


def expected(description: Description, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What a reference gives for a case."""
    with np.errstate(all="ignore"):
        return description.run(function, deepcopy(args))


def complaint_on(description: Description, value: Any, args: tuple[Any, ...]) -> str:
    """What is wrong with one answer, or ""."""
    if value is None:
        return "it gives nothing back. Write `return …`."
    if description.agrees:
        try:
            return description.agrees(value, *deepcopy(args))
        except Exception:  # of an answer may come back whatever there is
            return f"got {shown(value)}, which is not of the form that was asked for."
    if any(agrees(description, one, value, args) for one in [description.answer, *(o for o, _ in description.others)]):
        return ""
    right = expected(description, description.answer, args)
    if not has_shape(value, right):
        gives = f" Give back {description.gives}." if description.gives else ""
        return f"expected {shown(right)}, got {shown(value)}.{gives}"
    return f"expected {shown(right)}, got {shown(value)}."


def slip_of(description: Description, got: list[Any], cases: list[tuple[Any, ...]]) -> str:
    """What to say of an answer that agrees with a known slip in all cases, or ""."""
    for slip, why in description.slips:
        try:
            made = [expected(description, slip, args) for args in cases]
        except Exception:  # a slip need not bear every case
            continue
        pairs = zip(got, made)
        if all(same(value, one, description.tolerance, description.tolerance32) for value, one in pairs):
            return f" {why}"
    return ""


def remark_for(description: Description, cases: list[tuple[Any, ...]], got: list[Any]) -> str:
    """What to say of a right answer in another convention, or ""."""
    for reference, remark in [(description.answer, ""), *description.others]:
        if all(agrees(description, reference, value, args) for value, args in zip(got, cases)):
            return remark
    return ""


def words_of(description: Description, args: tuple[Any, ...]) -> str:
    """A case in words."""
    if description.tell:
        return description.tell(*args)
    parts = [
        f"{name} = {shown(value)}"
        for name, value in zip(description.names, args)
        if not inspect.isroutine(value) and not isinstance(value, np.random.Generator)
    ]
    return "For " + ", ".join(parts)


ENDED = "Your code ended Python itself before it could be tried: it wants too much memory, or calls for the end."
