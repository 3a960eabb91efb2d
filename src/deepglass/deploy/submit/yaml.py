"""YAML as far as it is needed here: read a document, say what is missing, move a line to the right."""

import textwrap
from typing import Any

from deepglass.core.errors import ExportError, MissingPackageError


def parsed(text: str) -> Any:
    """What a document says.

    Raises:
        MissingPackageError: If PyYAML is not installed.
        ExportError: If it is not YAML.
    """
    try:
        import yaml
    except ImportError:
        raise MissingPackageError("--check reads YAML with PyYAML: pip install pyyaml") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ExportError(f"the file is not YAML: {error}") from None


def required(fields: Any, types: dict[str, type]) -> list[str]:
    """A sentence for each field that is missing or of another type."""
    if not isinstance(fields, dict):
        return [f"expected the fields {', '.join(types)}, got {type(fields).__name__}"]
    return [
        f"{name}: expected {kind.__name__}, got {type(fields[name]).__name__ if name in fields else 'nothing'}"
        for name, kind in types.items()
        if not isinstance(fields.get(name), kind)
    ]


def indented(text: str, by: int) -> str:
    """Every line moved to the right."""
    return textwrap.indent(text, " " * by)
