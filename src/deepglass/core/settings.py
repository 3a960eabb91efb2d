"""Settings: frozen dataclasses from which the command line, the run's configuration and the help all grow.

A settings class is written once, with a type, a default and a comment that says why that default:

    @dataclass(frozen=True)
    class Config:
        num_layers: int = 4  # blocks; four reach 1.6 nats on a megabyte of text in minutes

A class may inherit settings from another file of the package, as a task does from its inputs: these come first.
Its file is parsed, not imported: `--help` needs no torch.
"""

import ast
import dataclasses
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deepglass.core.catalogue import PACKAGE, tree_of, unknown
from deepglass.core.errors import OptionError


@dataclass(frozen=True)
class Setting:
    """One field of a settings class."""

    name: str
    kinds: tuple[str, ...]  # of "int", "float", "str", "bool", "None", in the order of the annotation
    choices: tuple[str | int, ...]  # the literals that are allowed; empty where anything goes
    default: Any
    help: str

    @property
    def option(self) -> str:
        """The spelling on the command line."""
        return "--" + self.name.replace("_", "-")

    def parse(self, value: Any) -> Any:
        """Convert `value`, as typed on a command line or read from JSON, to the setting's type.

        Raises:
            OptionError: If it does not fit; says what is expected.
        """
        if value is None and "None" in self.kinds:
            return None
        for choice in self.choices:
            if str(value) == str(choice):
                return choice
        for kind in self.kinds:
            if (parsed := _as_kind(kind, value)) is not None:
                return parsed
        expected = [kind for kind in self.kinds if kind != "None"] + [repr(choice) for choice in self.choices]
        raise OptionError(f"{self.option}: expected {' or '.join(expected)}, got {value!r}")


def settings_of(path: Path, class_name: str = "Config") -> list[Setting]:
    """Read the fields of a settings class from its source file, inherited ones first; an absent class has none."""
    return list(_settings_of(path, class_name))


def build(cls: type, settings: list[Setting], values: dict[str, Any]) -> Any:
    """Make an instance of a settings class from loose values.

    Raises:
        OptionError: If a name is unknown or a value does not fit.
    """
    by_name = {setting.name: setting for setting in settings}
    return cls(**{name: by_name[name].parse(value) for name, value in known_only(values, settings).items()})


def known_only(values: dict[str, Any], settings: list[Setting]) -> dict[str, Any]:
    """`values`, after checking that each names a setting.

    Raises:
        OptionError: If one does not; suggests the nearest.
    """
    names = [setting.name for setting in settings]
    for name in values:
        if name not in names:
            raise OptionError(unknown("option", name, names))
    return values


def changed(values: dict[str, Any], settings: list[Setting]) -> dict[str, Any]:
    """Those of `values` that differ from the default of their setting: who asks for the default asks for nothing.

    Raises:
        OptionError: If a value does not fit its setting.
    """
    by_name = {setting.name: setting for setting in settings}
    parsed = {name: by_name[name].parse(value) for name, value in values.items() if name in by_name}
    return {name: value for name, value in parsed.items() if value != by_name[name].default}


def as_dict(config: Any) -> dict[str, Any]:
    """A settings object as plain data."""
    return dataclasses.asdict(config)


@cache  # like the syntax of the file
def _settings_of(path: Path, class_name: str) -> tuple[Setting, ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in tree_of(path).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            own = [_setting(field, lines) for field in node.body if isinstance(field, ast.AnnAssign)]
            inherited = [setting for base in reversed(node.bases) for setting in _of_base(base, path)]
            return tuple({setting.name: setting for setting in (*inherited, *own)}.values())  # as a dataclass has them
    return ()


def _of_base(base: ast.expr, path: Path) -> list[Setting]:
    """The settings of a base class, which is written as `Options` of the same file or of an imported one."""
    place = _imported(path)
    if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):  # columns.Options
        module, name = place.get(base.value.id, ("", ""))
        return settings_of(_file_of(f"{module}.{name}"), base.attr)
    if isinstance(base, ast.Name):
        module, name = place.get(base.id, ("", base.id))
        return settings_of(_file_of(module) if module else path, name)
    return []


def _imported(path: Path) -> dict[str, tuple[str, str]]:
    """By the names that a file gives them: from which module what is imported at its top."""
    found = [node for node in tree_of(path).body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: (node.module or "", alias.name) for node in found for alias in node.names}


def _file_of(module: str) -> Path:
    """The file of a module of the package."""
    path = PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _setting(field: ast.AnnAssign, lines: list[str]) -> Setting:
    kinds, choices = _annotation(field.annotation)
    line = lines[(field.end_lineno or field.lineno) - 1]
    comment = line[field.end_col_offset :].partition("#")[2].strip()
    default = ast.literal_eval(field.value) if field.value else None
    return Setting(field.target.id, kinds, choices, default, comment)  # type: ignore[union-attr]


def _annotation(node: ast.expr) -> tuple[tuple[str, ...], tuple[str | int, ...]]:
    """`int | Literal["auto"] | None` → (("int", "None"), ("auto",))."""
    if isinstance(node, ast.BinOp):
        left, right = _annotation(node.left), _annotation(node.right)
        return left[0] + right[0], left[1] + right[1]
    if isinstance(node, ast.Subscript):  # Literal[...]
        return (), tuple(ast.literal_eval(choice) for choice in getattr(node.slice, "elts", [node.slice]))
    return (ast.unparse(node),), ()


def _as_kind(kind: str, value: Any) -> Any:
    try:
        if kind == "bool":
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
                str(value).lower()
            )
        if kind == "int":
            return int(value) if float(value) == int(float(value)) and not isinstance(value, bool) else None
        if kind == "float":
            return float(value)
        if kind == "str":
            return _listed(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None


def _listed(value: Any) -> str:
    """Text; several names in Python are names with commas between them on the command line."""
    if isinstance(value, dict):
        value = [f"{name}={part}" for name, part in value.items()]
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
