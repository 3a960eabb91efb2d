"""The structure of the package: imports go one way, without a circle; names with an underscore stay at home."""

import ast
import importlib
import importlib.util
from pathlib import Path

import pytest

from deepglass.core.catalogue import PACKAGE

FLOORS = (  # each may import itself and what is named before it
    "core", "glass", "models", "attacks", "data", "backtest", "zoo", "training", "rivals", "evaluate", "draw",
    "painting", "tasks", "runs", "tuning", "rl", "explain", "diagnosis", "audit", "deploy", "frameworks", "see", "api",
    "course", "lessons", "cli", "__main__",
)  # fmt: skip
ISLANDS = {
    "core": set(),
    "glass": set(),
    "models": {"core"},
    "attacks": {"core"},
    "data": {"core"},
}  # may import nothing else at all


def name_of(path: Path) -> str:
    parts = ("deepglass", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in PACKAGE.rglob("*.py")}


def imports_of(path: Path) -> set[str]:
    """Modules of the package that a file imports, wherever in the file, also for types alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "deepglass":
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                found.add(below if below in MODULES else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "deepglass"}
    return found


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """What each module imports."""
    return {name: imports_of(path) for name, path in MODULES.items()}


def folder_of(module: str) -> str:
    """The floor of a module; empty for the package itself, which offers names of many floors lazily."""
    return module.split(".")[1] if "." in module else ""


def home_of(module: str) -> str:
    return module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]


def test_every_folder_has_its_floor():
    assert {folder_of(name) for name in MODULES} - {""} == set(FLOORS)


def test_imports_go_down(imports):
    up = [
        f"{name} imports {other}"
        for name, others in imports.items()
        for other in others
        if folder_of(name) and folder_of(other) and FLOORS.index(folder_of(other)) > FLOORS.index(folder_of(name))
    ]
    assert not up


@pytest.mark.parametrize("floor", ISLANDS)
def test_islands_import_nothing_else(floor, imports):
    allowed = ISLANDS[floor] | {floor}
    others = {(name, other) for name in imports if folder_of(name) == floor for other in imports[name]}
    assert not {(name, other) for name, other in others if folder_of(other) and folder_of(other) not in allowed}


def test_nothing_turns_in_a_circle(imports):
    """Modules that import nothing which is left are taken away until none is left."""
    left = {name: {other for other in others if other in MODULES and other != name} for name, others in imports.items()}
    while free := [name for name, others in left.items() if not others]:
        for name in free:
            del left[name]
        left = {name: others - set(free) for name, others in left.items()}
    assert not left


def test_names_with_an_underscore_are_used_in_their_folder_alone(imports):
    outside = [
        f"{name} imports {other}"
        for name, others in imports.items()
        for other in others
        if other.rpartition(".")[2].startswith("_") and other in MODULES and home_of(name) != other.rpartition(".")[0]
    ]
    assert not outside


@pytest.mark.slow("imports every module")
@pytest.mark.parametrize("folder", [PACKAGE, Path(__file__).parents[1] / "bench"], ids=["package", "bench"])
def test_every_name_that_is_imported_exists(folder):
    """Those inside functions too, and in benchmarks: nothing else looks at them before somebody needs them."""
    missing = []
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("deepglass", "bench"):
                missing += [f"{path.name}: {node.module}.{name}" for name in absent(node.module, node.names)]
    assert not missing


def absent(module, aliases):
    """Those names that `from module import …` would not find."""
    found = importlib.import_module(module)
    names = [alias.name for alias in aliases if not hasattr(found, alias.name)]
    is_package = hasattr(found, "__path__")
    return [name for name in names if not (is_package and importlib.util.find_spec(f"{module}.{name}"))]


def test_what_a_file_is_said_to_hold_is_not_empty(imports):
    assert len(MODULES) > 300
    assert imports["deepglass.training.loop"] >= {"deepglass.training.plan", "deepglass.training.state"}
