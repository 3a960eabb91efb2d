"""What can be read: every class and function of the glass engine and of the models, with its lines in the file.

The files are parsed, not imported: a list of all of them costs milliseconds.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deepglass.core import catalogue
from deepglass.core.catalogue import PACKAGE, tree_of
from deepglass.zoo.architectures import ModelEntry


@dataclass(frozen=True)
class Definition:
    """A class, a function or a whole file; `uses` are the names in it, `summary` is the first line of its docstring."""

    name: str
    path: Path
    first: int
    last: int
    summary: str
    uses: frozenset[str] = frozenset()

    @property
    def file(self) -> str:
        """Relative to the package: "glass/nn/conv.py"."""
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def place(self) -> str:
        """ "deepglass/glass/nn/conv.py:12"."""
        return f"{PACKAGE.name}/{self.file}:{self.first}"

    @property
    def code(self) -> str:
        """Its lines in the file."""
        return "\n".join(self.path.read_text(encoding="utf-8").splitlines()[self.first - 1 : self.last])


@cache
def definitions() -> tuple[Definition, ...]:
    """Every class and function at the top level of the engine and of the models."""
    engine = sorted(path for path in (PACKAGE / "glass").rglob("*.py") if path.name != "__init__.py")
    models = [catalogue.path_of("models", name) for name in catalogue.entries("models")]
    return tuple(definition for path in [*engine, *models] for definition in _definitions_in(path))


def _definitions_in(path: Path) -> Iterator[Definition]:
    for node in tree_of(path).body:
        uses = frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield Definition(node.name, path, first, node.end_lineno or first, _summary(node), uses)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call | ast.GeneratorExp | ast.Tuple):
            for target in getattr(node.targets[0], "elts", node.targets[:1]):  # exp = unary("exp", np.exp, …)
                if isinstance(target, ast.Name):
                    yield Definition(target.id, path, node.lineno, node.end_lineno or node.lineno, "", uses)


def whole_file(topic: str) -> Definition | None:
    """A file of the package, with or without its ending."""
    path = PACKAGE / topic.removeprefix(f"{PACKAGE.name}/").removesuffix(".py")
    path = path.with_name(path.name + ".py")
    if "/" not in topic or not path.resolve().is_relative_to(PACKAGE) or not path.is_file():
        return None
    return Definition(path.stem, path, 1, _length(path), first_line(path))


def model_file(model: ModelEntry) -> Definition:
    """The whole file of a model."""
    path = catalogue.path_of("models", model.file)
    return Definition(model.name, path, 1, _length(path), model.summary)


def _length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def first_line(path: Path) -> str:
    """The first line of a file's docstring."""
    return _summary(tree_of(path))


def _summary(node: Any) -> str:
    return (ast.get_docstring(node) or "").split("\n", 1)[0]
