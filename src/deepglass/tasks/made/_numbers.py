"""The numbers of a table as rows that a network makes: columns kept, scaled, and brought back to their units."""

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing, numbered
from deepglass.data.containers import Table
from deepglass.data.preprocess.number import Number, numbers_of
from deepglass.data.reading.columns import describe
from deepglass.data.reading.table import keep_rows, require_column

FEWEST_ROWS = 20  # to learn from, to choose by and to test with


def keep_number_rows(table: Table, columns: list[str] | None = None) -> tuple[list[str], list[Guess]]:
    """The columns of numbers, and the rows in which none of them is empty; what is left out is said.

    Args:
        table: Loses rows with an empty cell.
        columns: Those that are needed; all that hold numbers where none are named.

    Raises:
        DataError: If no column or too few rows are left.
        OptionError: If a column that is needed is absent.
    """
    guesses = []
    if columns is None:
        described = describe(table.frame)
        columns = [column.name for column in described if column.kind == "number"]
        if not columns:
            raise DataError(f"{table.name} has no column of numbers: expected one or more, of which new rows are made")
        if left := [column.name for column in described if column.kind != "number"]:
            guesses.append(Guess("columns left out", listing(left), "only numbers that vary are made", "--numbers"))
    for name in columns:
        require_column(table.frame, name, "the run needs")
    cells = np.stack([numbers_of(table.frame[name], name) for name in columns], axis=1)
    is_empty = np.isnan(cells).any(axis=1)
    if is_empty.any():
        places = numbered("row", (np.flatnonzero(is_empty) + 1).tolist())
        guesses.append(Guess("rows left out", f"{is_empty.sum():,}", f"a number is missing in {places}", "full rows"))
        keep_rows(table, ~is_empty)
    if len(table.frame) < FEWEST_ROWS:
        raise DataError(
            f"{table.name} has {counted(len(table.frame), 'row')} without an empty cell: expected at least "
            f"{FEWEST_ROWS}, to learn from, to choose by and to test with; add rows, or --ignore a column with gaps"
        )
    return columns, guesses


def to_rows(frame: pd.DataFrame, numbers: list[Number]) -> np.ndarray:
    """(N, F) float32, scaled."""
    rows = np.empty((len(frame), len(numbers)), np.float32)
    for place, number in enumerate(numbers):
        number.transform(frame[number.name], out=rows[:, place : place + 1])
    return rows


def from_rows(rows: np.ndarray, numbers: list[Number]) -> np.ndarray:
    """(N, F) float64 in the units of the table; what lies beyond the ends of a scale ends there."""
    columns = [np.interp(rows[:, place], number.scores, number.knots) for place, number in enumerate(numbers)]
    return np.stack(columns, axis=1)
