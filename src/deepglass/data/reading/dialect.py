"""The form of a delimited file, guessed from its beginning: delimiter, quotation marks, header, what is around it.

A first row is a header when it does not look like what is below it. Lines above the table (a title, `sep=;`,
comments) have other cells than the table; a delimiter behind the last cell of every row adds none. What was found is a
`Dialect`, which belongs to the schema of a run: later files are read by it (`known_file.py`).
"""

import codecs
import csv
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import build, require
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.reading import encoding as encodings
from deepglass.data.reading.dates import looks_like_date
from deepglass.data.reading.delimiters import (
    Rows,
    guess_delimiter,
    quotes_with_apostrophes,
    regularity,
    sampled,
    table_start,
    width_of,
)
from deepglass.data.reading.numbers import asked_marks

SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)  # what Excel writes and reads
COMMENT = "#"
PAIR, MOSTLY = re.compile(r"[0-9]+:[-+]?[0-9.]+([eE][-+]?[0-9]+)?$"), 0.8
FEWEST_CELLS = 3  # in a first row of 0, 1, 2 … that is a header and not a row
NUMBER = re.compile(
    r"\s*[(]?[-+\u2212]?[^\w\s(.,+-]{0,2} ?[-+\u2212]?([0-9][0-9.,'\u2019 \u00a0\u202f]*|[.,][0-9]+)([eE][-+]?[0-9]+)?"
    r" ?[%\u20ac$\u00a3]?[)]?\s*$"
)
DECISIVE = r"\s*[-+\u2212]?([0-9]+{0}([0-9]{{1,2}}|[0-9]{{4,}})|0?{0}[0-9]+|[0-9]{{4,}}{0}[0-9]+)([eE][-+]?[0-9]+)?\s*$"
DECIMAL_COMMA, DECIMAL_POINT = (re.compile(DECISIVE.format(mark)) for mark in (",", "[.]"))
csv.field_size_limit(2**31 - 1)  # a cell may hold a whole document; the default stops at 128 KiB


@dataclass(frozen=True)
class Dialect:
    """How the bytes of a file become rows of cells.

    Args:
        names: Of the columns, in the order of the file.
        quote: What encloses cells; "" where nothing does.
        padded_quotes: `1, "a, b"`: a blank stands before the quotation mark.
        decimal: The mark before decimals that most columns have.
        skip: Lines above the first row, the header among them.
        footer: Rows at the end that are none, such as a source or a total.
        comment: Lines that begin with it are not rows.
        trailing: A delimiter stands behind the last cell of every row.
    """

    encoding: str
    delimiter: str
    quote: str
    header: bool
    names: tuple[str, ...]
    padded_quotes: bool = False
    decimal: str = "."
    skip: int = 0
    footer: int = 0
    comment: str = ""
    trailing: bool = False

    @property
    def all_names(self) -> list[str]:
        """A name for every cell of a row; the cell behind a trailing delimiter has none of its own."""
        return [*self.names, *([NO_NAME] if self.trailing else [])]

    def state(self) -> dict[str, Any]:
        """As JSON can hold it: the arguments of the class."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Dialect":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        found = build(cls, state)
        require(len(found.delimiter) == 1 and len(found.quote) <= 1, "one character that divides", found.delimiter)
        codecs.lookup(found.encoding)
        return found


NO_NAME = "\0"  # a column that no file can name


@acts_on("delimiter", "header", "quoting", "skip_lines", "skip_footer")
def guess_dialect(path: Path, config: DataConfig) -> tuple[Dialect, list[Guess]]:
    """Look at the beginning of a file; what the user said is not guessed.

    Raises:
        DataError: If the file is empty or no text.
        OptionError: If the delimiter is not one character.
    """
    text, encoding, guesses = text_of(path, config)
    above, delimiter = separator_line(text)
    above = config.skip_lines if config.skip_lines is not None else above
    text = without_lines(text, above)
    delimiter = delimiter or guess_delimiter(_without_comments(text), path, config, guesses)
    quote = _guess_quote(text, delimiter, config, guesses)
    rows = sampled(text, delimiter, quote) or [(1, [""])]
    _refuse_pairs(rows, path)
    rows, comment, names = comments_of(rows)
    rows = _without_title(rows, config, guesses)
    header = _guess_header([row for _, row in rows], config, guesses) if not names else True
    body = rows[1:] if header and not names else rows
    cells = names or (rows[0][1] if header else [])
    cells, trailing = _cells_of(cells, body, delimiter, guesses)
    is_padded = quote == '"' and delimiter in ",;|" and re.search(re.escape(delimiter) + r' +"', text) is not None
    dialect = Dialect(
        encoding,
        delimiter,
        quote,
        header,
        names_of(cells, guesses),
        is_padded,
        _decimal_of(body, delimiter, config),
        skip=above + lines_above(body, rows),
        comment=comment if _is_inside(text, lines_above(body, rows)) else "",
        trailing=trailing,
    )
    return dialect, guesses


def text_of(path: Path, config: DataConfig, preferred: str | None = None) -> tuple[str, str, list[Guess]]:
    """The beginning of a file in whole lines, its encoding, and what was guessed about that.

    Args:
        preferred: The encoding of the training file, for bytes that are not UTF-8 and have no mark.
    """
    content, is_cut = encodings.sample(path)
    encoding, guesses = encodings.guess_encoding(content, path, config, is_cut=is_cut, preferred=preferred)
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    return (text[: text.rfind("\n") + 1] or text if is_cut else text), encoding, guesses


def separator_line(text: str) -> tuple[int, str | None]:
    """Excel's first line `sep=;`: how many lines it takes, and the delimiter that it names."""
    found = SEPARATOR_LINE.match(text)
    return (1, found[1]) if found else (0, None)


