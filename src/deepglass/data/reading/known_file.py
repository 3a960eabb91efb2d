"""A new delimited file is taken apart as the training file was: columns are found by their names, or their places.

    the training file had a header    the new one needs one, too; another delimiter or encoding is said
    it had none                       all of its columns in their order, or all but those that may be absent, the target

A file of which neither is true is an error that says what was expected.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.reading.delimiters import (
    DELIMITERS,
    MOST_LINES_ABOVE,
    NAMES,
    Rows,
    sampled,
    width_of,
)
from deepglass.data.reading.dialect import (
    COMMENT,
    Dialect,
    comments_of,
    lines_above,
    names_of,
    separator_line,
    text_of,
    without_lines,
)
from deepglass.data.reading.table_format import TableFormat

PLAIN = Dialect("utf-8", ",", '"', True, ())  # what is tried first where the training data were not delimited


def known_dialect(path: Path, format: TableFormat) -> tuple[Dialect, list[Guess]]:
    """How a new file is taken apart, and what of it differs from the training file.

    Raises:
        DataError: If its columns are not those of the training data.
    """
    form = format.file or PLAIN
    text, encoding, _ = text_of(path, DataConfig(), preferred=form.encoding)
    is_other = encoding != form.encoding and not encoding.startswith("utf")
    guesses = [Guess("encoding", encoding, f"{form.encoding} in training", "")] if is_other else []
    above, separator = separator_line(text)
    text = without_lines(text, above)
    form = replace(form, encoding=encoding, delimiter=separator or form.delimiter, footer=0)
    found = _by_names(text, form, format) or (_by_places(text, form, format.target) if not form.header else None)
    if found is None:
        raise _strange(path, text, form, format)
    found = replace(found, skip=found.skip + above)
    if found.delimiter != form.delimiter or (separator and format.file and separator != format.file.delimiter):
        was = NAMES.get((format.file or form).delimiter, repr(form.delimiter))
        guesses.append(Guess("delimiter", NAMES.get(found.delimiter, found.delimiter), f"{was} in training", ""))
    if not found.header and len(found.names) < len(form.names):
        absent = [name for name in form.names if name not in found.names]
        guesses.append(Guess("columns", "in their order", f"without {listing(absent)}, which is to be predicted", ""))
    return found, guesses


def is_known_table(path: Path, format: TableFormat) -> bool:
    """Whether a text file is a table: it has columns of the training data, by their names or their places."""
    form = format.file or PLAIN
    text, encoding, _ = text_of(path, DataConfig(), preferred=form.encoding)
    form = replace(form, encoding=encoding)
    if _by_names(text, form, format) is not None:
        return True
    places = None if form.header else _by_places(text, form, format.target)
    return places is not None and len(places.names) > 1


def _by_names(text: str, form: Dialect, format: TableFormat) -> Dialect | None:
    """The delimiter and the line under which most column names of the training data are found."""
    best, most = None, 0
    for delimiter, quote in _ways(text, form):
        rows = sampled(text, delimiter, quote)[: MOST_LINES_ABOVE + 1]
        for place, (_, row) in enumerate(rows):
            cells = [cell.lstrip(COMMENT).strip().strip('"').strip() for cell in row]
            cells = cells[1:] if row[0].strip() == COMMENT else cells
            known = sum(cell in format.by_name for cell in set(cells))
            if known > most:
                best, most = (delimiter, quote, place, cells), known
    if best is None or (not form.header and most < min(2, len(form.names))):
        return None
    delimiter, quote, place, cells = best
    rows = sampled(text, delimiter, quote)
    return _below_header(text, replace(form, delimiter=delimiter, quote=quote), rows, place, cells)


def _below_header(text: str, form: Dialect, rows: Rows, place: int, cells: list[str]) -> Dialect:
    body, comment, _ = comments_of(rows[place + 1 :]) if rows[place + 1 :] else ([], "", [])
    width = width_of(body)[0] or len(cells)
    full = [row for _, row in body if len(row) == width]
    behind = bool(full) and width > 1 and not any(row[-1].strip() for row in full)
    if cells[0] == "" and len(cells) > 1:
        cells = ["row", *cells[1:]] if "row" not in cells else cells
    if len(cells) == width - 1 and not behind and form.delimiter in " \t":
        cells = ["row", *cells]
    trailing = behind and (len(cells) == width - 1 or (len(cells) == width and not cells[-1]))
    cells = cells[:-1] if trailing and len(cells) == width else cells
    skip = lines_above(body, rows[: place + 1])
    padded = (
        form.quote == '"'
        and form.delimiter in ",;|"
        and re.search(re.escape(form.delimiter) + r' +"', text) is not None
    )
    return replace(
        form,
        header=True,
        names=names_of(cells, []),
        padded_quotes=padded,
        skip=skip,
        comment=comment,
        trailing=trailing,
    )


def _by_places(text: str, form: Dialect, target: str | None) -> Dialect | None:
    """A file without a header: as many columns as in training, or as many without the target."""
    lacking = tuple(name for name in form.names if name != target)
    for delimiter, quote in _ways(text, form):
        rows, comment, _ = comments_of(sampled(text, delimiter, quote) or [(1, [""])])
        width, share = width_of(rows)
        behind = width > 1 and not any(row[-1].strip() for _, row in rows if len(row) == width)
        for names, trailing in ((form.names, False), (lacking, False), (form.names, True), (lacking, True)):
            if names and width == len(names) + trailing and (behind or not trailing) and share > 0.5:
                return replace(
                    form, delimiter=delimiter, quote=quote, names=names, trailing=trailing, comment=comment,
                    skip=lines_above(rows, rows) if comment else 0,
                )  # fmt: skip
    return None


def _ways(text: str, form: Dialect) -> Iterator[tuple[str, str]]:
    """The delimiter and the quotation mark of training first, then others."""
    delimiters = dict.fromkeys((form.delimiter, *DELIMITERS.values()))
    for delimiter in delimiters:
        for quote in dict.fromkeys((form.quote, '"', "")):
            if quote == form.quote or '"' in text:
                yield delimiter, quote


def _strange(path: Path, text: str, form: Dialect, format: TableFormat) -> DataError:
    rows = sampled(text, form.delimiter, form.quote) or [(1, [""])]
    first = listing([cell.strip()[:20] for cell in rows[0][1]])
    names = [column.name for column in format.columns]
    if form.header:
        return DataError(
            f"{path} has no header of the training data: expected a first line with names such as {listing(names, 8)}, "
            f"got {first!r}; put the names of the columns above them"
        )
    found = counted(width_of(rows)[0], "column")
    return DataError(
        f"{path} has {found} and no header: expected {_widths(form, format.target)}; give all in their order, or "
        f"a first line with their names, such as {listing(names, 8)}"
    )


def _widths(form: Dialect, target: str | None) -> str:
    """`5 as in training, or 4 without column_3`."""
    less = f", or {len(form.names) - 1} without {target}" if target in form.names else ""
    return f"{len(form.names)} as in training{less}"
