"""What a script of `scripts/` says about itself: what it needs, how long it is, and which script it is."""

import ast
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

from deepglass.core import catalogue
from deepglass.core.errors import OptionError

FOLDER = Path(__file__).parent / "scripts"
TITLES = {
    "pytorch": "PyTorch", "keras": "Keras on JAX", "tensorflow": "TensorFlow", "jax": "JAX", "mxnet": "MXNet",
    "pytensor": "PyTensor (Theano)", "glass": "glass engine",
}  # fmt: skip


def names() -> list[str]:
    """All frameworks that have a script, the reference first."""
    return [name for name in TITLES if path_of(name).exists()]


def path_of(name: str) -> Path:
    """The script of a framework, such as "jax"."""
    return FOLDER / f"in_{name}.py"


def checked(name: str) -> str:
    """The name of a framework as its script has it; Theano goes on as PyTensor.

    Raises:
        OptionError: If there is none.
    """
    name = {"theano": "pytensor", "torch": "pytorch", "deepglass": "glass"}.get(name.lower(), name.lower())
    if name not in names():
        raise OptionError(catalogue.unknown("framework", name, names()))
    return name


def metadata(path: Path) -> dict[str, Any]:
    """The block of inline metadata (PEP 723, https://peps.python.org/pep-0723/): Python and dependencies."""
    block = re.search(r"(?m)^# /// script\n((?:^#(?: .*)?\n)+?)^# ///$", path.read_text(encoding="utf-8"))
    return tomllib.loads(re.sub(r"(?m)^# ?", "", block[1])) if block else {}


def code(path: Path) -> list[str]:
    """The lines of code: without empty ones, comments of their own and docstrings."""
    text = path.read_text(encoding="utf-8")
    told = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            told |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    rows = enumerate(text.splitlines(), 1)
    return [line for i, line in rows if i not in told and line.strip() and not line.lstrip().startswith("#")]


def lines(path: Path) -> int:
    """How many lines of code it has."""
    return len(code(path))


def fingerprint(path: Path) -> str:
    """Which code it is, with what all share and the versions: a row that was measured with another does not count."""
    both = [*code(path), *code(FOLDER / "exchange.py"), str(metadata(path).get("dependencies"))]
    return hashlib.sha256("\n".join(both).encode()).hexdigest()[:16]
