"""Docstrings and comments name files, modules, functions and options that exist."""

import ast
import builtins
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from deepglass.core.catalogue import PACKAGE

ROOT = PACKAGE.parents[1]  # of the repository, where there is one
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] != "lessons"]
ELSEWHERE = {  # named on purpose, and not ours
    "--nproc-per-node", "--max-restarts", "--rdzv-id",  # of torchrun
    "--require-hashes", "--script", "--build-arg",  # of pip, uv and docker
    "model.py", "MODEL_CARD.md", "README.md",  # that are written
    "NAME.py", "NAME.js", "x.exp_", "x.op_",  # for many
    "deepglass.schema",  # a key in the metadata of an ONNX file
    "cross_val_score", "settings__dropout", "settings__NAME", "model_stats",  # of scikit-learn and Triton
    "weights_only", "use_sliding_window",  # of PyTorch and transformers
    "X_test", "train_images", "val_labels", "x_train", "user_id",  # in files of users
}  # fmt: skip


@cache
def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def names_of_files() -> frozenset[str]:
    return frozenset(path.name for path in PACKAGE.rglob("*"))


@cache
def nodes(text: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(text)))


@cache
def said(text: str) -> list[tuple[int, str]]:
    """Lines and words of all docstrings and comments."""
    found = [(node.body[0].lineno, ast.get_docstring(node) or "") for node in nodes(text) if is_documented(node)]  # type: ignore
    comments = ((number, re.search(r"(?:^|\s)# .*", line)) for number, line in enumerate(text.splitlines(), 1))
    return found + [(number, comment[0]) for number, comment in comments if comment]


@cache
def known_words() -> frozenset[str]:
    """Names and strings in the code of the whole package; of strings the words, as in `"gzip_bytes"`."""
    found: set[str | None] = set(dir(builtins))
    for path in PACKAGE.rglob("*.py"):
        tree = nodes(source(path))
        docs = {id(node.body[0].value) for node in tree if is_documented(node)}  # type: ignore[attr-defined]
        for node in tree:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                found |= set(re.findall(r"\w+", node.value))
            elif isinstance(node, ast.alias):
                found |= set(f"{node.name}.{node.asname or ''}".split("."))
            else:
                found |= {getattr(node, each, None) for each in ("id", "attr", "arg", "name")}
    return frozenset(filter(None, found))


def is_documented(node: ast.AST) -> bool:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None


@cache
def known_options() -> frozenset[str]:
    """Fields of all settings, parameters of commands, and options that are written out where they are read."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        is_command = path.relative_to(PACKAGE).parts[0] == "cli"
        for node in nodes(source(path)):
            if isinstance(node, ast.ClassDef):
                found |= {part.target.id for part in node.body if isinstance(part, ast.AnnAssign)}  # type: ignore[union-attr]
            elif isinstance(node, ast.Call) and node.args and isinstance(node.args[-1], ast.Constant):
                found |= {str(one.value).lstrip("-") for one in node.args if isinstance(one, ast.Constant)}
            elif is_command and isinstance(node, ast.arguments):
                found |= {one.arg for one in node.args + node.kwonlyargs}
    return frozenset(str(name).replace("_", "-") for name in found)


def lacks_file(name: str, path: Path) -> bool:
    if "/" not in name:
        return name not in names_of_files()
    places = (PACKAGE, PACKAGE.parent, path.parent, path.parent.parent, ROOT)
    if (ROOT / "pyproject.toml").exists() or not name.startswith(("bench/", "tests/")):
        return not any((place / name).exists() for place in places)
    return False


def lacks_module(name: str, path: Path) -> bool:
    parts = name.split(".")[1:]
    place = PACKAGE
    while parts and (place / parts[0]).is_dir():
        place /= parts.pop(0)
    if parts and (place / f"{parts[0]}.py").exists():
        place = place / f"{parts.pop(0)}.py"
    inside = place if place.suffix else place / "__init__.py"
    return len(parts) > 1 or any(part not in names_at_top(source(inside)) for part in parts)


def names_at_top(text: str) -> set[str]:
    defined = re.findall(r"^(?:def|class|async def)? ?(\w+)", text, re.MULTILINE)
    return {*defined, *re.findall(r"\"(\w+)\"", text)}


def lacks_word(name: str, path: Path) -> bool:
    return name.split(".")[-1] not in known_words()


def lacks_option(name: str, path: Path) -> bool:
    return not {name[2:], name.removeprefix("--no-")} & known_options()


KINDS: dict[str, tuple[str, Callable[[str, Path], bool]]] = {
    "file": (r"(?<![\w/.:{<-])((?:\w+/)*\w+(?:\.html)?\.(?:py|js|css|md|j2))\b(?!\()", lacks_file),
    "module": (r"(?<![\w/.])(deepglass(?:\.\w+)+)", lacks_module),
    "function": (r"`([A-Za-z_][\w.]*)\(", lacks_word),
    "name": (r"`((?:[a-z]\w*\.)*(?:_\w+|[A-Za-z]\w*_\w+))`", lacks_word),
    "option": (r"(?<![\w-])(--[a-z][a-z-]*[a-z])", lacks_option),
}


def missing(kind: str, path: Path, text: str) -> list[str]:
    pattern, lacks = KINDS[kind]
    return [
        f"{path.name}:{line}: {name}"
        for line, words in said(text)
        for name in re.findall(pattern, words)
        if name not in ELSEWHERE and lacks(name, path)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_docstrings_and_comments_name_exists(kind):
    assert not [found for path in FILES for found in missing(kind, path, source(path))]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("file", '"""See data/gone.py."""'),
        ("file", "x = 1  # as `gone.py` does"),
        ("module", 'def f():\n    """See `deepglass.data.check.gone`."""'),
        ("module", '"""See deepglass.api.gone."""'),
        ("function", '"""As `gone_long_ago(x)` says."""'),
        ("name", '"""See `gone_long_ago`."""'),
        ("option", "# --gone-long-ago"),
    ],
)
def test_what_is_gone_is_found(kind, text):
    assert len(missing(kind, PACKAGE / "data" / "check.py", text)) == 1
