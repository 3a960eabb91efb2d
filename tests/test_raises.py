"""Public functions that raise say so: a section `Raises` with the classes, read from the sources with `ast`."""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from deepglass.core import errors
from deepglass.core.catalogue import PACKAGE

LEFT_OUT = ("lessons", "cli")  # stories; commands, whose docstrings are the help that users read
OF_THE_CLASS = ("__init__", "__post_init__", "forward")  # documented where the class is
ENOUGH = 0.95
Function = ast.FunctionDef | ast.AsyncFunctionDef
Class = ast.ClassDef | None
Handlers = tuple[ast.ExceptHandler, ...]


class Leaving(NamedTuple):
    """What may leave a function: an error, or whatever a private helper of the same file raises."""

    name: str
    is_call: bool
    around: tuple[Handlers, ...]  # of the `try` statements that it passes


def class_of(name: str) -> type | None:
    return getattr(errors, name, None) or getattr(builtins, name, None)


def ancestors(name: str) -> list[str]:
    found = class_of(name)
    return [base.__name__ for base in found.__mro__] if found else [name]


def caught_by(handler: ast.ExceptHandler) -> list[str]:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [ast.unparse(kind).split(".")[-1] if kind else "BaseException" for kind in kinds]


def escapes(name: str, around: Sequence[Handlers]) -> bool:
    caught = {kind for handlers in around for handler in handlers for kind in caught_by(handler)}
    return not caught & {*ancestors(name), "Exception", "BaseException"}


def leaving(node: ast.AST, around: tuple[Handlers, ...] = (), inside: ast.ExceptHandler | None = None):
    """Walk through a body; functions and classes within it raise when they are called, not here."""
    if isinstance(node, Function | ast.ClassDef | ast.Lambda):
        return
    if isinstance(node, ast.Try):
        for part in node.body:
            yield from leaving(part, (*around, tuple(node.handlers)), inside)
        for handler in node.handlers:
            for part in handler.body:
                yield from leaving(part, around, handler)
        for part in node.orelse + node.finalbody:
            yield from leaving(part, around, inside)
        return
    if isinstance(node, ast.Raise):
        for name in raised(node, inside):
            yield Leaving(name, False, around)
    if isinstance(node, ast.Call):
        called = re.fullmatch(r"(?:self\.|cls\.)?(_\w+)", ast.unparse(node.func))
        if called:
            yield Leaving(called[1], True, around)
    for child in ast.iter_child_nodes(node):
        yield from leaving(child, around, inside)


def raised(node: ast.Raise, inside: ast.ExceptHandler | None) -> list[str]:
    """Names of the classes, or of the function or variable that gives the error."""
    name = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc) if node.exc else ""
    if inside and name in ("", inside.name):
        return caught_by(inside)
    return [name.split(".")[-1]]


def functions(body: list[ast.stmt], outer: Class = None) -> Iterator[tuple[Function, Class]]:
    for node in body:
        if isinstance(node, Function):
            yield node, outer
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body, node)


def errors_of(tree: ast.Module) -> Iterator[tuple[str, set[str], set[str]]]:
    """Name, errors that leave, and errors that are documented, of every public function that raises."""
    everything = list(functions(tree.body))
    helpers: dict[str, list[Leaving]] = {}
    for node, _ in everything:
        helpers.setdefault(node.name, []).extend(of for part in node.body for of in leaving(part))

    def whole(name: str, known: frozenset[str]) -> set[str]:
        found = set()
        for one in helpers[name] if name in helpers and name not in known else ():
            names = whole(one.name, known | {name}) if one.is_call else {one.name}
            found |= {each for each in names if escapes(each, one.around)}
        return found

    for node, outer in everything:
        is_public = not node.name.startswith("_") or node.name in OF_THE_CLASS
        if not is_public or (outer and outer.name.startswith("_")):
            continue
        own = {of.name for part in node.body for of in leaving(part) if not of.is_call and escapes(of.name, of.around)}
        through = {
            error
            for part in node.body
            for of in leaving(part)
            if of.is_call
            for error in whole(of.name, frozenset())
            if escapes(error, of.around)
        }
        own, through = own - {"NotImplementedError"}, through - {"NotImplementedError"}
        docs = [ast.get_docstring(node) or ""]
        docs += [ast.get_docstring(outer) or ""] if outer and node.name in OF_THE_CLASS else []
        if own or through:
            yield f"{outer.name}.{node.name}" if outer else node.name, own, documented(docs)


def documented(docs: list[str]) -> set[str]:
    found = set()
    for doc in docs:
        section = re.search(r"^Raises:\n((?: +.*\n?)+)", doc, re.MULTILINE)
        for names in re.findall(r"^    ([\w, ]+):", section[1] if section else "", re.MULTILINE):
            found |= {name.strip() for name in names.split(",")}
    return found


def is_whole(own: set[str], said: set[str]) -> bool:
    """Every class is named, or one above it; where a function or a variable gives the error, any class will do."""
    classes = [name for name in own if class_of(name) or name.endswith("Error")]
    return bool(said) and all(set(ancestors(name)) & said or name == "Exception" for name in classes)


def read(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_public_functions_say_what_they_raise():
    found = {
        f"{path.relative_to(PACKAGE)}: {name}": is_whole(own, said)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in LEFT_OUT and (path.stem == "__init__" or path.stem[0] != "_")
        for name, own, said in errors_of(read(path))
    }
    missing = [name for name, is_said in found.items() if not is_said]
    assert len(found) > 400
    assert 1 - len(missing) / len(found) >= ENOUGH, "no section Raises that names their errors:\n" + "\n".join(missing)


SAMPLE = '''
def said(x):
    """One.

    Raises:
        DataError, KeyError: If nothing is there.
    """
    raise DataError if x else KeyError("x")

def silent(x):
    raise DataError

def caught(x):
    try:
        raise OptionError
    except ValueError:
        pass

def again(x):
    """Raises an error."""
    try:
        work()
    except OSError:
        raise

def by_helper(x):
    _check(x)

def _check(x):
    raise RunError

class Model:
    """A model.

    Raises:
        ValueError: If sizes do not fit.
    """

    def __init__(self):
        raise ShapeError

    def load(self):
        """Load.

        Raises:
            ValueError: If sizes do not fit.
        """
        raise RunError
'''


def test_the_check_sees_what_leaves_a_function():
    found = {name: is_whole(own, said) for name, own, said in errors_of(ast.parse(SAMPLE))}
    assert found == {
        "said": True, "silent": False, "again": False, "by_helper": False, "Model.__init__": True, "Model.load": False,
    }  # fmt: skip
