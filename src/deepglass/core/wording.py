"""Words for messages: short lists of long things."""

import re
from collections.abc import Iterable, Sequence
from typing import Any


def listing(items: Iterable[Any], limit: int = 5) -> str:
    """`3, 9, 17, 21, 40 … (12 in all)`."""
    items = [str(item) for item in items]
    if len(items) <= limit:
        return ", ".join(items)
    return f"{', '.join(items[:limit])} … ({len(items)} in all)"


def numbered(noun: str, numbers: Sequence[int], limit: int = 5) -> str:
    """`line 7`, or `lines 3, 9, 17 … (12 in all)`."""
    return f"{noun if len(numbers) == 1 else noun + 's'} {listing(numbers, limit)}"


def counted(number: int, noun: str) -> str:
    """`1 row`, `1,200 rows`, `3 classes`."""
    plural = noun + ("es" if noun.endswith(("s", "x", "ch")) else "s")
    return f"{number:,} {noun if number == 1 else plural}"


def short(number: float, unit: str = "") -> str:
    """`850`, `11.7 M`, `46.8 MB`: three digits and a prefix of thousands."""
    prefixes = ("", "k", "M", "G", "T", "P")
    power = min(len(prefixes) - 1, max(0, (len(f"{number:.0f}") - 1) // 3))
    return f"{number / 1000**power:.3g} {prefixes[power]}{unit}".rstrip()


def shortened(text: str, most: int = 100) -> str:
    """A text of at most so many characters, of which the last one says where it was cut.

    Example:
        >>> shortened("as long as it was", most=9)
        'as long …'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def in_markdown(text: str) -> str:
    """A text for a line of Markdown: a name inside it, wherever it comes from, is not taken for HTML, link or line."""
    text = " ".join(text.split("\n")).replace("\r", " ")
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("[", "&#91;")):
        text = text.replace(character, entity)
    return text


def in_backticks(text: str) -> str:
    """A text as code in a line of Markdown, whatever it holds (CommonMark 0.31, section 6.1)."""
    text = " ".join(text.split())
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"
