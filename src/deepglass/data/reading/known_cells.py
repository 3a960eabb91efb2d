"""New data are read as the training data were: every column by its format, and what does not fit is an error.

A cell means the same wherever it comes from: as text of a file, as a number or a date of a frame, in a record. A number
that arrives as one is taken in the unit of the column; a code that lost its zeros gets them back.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.reading._number_columns import without_sentinels
from deepglass.data.reading.dates import KEEPS_CLOCK
from deepglass.data.reading.missing import OF_NUMBERS
from deepglass.data.reading.table_format import ColumnFormat, TableFormat
from deepglass.data.reading.typed_columns import (
    hours_of,
    is_duration,
    is_words,
    plain,
    taken_apart,
    typed_numbers,
    without_zone,
)
from deepglass.data.reading.words import Words
from deepglass.data.reading.zones import zone_written

Locate = Callable[[np.ndarray], str]


def read_cells(frame: pd.DataFrame, format: TableFormat, locate: Locate, guesses: list[Guess]) -> pd.DataFrame:
    """The columns of a frame that the format knows, typed as in training; others are left out.

    Args:
        frame: Columns of any type and in any order.
        locate: Says where rows are, for messages.
        guesses: Takes what was read otherwise than it was written.

    Raises:
        DataError: If a cell does not fit a column that is needed; names column, cell, place and the expected form.
    """
    reader = _Reader(format, locate, guesses)
    index, given, columns = frame.index, taken_apart(frame), {}
    del frame  # its columns go one by one, where nobody else holds it
    for name in [name for name in given if name in format.by_name and name not in format.left_out]:
        try:
            columns[name] = reader.read(plain(given.pop(name)), format.by_name[name])
        except DataError:
            if format.needed is None or name in format.needed:
                raise
    result = pd.DataFrame(columns, index=index)
    if reader.zones:  # pandas copies what is in attrs for every column that is taken out
        result.attrs["zones"] = reader.zones
    return result


class _Reader:
    """Reads columns by their formats."""

    def __init__(self, format: TableFormat, locate: Locate, guesses: list[Guess]):
        self.format, self.locate, self.guesses = format, locate, guesses
        self.zones: dict[str, str] = {}  # of the columns whose times came with offsets and are kept in UTC

    def read(self, column: pd.Series, format: ColumnFormat) -> pd.Series:
        """One column."""
        match format.kind:
            case "number":
                return self._numbers(column, format)
            case "date":
                return self._dates(column, format)
            case "truth":
                return column if column.dtype == bool else self._truth(column, format)
            case "empty":
                return pd.Series(np.nan, index=column.index, name=column.name)
        return self._words(column, format)

    def _numbers(self, column: pd.Series, format: ColumnFormat) -> pd.Series:
        assert format.number is not None
        if is_words(column):
            typed, column = typed_numbers(column)
            words = Words.of(column)
            known = ~words.isin((*self.format.missing, *OF_NUMBERS))
            values, present = np.full(len(words.cells), np.nan), format.number.parse(words.chosen(known))
            self._require_fit(
                words, known, np.isnan(present), f"a number written like {format.number.example()}", format
            )
            if known.all():
                values = present
            else:
                values[known] = present
            column = words.spread(values) if len(values) else words.series(np.nan)
            column = column if typed is None else column.astype(np.float64).fillna(typed)
        elif is_duration(column) and format.number.is_clock:
            column = hours_of(column)
        elif column.dtype == bool or is_duration(column) or pd.api.types.is_datetime64_any_dtype(column):
            self._refuse_type(column, format, "numbers")
        return without_sentinels(column, self.format.sentinels, self.locate)

    def _dates(self, column: pd.Series, format: ColumnFormat) -> pd.Series:
        assert format.date is not None
        if pd.api.types.is_datetime64_any_dtype(column):
            if format.date.clock != KEEPS_CLOCK:
                self._note_zone(format.name, getattr(column.dtype, "tz", None))
            return without_zone(column, format.date.clock)
        if not is_words(column):
            times = (
                format.date.from_numbers(column.to_numpy(np.float64, na_value=np.nan)) if column.dtype != bool else None
            )
            odd = column.notna().to_numpy() & (np.isnat(times) if times is not None else True)
            if odd.any():
                self._refuse_cells(column[odd], odd, f"a date written like {format.date.says()}", format)
            return pd.Series(np.full(len(column), np.datetime64("NaT", "us")) if times is None else times, column.index)
        words = Words.of(column)
        known = ~words.isin((*self.format.missing, *OF_NUMBERS))
        times, present = np.full(len(words.cells), np.datetime64("NaT", "us")), format.date.parse(words.chosen(known))
        self._require_fit(words, known, np.isnat(present), f"a date written like {format.date.says()}", format)
        times[known] = present
        if format.date.clock != KEEPS_CLOCK and format.date.offsets:
            self._note_zone(format.name, zone_written(words.chosen(known), present))
        return words.spread(times) if len(times) else words.series(np.datetime64("NaT", "us"))

    def _note_zone(self, name: str, zone: Any) -> None:
        if zone is not None:
            self.zones[name] = str(zone)

    def _truth(self, column: pd.Series, format: ColumnFormat) -> pd.Series:
        """True and False, in any case of letters; with gaps or other words, objects."""
        words = Words.of(column)
        missing = words.isin(self.format.missing)
        values = {"true": True, "false": False}
        cells = [
            None if gap else values.get(cell.lower(), cell) for cell, gap in zip(words.stripped.to_pylist(), missing)
        ]
        found = words.spread(np.array(cells, dtype=object))
        return found.astype(bool) if all(isinstance(cell, bool) for cell in found.unique()) else found

    def _words(self, column: pd.Series, format: ColumnFormat) -> pd.Series:
        words = Words.of(column)
        marks = ("",) if format.kind == "text" else tuple(m for m in self.format.missing if m not in format.kept)
        if not format.width:
            return words.categories(words.isin(marks))
        cells = words.stripped.to_pylist()
        codes = [_padded(cell, format.width) for cell in cells]
        if changed := [(cell, code) for cell, code in zip(cells, codes) if cell != code]:
            why = f"such as {changed[0][0]}, read as {changed[0][1]}"
            self.guesses.append(Guess(format.name, f"{counted(len(changed), 'code')} without zeros in front", why, ""))
        return words.categories(words.isin(marks), pa.array(codes, pa.string()))

    def _require_fit(
        self, words: Words, known: np.ndarray, odd: np.ndarray, expected: str, format: ColumnFormat
    ) -> None:
        if odd.any():
            stray = np.zeros(len(words.cells), bool)
            stray[np.flatnonzero(known)[odd]] = True
            self._raise(words.chosen(stray).to_pylist(), words.rows_of(stray), expected, format)

    def _refuse_cells(self, cells: pd.Series, odd: np.ndarray, expected: str, format: ColumnFormat) -> None:
        self._raise([f"{cell:g}" for cell in cells.unique()[:6].tolist()], np.flatnonzero(odd), expected, format)

    def _refuse_type(self, column: pd.Series, format: ColumnFormat, expected: str) -> None:
        kind = "truth values" if column.dtype == bool else "durations" if is_duration(column) else "dates"
        raise DataError(f"column {format.name!r} holds {kind}: expected {expected}, as in the training data")

    def _raise(self, cells: list[str], rows: np.ndarray, expected: str, format: ColumnFormat) -> None:
        raise DataError(
            f"column {format.name!r}: expected {expected}, as in the training data, got {listing(map(repr, cells))} in "
            f"{self.locate(rows)}; correct these cells, or leave them empty where the value is not known"
        )


def _padded(name: str, width: int) -> str:
    """A code of digits with the zeros that a spreadsheet took from it."""
    return name.zfill(width) if name.isdecimal() and len(name) < width else name
