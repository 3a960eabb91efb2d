"""The form of a delimited file, guessed from its first mebibyte: delimiter, quotation marks, header, decimal mark.

A delimiter is right when it cuts every line into the same number of cells; a first row is a header when it does not
look like what stands below it. Python's `csv.Sniffer` guesses from letter frequencies and takes the commas of prose
for delimiters, which is why this is counted here.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deepglass.core.effects import acts_on
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.reading import encoding as encodings
from deepglass.data.reading.dates import looks_like_date
from deepglass.data.reading.opening import suffix

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}
SAMPLE_ROWS = 1000
NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$")
DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*$")
csv.field_size_limit(2**31 - 1)  # a cell may hold a whole document; the default stops at 128 KiB


@dataclass(frozen=True)
class Dialect:
    """How the bytes of a file become rows of cells."""

    encoding: str
    delimiter: str
    quoting: bool  # whether quotation marks enclose cells
    header: bool
    names: tuple[str, ...]
    padded_quotes: bool = False  # `1, "a, b"`: a blank stands before the quotation mark
    decimal: str = "."


@acts_on("delimiter", "header", "quoting")
def guess_dialect(path: Path, config: DataConfig) -> tuple[Dialect, list[Guess]]:
    """Look at the beginning of a file; what the person said is not guessed.

    Raises:
        DataError: If the file is empty or no text.
        OptionError: If the delimiter is not one character.
    """
    content = encodings.sample(path)
    encoding, guesses = encodings.guess_encoding(content, path, config)
    text = _whole_lines(content.decode(encoding, errors="replace"), cut=len(content) >= encodings.SAMPLE_BYTES)
    delimiter = _guess_delimiter(text, path, config, guesses)
    quoting = _guess_quoting(text, delimiter, config, guesses)
    rows = [row for _, row in _sampled(text, delimiter, quoting)]
    header = _guess_header(rows, config, guesses)
    names = _names(rows[0] if header else [""] * len(rows[0]), guesses)
    padded = quoting and delimiter in ",;|" and re.search(re.escape(delimiter) + r' +"', text) is not None
    decimal = _guess_decimal(rows[1:], delimiter, guesses)
    return Dialect(encoding, delimiter, quoting, header, names, padded, decimal), guesses


def rows_of(lines: Iterator[str] | io.StringIO, delimiter: str, quoting: bool) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row ends, and its cells; blank lines are left out.

    Raises:
        csv.Error: If a quotation mark is never closed.
    """
    if delimiter == " ":
        yield from ((number, line.split()) for number, line in enumerate(lines, 1) if line.strip())
        return
    mode = csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=delimiter, quoting=mode, skipinitialspace=delimiter != "\t", strict=quoting)
    for row in reader:
        if row:
            yield reader.line_num, row


def is_table_text(text: str) -> bool:
    """Whether the lines of a `.txt` file are rows: all have the same number of tabs, or of bars or semicolons."""
    return any(
        width > 1 and share == 1 for width, share in (_regularity(text, delimiter, False) for delimiter in "\t|;")
    )


def _guess_delimiter(text: str, path: Path, config: DataConfig, guesses: list[Guess]) -> str:
    if config.delimiter is not None:
        delimiter = DELIMITERS.get(config.delimiter, config.delimiter).replace("\\t", "\t")
        if len(delimiter) != 1:
            raise OptionError(f"--delimiter: expected one character or {', '.join(DELIMITERS)}, got {delimiter!r}")
        return delimiter
    if suffix(path) in (".tsv", ".tab") and "\t" in text:
        return "\t"
    name = max(DELIMITERS, key=lambda name: _delimiter_score(text, name))
    width, _ = _regularity(text, DELIMITERS[name], '"' in text)
    if width > 1:
        guesses.append(Guess("delimiter", name, f"cuts the lines into {width} cells", "--delimiter"))
        return DELIMITERS[name]
    return ","


def _delimiter_score(text: str, name: str) -> tuple[float, int]:
    """Whole share of regular lines first, then the number of cells; a blank is the last resort."""
    delimiter = DELIMITERS[name]
    width, share = max(_regularity(text, delimiter, quoting) for quoting in (True, False))
    if width < 2 or (name == "blank" and share < 1):
        return 0.0, 0
    return (0.5 if name == "blank" else round(share, 2)), width


