"""Delimited text files: commas, semicolons, tabs, bars or blanks between cells, gzipped or not.

The clean path is pyarrow's reader: several times faster than Python can look at rows, and every column is stored
once, already typed. What it refuses goes the careful path, which finds the line that is broken and says so, or
reads what is merely unusual. What the cells mean is decided in `cells.py`.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import numbered
from deepglass.data.config import DataConfig
from deepglass.data.reading import encoding as encodings
from deepglass.data.reading.cells import marks_of, typed
from deepglass.data.reading.dialect import Dialect, guess_dialect, rows_of
from deepglass.data.reading.opening import is_gzip, opened

BIG_CELLS = 20_000_000  # from here on, fractions are kept in float32: 80 MB instead of 160
BROKEN_LINES = 5  # how many are named in a message


@acts_on("max_rows")
def read_delimited(path: Path, config: DataConfig) -> tuple[pd.DataFrame, list[Guess]]:
    """Read and type a delimited file.

    Raises:
        DataError: If the file is missing, empty, ragged, badly quoted or wrongly encoded; names the line.
    """
    dialect, guesses = guess_dialect(path, config)
    if dialect.padded_quotes or dialect.delimiter == " " or config.max_rows:
        frame = _read_carefully(path, dialect, config)
    else:
        frame, dialect = _read_fast(path, dialect, config, guesses)
    if not len(frame):
        raise DataError(f"{path} has no rows below its header: expected at least one; if line 1 is data, "
                        "pass --no-header")  # fmt: skip
    frame, found = typed(frame, config, lambda rows: _place(path, dialect, rows))
    return frame, guesses + found


def _read_fast(path: Path, dialect: Dialect, config: DataConfig, guesses: list[Guess]) -> tuple[pd.DataFrame, Dialect]:
    table, is_text = _try_arrow(path, dialect, config)
    if table is not None and (not _has_line_breaks(table) or _is_regular(path, dialect)):
        return _to_pandas(table), dialect
    if not is_text and config.encoding is None and dialect.encoding == "utf-8":
        encoding, found = _whole_file_encoding(path)
        guesses.extend(found)
        return _read_fast(path, replace(dialect, encoding=encoding), config, guesses)
    bare = replace(dialect, quoting=False)
    if config.quoting is None and dialect.quoting and not _is_regular(path, dialect) and _is_regular(path, bare):
        guesses.append(Guess("quoting", False, "a quotation mark is never closed", "--quoting"))
        return _read_fast(path, bare, config, guesses)
    return _read_carefully(path, dialect, config), dialect


def _try_arrow(path: Path, dialect: Dialect, config: DataConfig) -> tuple[pa.Table | None, bool]:
    """The table if pyarrow takes the file, and whether its bytes are text in the encoding."""
    try:
        table = _arrow(path, dialect, config)
    except (pa.ArrowInvalid, UnicodeError, OSError) as error:  # the careful path says what is wrong
        return None, "utf" not in str(error).lower()
    is_text = not any(pa.types.is_binary(field.type) for field in table.schema)
    return (table if is_text else None), is_text


def _has_line_breaks(table: pa.Table) -> bool:
    """Whether a cell spans lines: it may be meant, or a quotation mark that was never closed swallowed them."""
    words = [column for column in table.columns if pa.types.is_string(column.type)]
    return any(compute.any(compute.match_substring(column, "\n")).as_py() for column in words)


def _arrow(path: Path, dialect: Dialect, config: DataConfig) -> pa.Table:
    decoding = {"utf-8-sig": "utf8", "utf-8": "utf8"}.get(dialect.encoding, dialect.encoding)
    with pa.input_stream(str(path), compression="gzip" if is_gzip(path) else None) as stream:
        return arrow_csv.read_csv(
            stream,
            arrow_csv.ReadOptions(
                column_names=list(dialect.names), skip_rows=int(dialect.header), encoding=decoding, block_size=1 << 22
            ),
            arrow_csv.ParseOptions(
                delimiter=dialect.delimiter, quote_char='"' if dialect.quoting else False, newlines_in_values=True
            ),
            arrow_csv.ConvertOptions(
                null_values=marks_of(config), strings_can_be_null=True, decimal_point=dialect.decimal
            ),
        )


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    """Columns without needless copies: words as categories, times as such, many fractions in single precision."""
    is_big = table.num_rows * table.num_columns > BIG_CELLS
    pool = {}
    for name in table.column_names:
        pool[name] = _lean(table.column(name), is_big)
        table = table.drop_columns([name])  # one column at a time: never the whole table twice
    return pa.table(pool).to_pandas(date_as_object=False, split_blocks=True, self_destruct=True, ignore_metadata=True)


def _lean(column: pa.ChunkedArray, is_big: bool) -> pa.ChunkedArray:
    if pa.types.is_string(column.type) or pa.types.is_null(column.type) or pa.types.is_time(column.type):
        return column.cast(pa.large_string()).dictionary_encode().unify_dictionaries()
    if pa.types.is_boolean(column.type) and column.null_count:
        return column.cast(pa.large_string()).dictionary_encode().unify_dictionaries()
    if pa.types.is_float64(column.type) and is_big:
        return compute.cast(column, pa.float32())
    return column


def _read_carefully(path: Path, dialect: Dialect, config: DataConfig) -> pd.DataFrame:
    """Every line is looked at first; then all cells are read as words."""
    _check_lines(path, dialect, config.max_rows)
    with _text(path, dialect.encoding) as file:
        return pd.read_csv(
            file,
            sep=r"\s+" if dialect.delimiter == " " else dialect.delimiter,
            header=None,
            names=list(dialect.names),
            skiprows=int(dialect.header),
            nrows=config.max_rows,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=dialect.padded_quotes,
            quoting=csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE,
        ).pipe(_with_points, dialect.decimal)


def _with_points(frame: pd.DataFrame, decimal: str) -> pd.DataFrame:
    if decimal == ".":
        return frame
    return frame.replace(r"^(\s*[-+]?\d+),(\d+\s*)$", r"\1.\2", regex=True)


def _check_lines(path: Path, dialect: Dialect, max_rows: int | None) -> None:
    """Name the lines whose number of cells is wrong, or the quotation mark that is never closed."""
    broken, last = [], 0
    width = len(dialect.names)
    with _text(path, dialect.encoding) as file:
        try:
            rows = rows_of(file, dialect.delimiter, dialect.quoting)
            for line, row in islice(rows, None if max_rows is None else max_rows + dialect.header):
                if len(row) != width:
                    broken.append((last + 1, len(row), line - last))
                last = line
                if len(broken) == BROKEN_LINES:
                    break
        except csv.Error:
            raise DataError(
                f"{path}, line {last + 1}: a quotation mark is opened and not closed properly; close it, or pass "
                "--no-quoting if quotation marks are ordinary characters in this file"
            ) from None
        except UnicodeError:
            raise _undecodable(path, dialect.encoding) from None
    if broken:
        raise _ragged(path, dialect, broken)


def _ragged(path: Path, dialect: Dialect, broken: list[tuple[int, int, int]]) -> DataError:
    line, cells, height = broken[0]
    more = f" (also {numbered('line', [entry[0] for entry in broken[1:]])})" if len(broken) > 1 else ""
    model = "as in the header" if dialect.header else "as in line 1"
    advice = "correct these lines, or name another --delimiter"
    if height > 1:
        advice = f"its quotation marks span {height} lines; close them, or pass --no-quoting"
    found = f"{cells} cell{'s' * (cells != 1)}"
    return DataError(f"{path}, line {line}: {found}, expected {len(dialect.names)} {model}{more}: {advice}")


def _is_regular(path: Path, dialect: Dialect) -> bool:
    try:
        _check_lines(path, dialect, None)
    except DataError:
        return False
    return True


def _place(path: Path, dialect: Dialect, rows: np.ndarray) -> str:
    """Where rows stand in their file: `lines 3, 9 of people.csv`."""
    wanted = {int(row) for row in rows[:BROKEN_LINES]}
    lines = []
    with _text(path, dialect.encoding) as file:
        cells = islice(rows_of(file, dialect.delimiter, dialect.quoting), int(dialect.header), max(wanted) + 2)
        lines = [line for position, (line, _) in enumerate(cells) if position in wanted]
    more = f" … ({len(rows):,} in all)" if len(rows) > BROKEN_LINES else ""
    return f"{numbered('line', lines)}{more} of {path}"


def _whole_file_encoding(path: Path) -> tuple[str, list[Guess]]:
    with opened(path) as file:
        return encodings.not_utf8(file.read())


def _undecodable(path: Path, encoding: str) -> DataError:
    with opened(path) as file:
        try:
            encodings.decode(file.read(), encoding, path)
        except DataError as error:
            return error
    return DataError(f"{path} is not {encoding} text: name the right encoding with --encoding")


@contextmanager
def _text(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with opened(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        yield text
