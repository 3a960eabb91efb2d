"""Every name that a file imports from this project is there: inside functions too, and in benchmarks."""

import ast
import importlib
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OWN = ("deepglass", "bench", "tests")


def imported(folder):
    """(file, line, module, name) of each import of our own."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OWN:
                yield from ((path, node.lineno, node.module, alias.name) for alias in node.names)


def is_there(module, name):
    """Whether `from module import name` would work."""
    return hasattr(importlib.import_module(module), name) or importlib.util.find_spec(f"{module}.{name}") is not None


@pytest.mark.slow("imports every module")
@pytest.mark.parametrize("folder", ["src", "bench"])
def test_every_imported_name_is_there(folder):
    missing = []
    for path, line, module, name in imported(folder):
        try:
            found = name == "*" or is_there(module, name)
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] not in OWN:
                continue  # an extra that is not installed
            found = False
        if not found:
            missing.append(f"{path.relative_to(ROOT)}:{line}: {name} of {module}")
    assert not missing, "\n".join(missing)