def _regularity(text: str, delimiter: str, quoting: bool) -> tuple[int, float]:
    """The most frequent number of cells in a line, and the share of lines that have it."""
    widths = Counter(len(row) for _, row in _sampled(text, delimiter, quoting))
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    return width, count / max(1, widths.total())


def _guess_quoting(text: str, delimiter: str, config: DataConfig, guesses: list[Guess]) -> bool:
    """Quotation marks enclose cells unless they stand bare in the middle of one."""
    if config.quoting is not None:
        return config.quoting
    if '"' not in text or delimiter == " ":
        return delimiter != " "
    edge = re.escape(delimiter)
    bare = re.search(rf'[^"\s{edge}][^"\n{edge}]*"[^"\s{edge}]|(^|{edge})[^"\n{edge}]*[^"\s{edge}][^"\n{edge}]*"', text)
    with_marks, without = _regularity(text, delimiter, True), _regularity(text, delimiter, False)
    if (bare and without[1] == 1 and without[0] > 1) or with_marks[1] < without[1]:
        guesses.append(Guess("quoting", False, "quotation marks stand inside cells, not around them", "--quoting"))
        return False
    return True


def _guess_header(rows: list[list[str]], config: DataConfig, guesses: list[Guess]) -> bool:
    if config.header is not None:
        return config.header
    header, why = _header_evidence(rows)
    guesses.append(Guess("header", header, why, "--header" if not header else "--no-header"))
    return header


def _header_evidence(rows: list[list[str]]) -> tuple[bool, str]:
    first, below = rows[0], rows[1:]
    if any(NUMBER.match(cell) or looks_like_date(cell) for cell in first):
        return False, "the first row holds values"
    if not below:
        return True, "the only row holds words"
    columns = [[row[i] for row in below if i < len(row) and row[i].strip()] for i in range(len(first))]
    for name, column in zip(first, columns):
        values = sum(bool(NUMBER.match(cell)) or looks_like_date(cell) for cell in column)
        if column and values / len(column) > 0.8:
            return True, f"{name.strip()!r} stands above values"
    if any(name.strip() in {cell.strip() for cell in column} for name, column in zip(first, columns)):
        return False, "the first row recurs below"
    if any(len(name.split()) > 4 for name in first):
        return False, "the first row holds running text"
    return True, "the first row occurs nowhere below"


def _names(cells: list[str], guesses: list[Guess]) -> tuple[str, ...]:
    """Column names without gaps and repetitions."""
    names: list[str] = []
    renamed = []
    for position, cell in enumerate(cells, 1):
        name = base = cell.strip().strip('"').strip() or f"column_{position}"
        count = 1
        while name in names:
            count += 1
            name = f"{base}_{count}"
        if count > 1:
            renamed.append(f"{base} → {name}")
        names.append(name)
    if renamed:
        guesses.append(Guess("repeated column names", ", ".join(renamed), "names must differ", "--ignore"))
    return tuple(names)


def _guess_decimal(rows: list[list[str]], delimiter: str, guesses: list[Guess]) -> str:
    cells = [cell for row in rows for cell in row]
    commas = sum(bool(DECIMAL_COMMA.match(cell)) for cell in cells) if delimiter != "," else 0
    points = sum("." in cell and bool(NUMBER.match(cell)) for cell in cells) if commas else 0
    if commas <= points:
        return "."
    guesses.append(Guess("decimal mark", "comma", "numbers are written like 7,4", "a file with decimal points"))
    return ","


def _sampled(text: str, delimiter: str, quoting: bool) -> Iterator[tuple[int, list[str]]]:
    try:
        for count, row in enumerate(rows_of(io.StringIO(text, newline=""), delimiter, quoting)):
            if count == SAMPLE_ROWS:
                return
            yield row
    except csv.Error:
        return


def _whole_lines(text: str, cut: bool) -> str:
    """The text without the line that the end of the sample cuts in two."""
    text = text.removeprefix("\ufeff")
    return text[: text.rfind("\n") + 1] or text if cut else text
