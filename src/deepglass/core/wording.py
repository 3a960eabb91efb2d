"""Words for messages: short lists of long things."""

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
