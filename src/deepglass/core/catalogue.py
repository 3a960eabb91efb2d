"""The folder is the list: what models, tasks, data sets and commands exist is read off their files.

Files are parsed, not imported, so that a list or a help text costs milliseconds and needs no torch.
"""

import ast
import difflib
import importlib
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from deepglass.core.errors import OptionError

PACKAGE = Path(__file__).parent.parent
CHECKOUT = PACKAGE.parents[1]  # what surrounds the package where it was cloned: tests/, bench/
AUTHOR = r"[A-Z][\w'’-]+"
AUTHORS = rf"{AUTHOR}(?:(?:, | & | and ){AUTHOR})*(?: et al\.?)?"


def entries(folder: str) -> list[str]:
    """Names of the public one-idea files in a folder of the package, for instance `entries("tasks")`."""
    place = PACKAGE / folder
    return list(_entries(place, place.stat().st_mtime_ns if place.is_dir() else 0))


def path_of(folder: str, name: str) -> Path:
    """The file of one entry."""
    return PACKAGE / folder / f"{name}.py"


def summary(folder: str, name: str) -> str:
    """The first line of an entry's docstring."""
    docstring = ast.get_docstring(tree_of(path_of(folder, name))) or ""
    return docstring.split("\n", 1)[0].rstrip(".")


def citation(folder: str, name: str) -> str:
    """Authors and year of the first source that an entry's docstring names, such as "He et al. 2015"."""
    docstring = " ".join((ast.get_docstring(tree_of(path_of(folder, name))) or "").split())
    found = re.search(rf"({AUTHORS}) \((\d{{4}})\)", docstring) or re.search(rf"\(({AUTHORS}),? (\d{{4}})", docstring)
    if found is None:
        return ""
    authors, year = found.groups()
    names = re.findall(AUTHOR, authors)
    if "et al" in authors or len(names) > 2:
        return f"{names[0]} et al. {year}"
    return f"{' & '.join(names)} {year}"


def constant(folder: str, name: str, variable: str, default: Any = None) -> Any:
    """A literal assigned at the top level of an entry's file, such as `TASKS = ("forecasting",)`."""
    value = assigned(path_of(folder, name), variable)
    return default if value is None else value


def assigned(path: Path, variable: str) -> Any:
    """A literal assigned at the top level of a file; None if there is none."""
    value = _assignments(path).get(variable)
    return None if value is None else ast.literal_eval(value)


def class_constant(folder: str, name: str, class_name: str, variable: str) -> Any:
    """A literal in the body of a class of an entry's file, such as `Task.default_model`."""
    value = _class_assignments(path_of(folder, name), class_name).get(variable)
    return None if value is None else ast.literal_eval(value)


def declared_by(task: str, variable: str) -> Any:
    """A literal in the class of a task, or else what the contract in `tasks/__init__.py` says for all of them.

    Args:
        task: As on the command line, or the name of its file.
        variable: Such as "READS"; a class between the two says nothing here, since nothing is imported.
    """
    own = class_constant("tasks", task.replace("-", "_"), "Task", variable)
    return class_constant("tasks", "__init__", "BaseTask", variable) if own is None else own


def load(folder: str, name: str) -> ModuleType:
    """Import one entry.

    Raises:
        OptionError: If there is no such entry; suggests the nearest name.
    """
    known = entries(folder)
    if name not in known:
        raise OptionError(unknown(folder.rstrip("s").replace("/", " "), name, known))
    return importlib.import_module(f"deepglass.{folder.replace('/', '.')}.{name}")


def unknown(what: str, name: str, known: list[str]) -> str:
    """The message for a name that is not in a list: what came, the nearest, all of them."""
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"unknown {what} {name!r}{hint} Known: {', '.join(known)}"


@cache  # a folder is listed again when a file has come or gone since
def _entries(place: Path, changed: int) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in place.glob("*.py") if not path.stem.startswith("_")))


@cache  # a file is asked for one constant after the other
def _assignments(path: Path) -> dict[str, ast.expr]:
    return _values(tree_of(path).body)


@cache
def _class_assignments(path: Path, class_name: str) -> dict[str, ast.expr]:
    """Those in the body of a class; none where the file has no such class."""
    classes = [node for node in tree_of(path).body if isinstance(node, ast.ClassDef) and node.name == class_name]
    return _values(classes[0].body) if classes else {}


def _values(statements: list[ast.stmt]) -> dict[str, ast.expr]:
    """What is assigned to each name where it comes first."""
    found: dict[str, ast.expr] = {}
    for node in statements:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                found.setdefault(target.id, value)
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax of a source file, parsed once."""
    return parse(path)


def parse(path: Path) -> ast.Module:
    """The syntax of a source file as it is now."""
    return ast.parse(path.read_text(encoding="utf-8"))