def without_lines(text: str, count: int) -> str:
    """A text without its first lines."""
    return "".join(text.splitlines(keepends=True)[count:]) if count else text


def comments_of(rows: Rows) -> tuple[Rows, str, list[str]]:
    """The rows that are not comments, how a comment begins, and the names that the last one above the table holds."""
    width, _ = width_of([row for row in rows if not _is_comment(row[1])] or rows)
    odd = [i for i, (_, row) in enumerate(rows) if _is_comment(row)]
    if not odd or (width > 1 and all(len(rows[i][1]) == width for i in odd)):
        return rows, "", []
    kept = [row for row in rows if not _is_comment(row[1])]
    before = [rows[i][1] for i in odd if rows[i][0] < kept[0][0]] if kept else []
    names = _named_in_comment(before[-1]) if before else []
    return kept or rows, COMMENT if kept else "", names if len(names) == width > 1 else []


def names_of(cells: list[str], guesses: list[Guess]) -> tuple[str, ...]:
    """Column names without gaps and repetitions."""
    names: dict[str, None] = {}
    renamed = []
    for position, cell in enumerate(cells, 1):
        name = base = cell.strip().strip('"').strip() or f"column_{position}"
        count = 1
        while name in names:
            count += 1
            name = f"{base}_{count}"
        if count > 1:
            renamed.append(f"{base} → {name}")
        names[name] = None
    if renamed:
        guesses.append(Guess("repeated column names", listing(renamed), "names must differ", "--ignore"))
    return tuple(names)


def lines_above(body: Rows, rows: Rows) -> int:
    """How many lines are above the first row of data."""
    if not body:
        return rows[-1][0] if rows else 0
    line, cells = body[0]
    return line - 1 - sum(cell.count("\n") for cell in cells)


# -- around the table -----------------------------------------------------------------------------------------------


def _without_comments(text: str) -> str:
    """For a first look: without lines that begin like a comment, unless they are most of the text."""
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(COMMENT)]
    return "".join(kept) if len(lines) > len(kept) > len(lines) // 2 else text


def _is_comment(row: list[str]) -> bool:
    return row[0].startswith(COMMENT)


def _named_in_comment(row: list[str]) -> list[str]:
    """The cells behind the sign of a comment, if they could be names."""
    cells = [row[0].lstrip(COMMENT).strip(), *row[1:]]
    cells = cells if cells[0] else cells[1:]
    return cells if cells and not any(NUMBER.match(cell) or not cell.strip() for cell in cells) else []


def _is_inside(text: str, above: int) -> bool:
    """Whether a line below the beginning of the table is a comment."""
    return any(line.startswith(COMMENT) for line in text.splitlines()[above:])


def _refuse_pairs(rows: Rows, path: Path) -> None:
    """Raise DataError for lines such as `1 3:0.5 7:1`, which name the column of every cell."""
    cells = [cell for _, row in rows for cell in row[1:]]
    if cells and sum(bool(PAIR.match(cell)) for cell in cells) > MOSTLY * len(cells):
        raise DataError(
            f"{path} is a LIBSVM file, with cells such as {cells[0]!r}: expected one column for each number; write it "
            "as a table, with 0 where a row says nothing"
        )


def _without_title(rows: Rows, config: DataConfig, guesses: list[Guess]) -> Rows:
    """The table without the lines above it, which have fewer cells than a row."""
    if config.skip_lines is not None:
        return rows
    start = table_start(rows)
    width = width_of(rows)[0]
    if start == 0 or any(len(row) >= width for _, row in rows[:start]):
        return rows
    if start == 1 and not _is_title(rows[0][1], [row for _, row in rows[1:]], width):
        return rows
    first = " ".join(rows[0][1]).strip()[:40]
    why = f"they have fewer cells than the table, such as {first!r}"
    guesses.append(Guess("above the table", f"{counted(start, 'line')} left out", why, "--skip-lines"))
    return rows[start:]


def _is_title(cells: list[str], rows: list[list[str]], width: int) -> bool:
    """Whether a single line above is a title, and not a header that lacks a name or a column of prose with commas."""
    has_header = _header_evidence(rows)[0]
    if len(cells) == width - 1:
        return width == 2 and has_header
    return has_header or len(cells[0].split()) > 1


