"""Which character separates the cells of a text file?

A delimiter is right when it cuts every line into the same number of cells, the header among them, and leaves no other
delimiter inside a cell: `1,5;2,5` is two numbers under the semicolon and three odd cells under the comma. Python's
`csv.Sniffer` guesses from letter frequencies and takes the commas of prose for delimiters, so cells are counted here.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.reading.opening import suffix

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}
NAMES = {character: name for name, character in DELIMITERS.items()}
RARE = "^~:\x01\x1f\u00a6\u00a7!/"  # what else is seen between cells
SAMPLE_ROWS = 1000
MOST_LINES_ABOVE = 30  # lines of a title, and comments, that may stand above a table
FEWEST_ROWS = 3  # of commas or blanks that are a table and not prose
PROBED_ROWS = 100  # whose cells are looked into
WHOLE = 0.95  # of the lines have as many cells as the others; the rest are mistakes
FEWEST_NUMBERS = 0.8  # of the cells of a column between blanks, for the table to be more than prose
PLAIN_NUMBER = re.compile(r"[-+]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][-+]?[0-9]+)?$|(?i:nan|na|-?inf)$")

ONE_NUMBER = re.compile(r"[-+]?[0-9][0-9.]*,[0-9]+$|[-+]?[0-9]+$")

Rows = list[tuple[int, list[str]]]  # the line on which each row ends, and its cells


def named_delimiter(asked: str) -> str:
    """The character that `--delimiter` means.

    Raises:
        OptionError: If it is not one character.
    """
    delimiter = DELIMITERS.get(asked, asked).replace("\\t", "\t")
    if len(delimiter) != 1:
        raise OptionError(f"--delimiter: expected one character or {', '.join(DELIMITERS)}, got {delimiter!r}")
    return delimiter


def guess_delimiter(text: str, path: Path, config: DataConfig, guesses: list[Guess]) -> str:
    """The delimiter of a text; a comma where nothing speaks for any."""
    if config.delimiter is not None:
        return named_delimiter(config.delimiter)
    if suffix(path) in (".tsv", ".tab") and "\t" in text:
        return "\t"
    scores = {name: _score(text, name) for name in DELIMITERS}
    name = max(scores, key=lambda name: scores[name])
    if not scores[name][0]:
        return _rare_delimiter(text, guesses)
    if not scores[name][1] and _is_one_column(text):
        guesses.append(Guess("delimiter", "none", "one column of numbers", "--delimiter"))
        return "\t"
    guesses.append(Guess("delimiter", name, f"cuts the lines into {scores[name][-1]} cells", "--delimiter"))
    return DELIMITERS[name]


def _rare_delimiter(text: str, guesses: list[Guess]) -> str:
    """A character that few people put between cells, if it cuts a header and all rows alike; else a comma."""
    for delimiter in RARE:
        rows = sampled(text, delimiter, "")
        widths = {len(row) for _, row in rows}
        is_even = len(rows) >= FEWEST_ROWS and len(widths) == 1 and widths.pop() > 1
        if is_even and _has_numbers(rows) and not any(PLAIN_NUMBER.match(cell) for cell in rows[0][1]):
            guesses.append(Guess("delimiter", repr(delimiter), "cuts the header and all lines alike", "--delimiter"))
            return delimiter
    return ","


def _is_one_column(text: str) -> bool:
    """Whether below a first line of its own every line is one number, such as 1,5 or 1.234,5."""
    first, *lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    return (
        bool(lines) and not re.search("[,;|\t]", first) and all(ONE_NUMBER.match(line) for line in lines[:SAMPLE_ROWS])
    )


def is_table_text(text: str) -> bool:
    """Whether the lines of a `.txt` file are rows: all have the same number of cells, which prose does not do."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    for name, delimiter in DELIMITERS.items():
        rows = sampled("".join(lines), delimiter, '"' if '"' in text and name in ("comma", "blank") else "")
        widths = {len(row) for _, row in rows[1:]} or {len(row) for _, row in rows}
        is_even = len(widths) == 1 and max(widths) > 1 and max(widths) - len(rows[0][1]) in (0, name == "blank")
        is_sure = name in ("tab", "bar", "semicolon") or (len(rows) >= FEWEST_ROWS and _has_numbers(rows))
        if is_even and is_sure:
            return True
    return False


