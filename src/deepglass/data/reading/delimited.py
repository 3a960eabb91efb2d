"""Delimited text files: commas, semicolons, tabs, bars or blanks between cells, gzipped or not.

The clean path is pyarrow's reader: several times faster than Python can look at rows, and every column is stored
once, plain numbers already typed. What it refuses goes the careful path (`_csv_lines.py`), which finds the line that is
broken and says so, or reads what is merely unusual. What the cells mean is decided in `cells.py`, or was before.
"""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.reading import encoding as encodings
from deepglass.data.reading._csv_facts import ColumnFacts, facts_of, has_padded_integers, is_doubtful
from deepglass.data.reading._csv_lines import is_regular, place, read_lines
from deepglass.data.reading.asked import listed
from deepglass.data.reading.cells import FileFacts, Typed, typed
from deepglass.data.reading.delimiters import sampled
from deepglass.data.reading.dialect import Dialect, guess_dialect, text_of
from deepglass.data.reading.known_cells import read_cells
from deepglass.data.reading.known_file import known_dialect
from deepglass.data.reading.missing import MissingMarks
from deepglass.data.reading.opening import is_gzip, opened
from deepglass.data.reading.table_format import TableFormat

BIG_CELLS = 20_000_000  # from here on, fractions are kept in float32: 80 MB instead of 160
TOTAL = re.compile(r"(?i)(grand |sub)?totals?\b|sum$|summe\b|gesamt|insgesamt|totale?$|suma$|somme$")


@acts_on("max_rows")
def read_delimited(path: Path, config: DataConfig) -> Typed:
    """Read and type a delimited file, and find out how it is written.

    Raises:
        DataError: If the file is missing, empty, ragged, badly quoted or wrongly encoded; names the line.
    """
    dialect, guesses = guess_dialect(path, config)
    marks = MissingMarks.of(config)
    rows = sampled(text_of(path, config)[0], dialect.delimiter, dialect.quote, dialect.comment)
    facts = facts_of(_below(rows, dialect), len(dialect.names), dialect.decimal, marks.all)
    always = {*listed(config.categories)}
    wanted = {name for name, fact in zip(dialect.names, facts) if fact.are_numbers and name not in always}
    source = _Source(path, dialect, config, marks.all, guesses)
    table = source.read(wanted, dict(zip(dialect.names, facts)))
    table, dialect = _without_total(table, source.dialect, config, guesses), source.dialect
    if not table.num_rows:
        raise DataError(f"{path} has no rows below its header: expected at least one; if line 1 is data, "
                        "pass --no-header")  # fmt: skip
    gaps = frozenset().union(*(fact.gaps for fact in facts))
    is_typed = any(not pa.types.is_large_string(field.type) for field in table.schema)
    file = FileFacts(dialect.decimal if is_typed else None, dialect.delimiter, gaps)
    columns = _columns_of(table)
    del table
    found = typed(_to_pandas(columns), config, lambda rows: place(path, dialect, rows), file)
    return Typed(found.frame, replace(found.format, file=dialect), guesses + found.guesses)


def read_known(path: Path, format: TableFormat, max_rows: int | None = None) -> Typed:
    """Read a delimited file as the training data were read.

    Raises:
        DataError: If the file does not fit the format; says what was expected.
    """
    dialect, guesses = known_dialect(path, format)
    plain = {c.name for c in format.columns if c.number and c.number.is_bare and c.number.decimal == dialect.decimal}
    source = _Source(path, dialect, DataConfig(max_rows=max_rows), format.missing, guesses)
    known = [name for name in dialect.names if name in format.by_name]
    table = source.read(plain & set(known), None).select(known)
    table, dialect = _without_total(table, source.dialect, DataConfig(), guesses), source.dialect
    if not table.num_rows:
        raise DataError(f"{path} has no rows below its header: expected at least one")
    columns = _columns_of(table)
    del table
    frame = read_cells(_to_pandas(columns), format, lambda rows: place(path, dialect, rows), guesses)
    return Typed(frame, format, guesses, tuple(name for name in dialect.names if name not in format.by_name))


