"""A new kind of input or answer is a file in the folders of kinds: nobody else in `deploy/` knows their names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.deploy import portable
from deepglass.deploy.graphs import Graph
from deepglass.deploy.runtime import answers, fields

DEPLOY = catalogue.PACKAGE / "deploy"
INPUTS, ANSWERS = (catalogue.entries(f"deploy/graphs/{folder}") for folder in ("inputs", "answers"))
TASKS = catalogue.entries("tasks")
NAMES = {*fields.kinds(), *answers.kinds(), *INPUTS, *(task.replace("_", "-") for task in TASKS)}
HOMES = tuple(DEPLOY / folder for folder in ("runtime/fields", "runtime/answers", "graphs/inputs", "graphs/answers"))
OTHERS = {  # words that are spelled like a kind and mean something else
    "runtime/cells.py date",  # whether a column is written as a date
    "runtime/axis.py number",  # the unit of a calendar
    "runtime/calendar.py number",
    "serve/explain.py samples",  # how many coalitions a method draws
}


def compared(tree: ast.AST) -> Iterator[str]:
    """The texts that a file compares with, in whatever way."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            parts: list[ast.AST] = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        else:
            continue
        inner = [each for part in parts for each in getattr(part, "elts", [part])]
        yield from (str(each.value) for each in inner if isinstance(each, ast.Constant))


def test_nobody_else_compares_with_the_name_of_a_kind_or_a_task():
    found = {
        f"{path.relative_to(DEPLOY).as_posix()} {name}"
        for path in DEPLOY.rglob("*.py")
        if not any(home in path.parents for home in HOMES)
        for name in compared(ast.parse(path.read_text(encoding="utf-8")))
        if name in NAMES
    }
    assert found == OTHERS


def test_it_would_have_been_found():
    texts = ['a == "image"', 'a in ("text", "b")', 'match a:\n    case "series" | "date":\n        pass']
    assert [set(compared(ast.parse(text))) & NAMES for text in texts] == [{"image"}, {"text"}, {"series", "date"}]


def test_the_page_asks_for_a_form_and_not_for_a_kind():
    page = (DEPLOY / "serve" / "templates" / "index.html").read_text(encoding="utf-8")
    compared_with = set(re.findall(r"""(?:===?|case)\s*"([\w-]+)\"""", page))
    assert compared_with & NAMES <= {"text", "number", "value"}  # a way to ask, a type of HTML, what an answer is about


@pytest.mark.parametrize("task", TASKS)
def test_every_task_that_is_exported_names_two_parts(task):
    parts = catalogue.class_constant("tasks", task, "Task", "EXPORTS")
    if not parts:
        pytest.skip("its runs cannot be exported")
    inputs, answer = parts
    assert inputs is None or inputs in INPUTS
    assert answer in ANSWERS


def test_what_a_graph_answers_the_runtime_decodes():
    assert set(ANSWERS) == set(answers.kinds())


def test_a_task_without_a_graph_is_refused_with_those_that_have_one():
    class Odd:
        name, EXPORTS, NOT_EXPORTED = "haiku", None, ""

    with pytest.raises(OptionError, match=r"runs of haiku cannot be exported: expected one of .*image-classification"):
        portable.answer_of(Odd())
    with pytest.raises(OptionError, match="unknown deploy graphs input 'haiku'"):
        Graph.of(Odd(), None, "haiku", "value")


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_exported_or_says_why_not(task):
    why = catalogue.declared_by(task, "NOT_EXPORTED")
    assert not (why and catalogue.declared_by(task, "EXPORTS"))
    if why:
        assert "`deepglass " in why  # what to do instead


def test_the_island_of_the_runtime_knows_its_kinds_by_its_own_files():
    for folder in (fields, answers):
        files = {path.stem for path in Path(str(folder.__file__)).parent.glob("[!_]*.py")}
        assert set(folder.kinds()) == files
        for kind in ("bundle", "../bundle", "__init__", "_cell", "", None, ["image"], 3):
            with pytest.raises(ValueError, match="expected one of"):
                folder.class_of(kind)
