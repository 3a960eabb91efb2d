"""Names and cells as people read them, on the terminal and on the page."""

from typing import Any

MIDNIGHT = " 00:00:00"


def named(name: Any) -> str:
    """A name whose blanks can be seen."""
    return repr(name) if str(name) != str(name).strip() or not str(name) else str(name)


def cell(value: Any) -> str:
    """Of a table: numbers with six digits, a day without its midnight."""
    if value is None:
        return "empty"
    return f"{value:.6g}" if isinstance(value, float) else str(value).removesuffix(MIDNIGHT)
