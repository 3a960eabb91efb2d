"""The columns that options name: each must be there, and have one part to play.

An option whose name ends in `_column` names a column; so do `--target` and `--ignore`.
"""

from dataclasses import fields

from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.reading.asked import listed
from deepglass.data.reading.table import require_column

LEAVES = ("split_column",)  # is taken out of the table while it is read, which checks that it is there
NO_ORDER = ("time_column", "none")  # rows do not follow each other in time


def require_parts(config: DataConfig) -> None:
    """Check that no column is given two parts; before anything is read.

    Raises:
        OptionError: If one is, or is left out by `--ignore` and named by another option.
    """
    parts: dict[str, str] = {}
    for name, column in named_columns(config).items():
        if column in parts:
            raise OptionError(
                f"{_option(parts[column])} and {_option(name)} both name {column!r}: leave one of them out"
            )
        parts[column] = name
    for column in ignored(config):
        if column in parts:
            raise OptionError(
                f"--ignore leaves out {column!r}, which {_option(parts[column])} names: drop one of the two"
            )


def require_named(data: Data, config: DataConfig) -> None:
    """Check that the columns that options name are there; a target list is the affair of its task.

    Raises:
        OptionError: If one is not; suggests the nearest name.
    """
    if isinstance(data, Table):
        for name, value in named_columns(config).items():
            if name not in LEAVES and name != "target" and (name, value) != NO_ORDER:
                for column in [value] if value in data.frame.columns else listed(value):
                    require_column(data.frame, column, _option(name))


def named_columns(config: DataConfig) -> dict[str, str]:
    """Option → column, of the target and of all options that end in `_column`."""
    names = [field.name for field in fields(config) if field.name == "target" or field.name.endswith("_column")]
    return {name: value for name in names if (value := getattr(config, name)) is not None}


def ignored(config: DataConfig) -> tuple[str, ...]:
    """The columns of `--ignore`."""
    return listed(config.ignore)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
