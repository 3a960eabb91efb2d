"""Which column of a table holds the sentences that are to be written, and which those that are read."""

from typing import Any

import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.table import require_column

NAMES = ("target", "translation", "tgt", "trg", "caption", "sentence", "text")  # of what is written, the surest first


def guess_target_sentences(table: Table, config: DataConfig) -> tuple[str, Guess]:
    """The column of sentences that are to be written: the one with a usual name, or the second of two columns of words.

    Raises:
        OptionError: If the column that was asked for is absent.
        DataError: If there is none.
    """
    if config.target:
        require_column(table.frame, config.target, "--target")
        return config.target, Guess("target", config.target, "as asked", "--target")
    if table.target:
        return table.target, Guess("target", table.target, "the data say so", "--target")
    columns = [name for name in columns_of_words(table.frame) if name != config.text_column]
    if not columns:
        raise DataError(f"{table.name} has no column of sentences that could be written: name one with --target COLUMN")
    by_name = {name.lower(): name for name in reversed(columns)}
    if usual := next((by_name[name] for name in NAMES if name in by_name), None):
        return usual, Guess("target", usual, "a usual name", "--target")
    place = 1 if len(columns) > 1 and config.text_column is None else 0
    why = "the second column of words" if place else "the first other column of words"
    return columns[place], Guess("target", columns[place], why, "--target")


def guess_source_sentences(table: Table, config: DataConfig, target: str) -> tuple[str, Guess]:
    """The column of sentences that are read: the first of words that is not the target.

    Raises:
        OptionError: If the column that was asked for is absent.
        DataError: If there is none.
    """
    if config.text_column:
        require_column(table.frame, config.text_column, "--text-column")
        return config.text_column, Guess("text column", config.text_column, "as asked", "--text-column")
    columns = [name for name in columns_of_words(table.frame) if name != target]
    if not columns:
        raise DataError(
            f"{table.name} has one language alone, in column {target!r}: expected a second column with the same "
            "sentences in the other; name them with --text-column and --target"
        )
    return columns[0], Guess("text column", columns[0], "the first column of words", "--text-column")


def columns_of_words(frame: pd.DataFrame) -> list[str]:
    """Columns whose cells are words: neither numbers nor times."""
    return [name for name in frame.columns if _is_of_words(frame[name])]


def _is_of_words(cells: pd.Series) -> bool:
    cells = cells.dropna()
    is_other: Any = pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells)
    return len(cells) > 0 and not is_other
