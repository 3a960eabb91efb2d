"""Outside `tasks/` nothing is decided by the name of a task: a new one is a file, and nobody else has to know of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepglass.core import catalogue
from deepglass.core.catalogue import PACKAGE

LEFT_OUT = ("tasks", "lessons", "deploy", "models")  # models name the tasks that they are for
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in LEFT_OUT]
NAMES = {spelling for file in catalogue.entries("tasks") for spelling in (file, file.replace("_", "-"))}
ASKING = ("startswith", "endswith", "removeprefix", "removesuffix", "partition", "split", "find", "index", "get", "pop")


def literals(node: ast.AST, constants: dict[str, ast.AST]) -> set[str]:
    """All texts in an expression, also those of the constants of the file that it names."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.add(part.value)
        name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
        if name in constants:
            found |= literals(constants[name], {})
    return found


def decisions(tree: ast.Module) -> Iterator[tuple[int, ast.AST]]:
    """Expressions that something may be decided by: comparisons, patterns, keys, questions about a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield node.lineno, node
        elif isinstance(node, ast.match_case):
            yield node.pattern.lineno, node.pattern
        elif isinstance(node, ast.Dict):
            yield from ((key.lineno, key) for key in node.keys if key is not None)
        elif isinstance(node, ast.Subscript):
            yield node.lineno, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING:
            yield from ((argument.lineno, argument) for argument in node.args)


def branches(source: str) -> list[int]:
    """Lines that decide by the name of a task."""
    tree = ast.parse(source)
    constants = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            constants |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            constants[node.target.id] = node.value
    return sorted({line for line, node in decisions(tree) if literals(node, constants) & NAMES})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_is_decided_by_the_name_of_a_task(path: Path):
    found = branches(path.read_text(encoding="utf-8"))
    assert not found, f"line {found}: let the task say it, in a literal of its class or a method of the contract"


@pytest.mark.parametrize(
    "source",
    [
        "if task == 'forecasting': pass",
        "x = task in ('text-classification', 'language-modelling')",
        "match task:\n    case 'forecasting' | 'other': pass",
        "RATES = {'image-classification': 1e-3}",
        "TEXTS = ('text-classification',)\nx = task in TEXTS",
        "class A:\n    SERIES: str = 'forecasting'\n    def f(self): return self.task != self.SERIES",
        "x = task.startswith('image_classification')",
        "x = TABLE['tabular-regression']",
    ],
)
def test_such_decisions_are_found(source):
    assert branches(source)


def test_naming_a_task_is_no_decision():
    assert not branches("task = 'forecasting'\ntrain(task='forecasting')\ndef f(): return 'forecasting', 'why'")
