"""Who looks at whom: the weights of attention as a table of tokens, token by token, and what comes next."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepglass.core.errors import ShapeError
from deepglass.course.widgets.widget import Widget, on_page, state
from deepglass.draw.drawing import numbers


class Attention(Widget):
    """State of the table; `at` is the token that looks, `head` the title of the table."""

    rows = state([])
    columns = state([])
    tables = state({})
    following = state([])
    head = state("")
    at = state(0)
    seconds = state(1.2)
    waits_for = state("")

    def positions(self) -> list[dict[str, Any]]:
        """Every row of every table."""
        return [{"head": head, "at": row} for head in self.tables for row in range(len(self.rows))]


def attention(
    tables: Any,
    tokens: Sequence[str],
    *,
    looked_at: Sequence[str] = (),
    following: Sequence[Mapping[str, float]] = (),
    start: int = 0,
    seconds: float = 1.2,
    name: str = "",
    label: str = "",
    waits_for: str = "",
) -> Any:
    """A table of attention that plays row by row; `.value["at"]` and `.value["head"]` are what the reader chose.

    Args:
        tables: By title (of a head, of a layer) weights (rows, columns), each row summing to 1; or one table.
        tokens: What looks, one per row.
        looked_at: What is looked at, one per column; the same tokens if not said.
        following: For every row the probabilities of what comes next, by token; the likeliest few are shown.
        start: The row that is lit at first.
        seconds: A row.
        name: Under which other widgets follow its row, and the page's address keeps row and head.
        label: What is seen, for those who cannot see it.
        waits_for: Name of a guess; until it is made, the table rests at its first row.

    Raises:
        ShapeError: If tokens and tables do not fit each other.
    """
    named = {
        str(title): numbers(table) for title, table in (tables if isinstance(tables, Mapping) else {"": tables}).items()
    }
    columns, shape = list(looked_at or tokens), (len(tokens), len(looked_at or tokens))
    for title, table in named.items():
        if table.shape != shape:
            raise ShapeError(
                f"kit.attention: expected a table {shape} for these tokens, got {table.shape} {title}".strip()
            )
    if following and len(following) != len(tokens):
        raise ShapeError(f"kit.attention: expected what follows for each of {len(tokens)} tokens, got {len(following)}")
    return on_page(
        Attention(
            rows=list(tokens), columns=columns, at=start, head=next(iter(named)), seconds=seconds, name=name,
            label=label, tables={title: np.round(table, 4).tolist() for title, table in named.items()},
            following=[likeliest(choices) for choices in following], waits_for=waits_for,
        )
    )  # fmt: skip


def likeliest(choices: Mapping[str, float], count: int = 5) -> list[list[Any]]:
    """The likeliest tokens with their probabilities, the first first."""
    order = sorted(choices, key=lambda token: -float(choices[token]))
    return [[token, round(float(choices[token]), 4)] for token in order[:count]]
