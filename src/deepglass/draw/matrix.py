"""A table of numbers as coloured fields, with its rows and columns named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.errors import ShapeError
from deepglass.draw.drawing import numbers as as_numbers
from deepglass.draw.in_words import said, sentence, table_in_words
from deepglass.draw.pixels import LETTER, Pixels, border, colored, image, shortened, text, turned

WRITTEN = 12  # rows and columns up to which numbers are written
MOST_NAME, MOST_LEAN, LEAN = 92.0, 110.0, 0.72  # points for the name of a row and of a leaning column; of its width
AXIS, QUIET = 16.0, "fill: var(--soft)"  # points for what rows or columns are
STRENGTH = 0.6  # of the strongest colour where numbers stand upon it, so that they can be read by day and by night


def matrix(
    table: Any,
    rows: Sequence[Any] = (),
    columns: Sequence[Any] = (),
    *,
    numbers: bool | None = None,
    signed: bool | None = None,
    label: str = "",
    caption: str = "",
    xlabel: str = "",
    ylabel: str = "",
    width: float = 4.3,
) -> Pixels:
    """Fields as strong as their numbers; the alternative text says where the largest and the smallest are.

    Args:
        table: (R, C).
        rows: Their names.
        columns: Their names.
        numbers: Whether numbers are written into the fields; by default up to 12 × 12.
        signed: Whether orange is below zero and blue above; by default where something is below zero.
        label: What it shows, a phrase; the numbers follow by themselves.
        caption: For everybody, below.
        xlabel: What the columns are.
        ylabel: What the rows are.
        width: In inches.

    Raises:
        ShapeError: If it is no table, or names and table do not fit each other.
    """
    values, names = as_numbers(table), (list(map(str, rows)), list(map(str, columns)))
    if values.ndim != 2 or 0 in values.shape or any(len(n) not in (0, size) for n, size in zip(names, values.shape)):
        named = f"{len(names[0])} names of rows and {len(names[1])} of columns"
        raise ShapeError(
            f"kit.matrix: expected (R, C) and a name for each row and column, got {values.shape} and {named}"
        )
    written = max(values.shape) <= WRITTEN if numbers is None else numbers
    below = bool((values < 0).any()) if signed is None else signed
    plan = Plan.of(values.shape, *names, (xlabel, ylabel), 72 * width, written)
    top, strength = float(np.nanmax(abs(values))) or 1.0, STRENGTH if written else 1.0
    box = (plan.left, plan.head, plan.side * values.shape[1], plan.tall * values.shape[0])
    body = [image(colored(np.nan_to_num(values), "signed" if below else "much", top, strength), *box), border(*box)]
    body += [*plan.named(*names), *(plan.numbers(values) if written else ()), *plan.axes(xlabel, ylabel, box)]
    axes = f"Rows are {ylabel}, columns {xlabel}" if xlabel and ylabel else ""
    words = sentence(label, axes, table_in_words(values, *names))
    return Pixels("".join(body), (72 * width, box[1] + box[3] + 2), words, caption, width)


@dataclass(frozen=True)
class Plan:
    """Where everything is, in points: fields begin at (left, head) and measure side × tall."""

    left: float
    head: float
    side: float
    tall: float
    is_steep: bool

    @classmethod
    def of(
        cls, shape: tuple[int, ...], rows: list[str], columns: list[str], labels: tuple[str, str], width: float,
        written: bool,
    ) -> "Plan":  # fmt: skip
        """The plan for a table of this shape; names of columns lean where they are wider than their fields."""
        left = (min(MOST_NAME, max(map(len, rows)) * LETTER + 10) if rows else 0.0) + AXIS * bool(labels[1])
        side, longest = (width - left) / shape[1], max(map(len, columns), default=0) * LETTER
        is_steep = longest > side - 2
        if is_steep:  # the last name leans out to the right
            side = min(side, (width - left - LEAN * min(longest, MOST_LEAN)) / (shape[1] - 0.5))
        head = (LEAN * min(longest, MOST_LEAN) + 14 if is_steep else 18.0) if columns else 2.0
        return cls(left, head + AXIS * bool(labels[0]), side, min(side, 30.0) if written else side, is_steep)

    def middle(self, i: int, j: int) -> tuple[float, float]:
        """Of a field, where the line of its number stands."""
        return self.left + self.side * (j + 0.5), self.head + self.tall * (i + 0.5) + 4

    def named(self, rows: list[str], columns: list[str]) -> list[str]:
        """Names left of the rows and above the columns."""
        body = [
            text(shortened(name, MOST_NAME), self.left - 5, self.middle(i, 0)[1], "end") for i, name in enumerate(rows)
        ]
        for j, name in enumerate(columns):
            x, y = self.middle(0, j)[0], self.head - 5
            leaning = text(shortened(name, MOST_LEAN), 0, 0, "start")
            body.append(turned(leaning, x, y, -45) if self.is_steep else text(name, x, y))
        return body

    def numbers(self, values: np.ndarray) -> list[str]:
        """A number in every field."""
        size, digits = f"font-size: {min(11.0, self.side / 3.2):.1f}px", 2 if self.side < 40 else 3
        return [text(said(float(v), digits), *self.middle(i, j), style=size) for (i, j), v in np.ndenumerate(values)]

    def axes(self, xlabel: str, ylabel: str, box: tuple[float, float, float, float]) -> list[str]:
        """What columns and rows are."""
        above = [text(xlabel, box[0] + box[2] / 2, 11, style=QUIET)] if xlabel else []
        beside = [turned(text(ylabel, 0, 0, style=QUIET), 11, box[1] + box[3] / 2, -90)] if ylabel else []
        return above + beside