def _cells_of(cells: list[str], body: Rows, delimiter: str, guesses: list[Guess]) -> tuple[list[str], bool]:
    """A name, perhaps empty, for every column; and whether a delimiter stands behind the last one."""
    width = width_of(body)[0] or len(cells)
    full = [row for _, row in body if len(row) == width]
    is_empty_behind = bool(full) and width > 1 and not any(row[-1].strip() for row in full)
    if not cells:
        return [""] * (width - is_empty_behind), is_empty_behind
    if is_empty_behind and (len(cells) == width - 1 or (len(cells) == width and not cells[-1].strip())):
        return cells[: width - 1], True
    if len(cells) == width - 1 and delimiter in " \t" and _are_row_names([row[0] for row in full]):
        guesses.append(
            Guess("column row", "the first", "the header has one name fewer than a row has cells", "--no-header")
        )
        return ["row", *cells], False
    if not cells[0].strip() and _count_rows([row[0] for row in full]):
        return ["row", *cells[1:]], False
    return cells, False


def _are_row_names(column: list[str]) -> bool:
    """Whether every cell differs, as R writes the names of rows."""
    return len(set(column)) == len(column)


def _count_rows(column: list[str]) -> bool:
    """Whether the cells are 0, 1, 2 … or 1, 2, 3 …, as pandas writes its index."""
    start = int(column[0]) if column and column[0] in ("0", "1") else None
    return start is not None and column == [str(start + i) for i in range(len(column))]


# -- quotation marks, header, decimals ------------------------------------------------------------------------------


def _guess_quote(text: str, delimiter: str, config: DataConfig, guesses: list[Guess]) -> str:
    """Quotation marks enclose cells unless they stand bare inside of one; apostrophes where all cells have them."""
    if config.quoting is not None:
        return '"' if config.quoting else ""
    if '"' not in text:
        if not quotes_with_apostrophes(text, delimiter):
            return '"' if delimiter != " " else ""
        guesses.append(Guess("quoting", "apostrophes", "they stand around all words", "--no-quoting"))
        return "'"
    edge = re.escape(delimiter)
    bare = re.search(rf'[^"\s{edge}][^"\n{edge}]*"[^"\s{edge}]|(^|{edge})[^"\n{edge}]*[^"\s{edge}][^"\n{edge}]*"', text)
    with_marks, without = regularity(text, delimiter, '"'), regularity(text, delimiter, "")
    if (bare and without[1] == 1 and without[0] > 1) or with_marks[1] < without[1]:
        guesses.append(Guess("quoting", False, "quotation marks stand inside cells, not around them", "--quoting"))
        return ""
    return '"'


def _guess_header(rows: list[list[str]], config: DataConfig, guesses: list[Guess]) -> bool:
    if config.header is not None:
        return config.header
    header, why = _header_evidence(rows)
    guesses.append(Guess("header", header, why, "--header" if not header else "--no-header"))
    return header


def _header_evidence(rows: list[list[str]]) -> tuple[bool, str]:
    first, below = rows[0], rows[1:]
    if _counts_columns(first) and below and not _counts_columns(below[0]):
        return True, "the first row counts the columns"
    if any(_is_value(cell) for cell in first):
        return False, "the first row holds values"
    if not below:
        return True, "the only row holds words"
    columns = [[row[i] for row in below if i < len(row) and row[i].strip()] for i in range(len(first))]
    for name, column in zip(first, columns):
        values = sum(_is_value(cell) for cell in column)
        if column and values / len(column) > 0.8:
            return True, f"{name.strip()!r} stands above values"
    if any(name.strip() in {cell.strip() for cell in column} for name, column in zip(first, columns)):
        return False, "the first row recurs below"
    if any(len(name.split()) > 4 for name in first):
        return False, "the first row holds running text"
    return True, "the first row occurs nowhere below"


def _is_value(cell: str) -> bool:
    return bool(NUMBER.match(cell)) or looks_like_date(cell)


def _counts_columns(cells: list[str]) -> bool:
    """Years behind words, `country 1990 1991 1992`, or `0 1 2 3`: names that are numbers."""
    numbers = [int(cell) for cell in map(str.strip, cells) if cell.isdecimal() and cell.isascii()]
    words = sum(not _is_value(cell) for cell in cells)
    if (
        len(numbers) < 2
        or len(numbers) + words < len(cells)
        or numbers != list(range(numbers[0], numbers[0] + len(numbers)))
    ):
        return False
    are_years = numbers[0] >= 1500 and numbers[-1] <= 2200 and words > 0
    return are_years or (numbers[0] in (0, 1) and len(numbers) >= FEWEST_CELLS)


def _decimal_of(body: Rows, delimiter: str, config: DataConfig) -> str:
    """The mark that most numbers with decimals show beyond doubt."""
    asked = asked_marks(config.decimal, config.thousands).decimal
    if asked or delimiter == ",":
        return "." if delimiter == "," else asked or "."
    cells = [cell for _, row in body for cell in row]
    commas, points = (sum(bool(form.match(cell)) for cell in cells) for form in (DECIMAL_COMMA, DECIMAL_POINT))
    return "," if commas > points else "."