def quotes_with_apostrophes(text: str, delimiter: str) -> bool:
    """Whether nearly all cells with a letter in them stand between apostrophes."""
    rows = sampled(text, delimiter, "")[:PROBED_ROWS] if "'" in text else []
    cells = [cell.strip() for _, row in rows for cell in row if any(letter.isalpha() for letter in cell)]
    return bool(cells) and sum(len(c) > 1 and c[0] == c[-1] == "'" for c in cells) >= WHOLE * len(cells)


def rows_of(lines: Iterable[str], delimiter: str, quote: str, comment: str = "") -> Iterator[tuple[int, list[str]]]:
    """The line on which each row ends, and its cells; blank lines and comments are left out.

    Args:
        quote: What encloses cells; "" where nothing does.

    Raises:
        csv.Error: If a quotation mark is never closed.
    """
    if comment:
        lines = ("\n" if line.startswith(comment) else line for line in lines)
    if delimiter == " ":
        lines = (line.strip().replace("\t", " ") + "\n" for line in lines)
    quoting = {"quotechar": quote, "strict": True} if quote else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t", **quoting)  # pyright: ignore
    for row in reader:
        if row:
            yield reader.line_num, row


def sampled(text: str, delimiter: str, quote: str, comment: str = "") -> Rows:
    """The first rows of a text, up to the first that cannot be taken apart."""
    rows: Rows = []
    try:
        for row in islice(rows_of(io.StringIO(text, newline=""), delimiter, quote, comment), SAMPLE_ROWS):
            rows.append(row)
    except csv.Error:
        pass
    return rows


def regularity(text: str, delimiter: str, quote: str) -> tuple[int, float]:
    """The most frequent number of cells in a line, and the share of lines that have it."""
    return width_of(sampled(text, delimiter, quote))


def width_of(rows: Rows) -> tuple[int, float]:
    """The most frequent number of cells, and the share of rows that have it."""
    widths = Counter(len(row) for _, row in rows)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    return width, count / max(1, widths.total())


def table_start(rows: Rows) -> int:
    """How many rows are above the table: those before the first from which on nearly all have as many cells."""
    width, _ = width_of(rows)
    for start, (_, row) in enumerate(rows[:MOST_LINES_ABOVE]):
        if len(row) == width:
            rest = [len(cells) == width for _, cells in rows[start:]]
            return start if sum(rest) >= WHOLE * len(rest) else 0
    return 0


def _score(text: str, name: str) -> tuple[bool, bool, float, float, bool, int]:
    """Whether it cuts at all; whether into equally many everywhere; how clean cells are; how regular lines are."""
    delimiter = DELIMITERS[name]
    quotes = ['"', ""] if '"' in text else ["'", ""] if quotes_with_apostrophes(text, delimiter) else [""]
    return max(_score_of(sampled(text, delimiter, quote), name) for quote in quotes)


def _score_of(rows: Rows, name: str) -> tuple[bool, bool, float, float, bool, int]:
    width, share = width_of(rows)
    start = table_start(rows)
    if width < 2 or (name == "blank" and not _is_aligned(rows, start)):
        return False, False, 0.0, 0.0, False, width
    return True, share == 1, round(_cleanness(rows[start:], name), 1), round(share, 2), start == 0, width


def _cleanness(rows: Rows, name: str) -> float:
    """The share of cells without another delimiter in them, and of columns that are not empty from top to bottom."""
    others = set(";\t|") - {DELIMITERS[name]}
    body = [row for _, row in rows[:PROBED_ROWS]]
    cells = [cell for row in body for cell in row]
    filled = [any(cell.strip() for cell in column) for column in zip(*body)]
    return sum(others.isdisjoint(cell) for cell in cells) / max(1, len(cells)) * sum(filled) / max(1, len(filled))


def _is_aligned(rows: Rows, start: int) -> bool:
    """Whether blanks separate columns: every row has as many cells, and some column holds numbers."""
    width, share = width_of(rows)
    has_header = start == 0 or (start == 1 and len(rows[0][1]) == width - 1)
    return share >= WHOLE and has_header and _has_numbers(rows)


def _has_numbers(rows: Rows) -> bool:
    """Whether a column holds little but numbers: words between blanks are prose."""
    width, _ = width_of(rows)
    body = [row for _, row in rows if len(row) == width]
    body = body[1:] if len(body) > 1 else body
    return any(
        sum(bool(PLAIN_NUMBER.match(cell)) for cell in column) >= FEWEST_NUMBERS * len(body) for column in zip(*body)
    )
