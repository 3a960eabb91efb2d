"""Small tables of numbers on the page."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from deepglass.draw.drawing import Marked
from deepglass.draw.in_words import said

NUMBER = ' class="number"'


def table(rows: Mapping[str, Any] | Sequence[Mapping[str, Any]], caption: str = "") -> Marked:
    """A table; numbers are rounded to three digits that count, and stand to the right.

    Args:
        rows: Names and values, one below the other; or a list of rows, each by the names of its columns.
        caption: Below it.
    """
    if isinstance(rows, Mapping):
        head, cells = [], [[name, value] for name, value in rows.items()]
    else:
        head = list(dict.fromkeys(name for row in rows for name in row))
        cells = [[row.get(name, "") for name in head] for row in rows]
    counts = [all(not isinstance(row[i], str) for row in cells) for i in range(len(head))]
    titles = "".join(f'<th scope="col"{NUMBER * is_}>{escape(str(name))}</th>' for name, is_ in zip(head, counts))
    titles = f"<thead><tr>{titles}</tr></thead>" if head else ""
    lines = ("".join(cell(value, i) for i, value in enumerate(row)) for row in cells)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    below = f"<caption>{escape(caption)}</caption>" if caption else ""
    return Marked(f'<table class="dg-table">{below}{titles}<tbody>{body}</tbody></table>')


def cell(value: Any, column: int) -> str:
    """A field; the first of a row is its name."""
    kind, words = NUMBER * (not isinstance(value, str)), escape(said(value))
    return f'<th scope="row"{kind}>{words}</th>' if column == 0 else f"<td{kind}>{words}</td>"
