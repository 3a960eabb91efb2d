"""What every exercise promises: right answers of many styles pass, wrong ones are refused with the reason."""

import ast
import contextlib
import re

import numpy as np
import pytest

from deepglass.core import catalogue
from deepglass.course.judging.description import FOLDER, load
from deepglass.course.judging.judge import judge
from tests.lessons.tried import tried

NAMES = catalogue.entries(FOLDER)
every_exercise = pytest.mark.parametrize("name", NAMES)
LIBRARIES = {"numpy", "math", "pathlib", "importlib", "deepglass"}


@every_exercise
def test_right_answers_of_other_styles_pass_whatever_is_drawn(name):
    right = load(name).right
    assert len(right) >= 3
    for seed in range(3):
        assert tried(name, load(name).solution, seed).passed
    for number, code in enumerate(right):
        verdict = tried(name, code, seed=number)
        assert verdict.passed, f"{code}\n{verdict.message}"


@every_exercise
def test_wrong_answers_are_refused_with_a_case_and_a_reason(name):
    wrong = load(name).wrong
    assert len(wrong) >= 4
    for number, code in enumerate(wrong):
        verdict = tried(name, code, seed=number)
        assert not verdict.passed, code
        assert len(verdict.message) > 25
        assert "code of exit" not in verdict.message


@every_exercise
def test_a_slip_is_a_wrong_answer(name):
    description = load(name)
    for slip, why in description.slips:
        assert why.endswith((".", "?", ")"))
        made = []
        for args in description.drawn(0):
            with np.errstate(all="ignore"), contextlib.suppress(ValueError):  # a slip need not bear every shape
                made.append((description.run(slip, args), description.run(description.answer, args)))
        assert any(repr(one) != repr(other) for one, other in made), why


@every_exercise
def test_stubs_fail_and_say_what_is_expected(name):
    verdict = tried(name, load(name).stub)
    assert not verdict.passed
    assert len(verdict.message) > 25
    assert not re.match(r"(Line \d+: )?\w+Error", verdict.message)


@every_exercise
def test_it_is_there_soon(name):
    """It is loaded again for every answer: it may import NumPy, and no page and no lesson."""
    tree = ast.parse(catalogue.path_of(FOLDER, name).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {one.partition(".")[0] for one in names} <= LIBRARIES
        assert all("lessons" not in one and "widgets" not in one for one in names)


def test_the_solution_passes_in_a_process_of_its_own():
    verdict = judge(load("update"), load("update").solution, seed=5)
    assert verdict.passed, verdict.message


def test_there_is_one_for_every_lesson():
    from deepglass.course import catalogue as course

    shown = [
        re.findall(r'kit\.exercise\("(\w+)"\)', lesson.path.read_text(encoding="utf-8")) for lesson in course.lessons()
    ]
    assert all(shown)
    assert sorted(name for names in shown for name in names) == NAMES