class _Source:
    """A file that is read in the form that fits it; the form may turn out to be slightly another on the way."""

    def __init__(self, path: Path, dialect: Dialect, config: DataConfig, marks: tuple[str, ...], guesses: list[Guess]):
        self.path, self.dialect, self.config, self.marks, self.guesses = path, dialect, config, marks, guesses

    def read(self, numbers: set[str], facts: dict[str, ColumnFacts] | None) -> pa.Table:
        """The cells: columns of plain numbers as such where possible, all else as words.

        Args:
            numbers: Columns that may be plain numbers.
            facts: What the sample says of the columns; None where their form is known and needs no doubt.
        """
        form = self.dialect
        if form.padded_quotes or form.delimiter == " " or form.comment or self.config.max_rows:
            return self._carefully()
        table, is_text = self._try_arrow(list(form.names), numbers)
        if table is not None and (not _has_line_breaks(table) or is_regular(self.path, form)):
            return table if facts is None else self._without_doubts(table, facts)
        if not is_text and self.config.encoding is None and form.encoding == "utf-8":
            encoding, found = _whole_file_encoding(self.path)
            self.guesses.extend(found)
            self.dialect = replace(form, encoding=encoding)
            return self.read(numbers, facts)
        bare = replace(form, quote="")
        if (
            self.config.quoting is None
            and form.quote
            and not is_regular(self.path, form)
            and is_regular(self.path, bare)
        ):
            self.guesses.append(Guess("quoting", False, "a quotation mark is never closed", "--quoting"))
            self.dialect = bare
            return self.read(numbers, facts)
        return self._carefully()

    def _without_doubts(self, table: pa.Table, facts: dict[str, ColumnFacts]) -> pa.Table:
        """Columns of numbers that could have been written as codes or with thousands are read again, as words."""
        asked = {*listed(self.config.numbers)}
        doubtful = {name for name in table.column_names if is_doubtful(table.column(name), facts[name])}
        whole = [f.name for f in table.schema if pa.types.is_int64(f.type) and f.name not in asked]
        if whole and has_padded_integers(self.path, self.dialect.delimiter, self.dialect.encoding):
            doubtful |= {*whole}
        if not doubtful:
            return table
        again, _ = self._try_arrow([name for name in table.column_names if name in doubtful], set())
        if again is None:
            return self._carefully()
        for name in again.column_names:
            if name not in whole or _has_padding(again.column(name)):
                table = table.set_column(table.column_names.index(name), name, again.column(name))
        return table

    def _carefully(self) -> pa.Table:
        table, below = read_lines(self.path, self.dialect, self.config.max_rows)
        if below:
            self.dialect = replace(self.dialect, footer=len(below))
            first = " ".join(below[0].cells).strip()[:40]
            self.guesses.append(
                Guess("below the table", f"{counted(len(below), 'line')} left out", f"such as {first!r}", "")
            )
        return table

    def _try_arrow(self, columns: list[str], numbers: set[str]) -> tuple[pa.Table | None, bool]:
        """The columns if pyarrow takes the file, and whether its bytes are text in the encoding."""
        words = {name: pa.large_string() for name in columns if name not in numbers}
        try:
            table = self._arrow(columns, words)
        except (pa.ArrowInvalid, UnicodeError, OSError) as error:  # the careful path says what is wrong
            return None, "utf" not in str(error).lower()
        is_text = not any(pa.types.is_binary(field.type) for field in table.schema)
        return (table if is_text else None), is_text

    def _arrow(self, columns: list[str], words: dict[str, pa.DataType]) -> pa.Table:
        form = self.dialect
        decoding = {"utf-8-sig": "utf8", "utf-8": "utf8"}.get(form.encoding, form.encoding)
        with pa.input_stream(str(self.path), compression="gzip" if is_gzip(self.path) else None) as stream:
            return arrow_csv.read_csv(
                stream,
                arrow_csv.ReadOptions(
                    column_names=form.all_names, skip_rows=form.skip, encoding=decoding, block_size=1 << 22
                ),
                arrow_csv.ParseOptions(
                    delimiter=form.delimiter, quote_char=form.quote or False, newlines_in_values=True
                ),
                arrow_csv.ConvertOptions(
                    null_values=self.marks, strings_can_be_null=False, decimal_point=form.decimal, column_types=words,
                    include_columns=columns,
                ),
            )  # fmt: skip


def _below(rows: list[tuple[int, list[str]]], dialect: Dialect) -> list[tuple[int, list[str]]]:
    """Sampled rows without what is above the table."""
    return [(line, row) for line, row in rows if line > dialect.skip]


def _has_line_breaks(table: pa.Table) -> bool:
    """Whether a cell spans lines: it may be meant, or a quotation mark that was never closed swallowed them."""
    words = [
        column for column in table.columns if pa.types.is_large_string(column.type) or pa.types.is_string(column.type)
    ]
    return any(compute.any(compute.match_substring(column, "\n")).as_py() for column in words)


def _has_padding(column: pa.ChunkedArray) -> bool:
    return bool(compute.any(compute.match_substring_regex(column, r"^\s*0[0-9]+\s*$")).as_py())


def _columns_of(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    """The columns of a table, to be let go one by one."""
    return dict(zip(table.column_names, table.columns))


def _to_pandas(columns: dict[str, pa.ChunkedArray]) -> pd.DataFrame:
    """Columns without needless copies: words as categories, many fractions in single precision."""
    is_big = sum(len(column) for column in columns.values()) > BIG_CELLS
    for name in columns:
        columns[name] = _lean(columns[name], is_big)  # the one before goes: never the whole table twice
    table = pa.table(columns)
    columns.clear()
    return table.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True, ignore_metadata=True)


def _lean(column: pa.ChunkedArray, is_big: bool) -> pa.ChunkedArray:
    if pa.types.is_float64(column.type) and is_big:
        return compute.cast(column, pa.float32())
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return column
    return column.cast(pa.large_string()).dictionary_encode().unify_dictionaries()


def _without_total(table: pa.Table, dialect: Dialect, config: DataConfig, guesses: list[Guess]) -> pa.Table:
    """The table without a last row of totals, or without as many rows as `--skip-footer` says."""
    if config.skip_footer is not None:
        return table.slice(0, max(0, table.num_rows - config.skip_footer))
    if table.num_rows < 3 or not table.num_columns:
        return table
    last = [table.column(i)[table.num_rows - 1].as_py() for i in range(table.num_columns)]
    place = next((i for i, cell in enumerate(last) if cell not in (None, "")), 0)
    if not isinstance(last[place], str) or not TOTAL.match(last[place].strip()):
        return table
    if compute.sum(compute.equal(table.column(place), last[place])).as_py() > 1:
        return table
    guesses.append(Guess("last row", "left out", f"it begins with {last[place].strip()!r}", "--skip-footer 0"))
    return table.slice(0, table.num_rows - 1)


def _whole_file_encoding(path: Path) -> tuple[str, list[Guess]]:
    with opened(path) as file:
        return encodings.not_utf8(file.read())
