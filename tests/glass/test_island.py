"""The engine is an island: NumPy and the standard library only, short files, and no torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import deepglass.glass

ROOT = Path(deepglass.glass.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
BESIDE = ("tiny.py", "classic", "foundations")  # read on their own: the first page, and what comes before networks
BUDGET = 4700  # lines of code; weights that are computed from others took 76
ALLOWED = sys.stdlib_module_names | {"numpy"}


def imports(path):
    """(level, module) of every import of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_numpy_the_standard_library_and_the_engine_only(path):
    depth = len(path.relative_to(ROOT).parts)
    for level, module in imports(path):
        inside = 0 < level <= depth or module.startswith("deepglass.glass")
        assert inside or (level == 0 and module.split(".")[0] in ALLOWED), f"{path.name} imports {module}"


def test_importing_the_engine_loads_no_torch():
    code = "import sys, deepglass.glass; sys.exit('torch' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


def code_lines(path):
    """How many lines are neither blank nor comment nor docstring."""
    text = path.read_text()
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docs = [n.body[0] for n in nodes if ast.get_docstring(n) is not None]
    inside = {number for doc in docs for number in range(doc.lineno, doc.end_lineno + 1)}
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and line.strip()[0] != "#" and number not in inside for number, line in lines)


def test_the_engine_can_be_read_in_an_afternoon():
    """If it grows past this, something has to go: say what was left out."""
    engine = [path for path in FILES if path.relative_to(ROOT).parts[0] not in BESIDE]
    assert sum(map(code_lines, engine)) <= BUDGET
