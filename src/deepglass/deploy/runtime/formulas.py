"""Cells of a CSV that a spreadsheet would take for formulas.

A name that begins with = + - @ or a tab runs as a formula when the file is opened, wherever the name came from. OWASP,
CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection: an apostrophe before it makes it text.
"""

from typing import Any

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the last four as wide characters


def harmless(cell: Any) -> Any:
    """The cell, with an apostrophe where a spreadsheet would compute it; numbers stay numbers."""
    if not isinstance(cell, str) or not cell.lstrip(" ").startswith(BEGINNINGS) or _is_number(cell):
        return cell
    return "'" + cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and "_" not in text
