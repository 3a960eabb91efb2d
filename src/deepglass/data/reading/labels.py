"""Several labels for one example: how a table writes them, and what they are.

a column per label      text, toxic, insult, threat     with 0 and 1, yes and no, true and false, x and nothing
cells that list them    text, tags                      sports;politics   a|b   "4, 27"   ["a", "b"]   ['a' 'b']
cells of zeros and ones text, labels                    [0, 1, 0, 1]

An empty cell of a list is an example without a label; a gap among zeros and ones is not known.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.state import build
from deepglass.core.wording import counted, listing
from deepglass.data.reading.words import as_word

SEPARATORS = (";", "|", ",", "/", "+", "&", " ")  # from the one that says most to the one that says least
LIST, HOT = "list", "zeros and ones"  # other forms of a cell
NAMES_OF_FORMS = {" ": "blanks", ",": "commas", ";": "semicolons", "|": "bars", LIST: "lists", HOT: HOT}
YES, NO = ("1", "yes", "y", "true", "t", "on", "x", "✓", "+"), ("0", "no", "n", "false", "f", "off", "-1", "-")
ITEMS = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s,'"][^,'"]*)""")


@dataclass(frozen=True)
class LabelForm:
    """How labels are written.

    Attributes:
        columns: One for each label; or the one whose cells list them.
        separator: Between the labels of a cell, `LIST` or `HOT`; "" where a cell is one label. None of a column per
            label.
        names: What labels that are numbers are called, counted from 0; empty where they are called as written.
    """

    columns: tuple[str, ...]
    separator: str | None = None
    names: tuple[str, ...] = ()

    @property
    def is_column_per_label(self) -> bool:
        """Whether every label has a column of its own."""
        return self.separator is None

    @property
    def words(self) -> str:
        """ "3 columns" or "cells with commas"."""
        if self.separator is None:
            return counted(len(self.columns), "column")
        if not self.separator:
            return "cells of one label"
        return f"cells with {NAMES_OF_FORMS.get(self.separator, repr(self.separator))}"

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"columns": list(self.columns), "separator": self.separator, "names": list(self.names)}

    @classmethod
    def from_state(cls, state: Any) -> "LabelForm":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        return build(cls, state)


@dataclass(frozen=True)
class LabelSets:
    """The labels of every row.

    Attributes:
        names: Of all labels that occur, or have a column: numbers by size, words by letter, columns in their order.
        is_true: (N, L) booleans.
        is_known: (N,) whether it is known which labels a row has.
        repeated: Rows whose cell names a label twice.
    """

    names: list[str]
    is_true: np.ndarray
    is_known: np.ndarray
    repeated: int = 0

    def placed(self, names: Sequence[str]) -> np.ndarray:
        """(N, L) booleans in another order of labels; those that are not among `names` are left out."""
        own = {name: place for place, name in enumerate(self.names)}
        found = np.zeros((len(self.is_true), len(names)), bool)
        for place, name in enumerate(names):
            if name in own:
                found[:, place] = self.is_true[:, own[name]]
        return found


def read_labels(frame: pd.DataFrame, form: LabelForm) -> LabelSets:
    """The labels of all rows.

    Raises:
        DataError: If a column is absent, or a cell of a column per label is neither yes nor no; names rows.
    """
    if absent := [name for name in form.columns if name not in frame.columns]:
        raise DataError(
            f"there is no column {listing(map(repr, absent))}, which holds labels: expected {listing(form.columns, 10)}"
        )
    if form.is_column_per_label:
        return _of_columns(frame, form)
    return _of_cells(frame[form.columns[0]], form)  # type: ignore[arg-type]


# -- a column per label ---------------------------------------------------------------------------------------------


def _of_columns(frame: pd.DataFrame, form: LabelForm) -> LabelSets:
    known, true = np.ones(len(frame), bool), []
    for name in form.columns:
        cells = _truths(frame[name])  # type: ignore[arg-type]
        if (odd := cells == ODD).any():
            shown = listing(dict.fromkeys(repr(as_word(cell)) for cell in frame[name][odd]))
            raise DataError(
                f"column {name!r} holds {shown} in rows {listing((np.flatnonzero(odd) + 1).tolist())}: expected one "
                "mark for yes and one for no, such as 1 and 0; correct these cells, or leave the column out of --target"
            )
        known &= cells != UNKNOWN
        true.append(cells == 1)
    return LabelSets(list(form.columns), np.stack(true, axis=1), known)


UNKNOWN, ODD = -1, -2  # of a cell, beside 0 and 1


def _truths(column: pd.Series) -> np.ndarray:
    """(N,) 1 for yes, 0 for no; where there is no mark for no, a gap is one."""
    if column.dtype == bool:
        return column.to_numpy().astype(np.int8)
    codes, words = pd.factorize(column)
    marks = [as_word(word).strip().lower() for word in words]
    values = np.array([1 if mark in YES else 0 if mark in NO else ODD for mark in marks], np.int8)
    is_marked = (values == 0).any() or (values == ODD).any()
    return np.append(values, np.int8(UNKNOWN if is_marked else 0))[codes]


def is_truth(column: pd.Series) -> bool:
    """Whether a column can be one label: all of its cells are a yes or a no, in few spellings, and one is there."""
    if pd.api.types.is_datetime64_any_dtype(column) or column.nunique() > len(YES):
        return False
    cells = _truths(column)
    return bool((cells != ODD).all() and (cells == 1).any())


# -- cells that list labels -----------------------------------------------------------------------------------------


def _of_cells(column: pd.Series, form: LabelForm) -> LabelSets:
    codes, words = pd.factorize(column)
    parts = [parts_of(as_word(word), form.separator or "") for word in words]
    parts = [_as_named(labels, form, str(column.name)) for labels in parts]
    names = _in_order({label for labels in parts for label in labels})
    if form.separator == HOT:
        names = list(form.names) or names
    place = {name: i for i, name in enumerate(names)}
    is_true = np.zeros((len(parts) + 1, len(names)), bool)  # the last is of empty cells
    for i, labels in enumerate(parts):
        is_true[i, [place[label] for label in labels]] = True
    repeats = np.array([len(labels) != len(set(labels)) for labels in parts] + [False])
    return LabelSets(names, is_true[codes], np.ones(len(column), bool), int(repeats[codes].sum()))


def parts_of(cell: str, separator: str) -> list[str]:
    """The labels of a cell in their order, trimmed, empty ones left out; a cell in brackets is a list in any case.

    Example:
        >>> parts_of("a; b;", ";"), parts_of("['a' 'b']", ";"), parts_of('["a, b"]', ",")
        (['a', 'b'], ['a', 'b'], ['a, b'])
    """
    cell = cell.strip()
    if separator == HOT:
        return [str(i) for i, bit in enumerate(_items(cell)) if float(bit) > 0]
    if is_list(cell):
        return [item for item in _items(cell) if item]
    if "\n" in cell:  # a list that came as one, in Parquet, JSON or a frame
        pieces = cell.split("\n")
    elif separator and separator != LIST:
        pieces = cell.split(separator)
    else:
        pieces = [cell]
    return [piece for piece in (_bare(piece) for piece in pieces) if piece]


def is_list(cell: str) -> bool:
    """Whether a cell is written as a list, a tuple or a set."""
    return len(cell) > 1 and cell[0] + cell[-1] in ("[]", "()", "{}")


def _items(cell: str) -> list[str]:
    """The items of a written list, as JSON, Python or NumPy write them."""
    if "\n" in cell and not is_list(cell):
        return cell.split("\n")
    inner = cell[1:-1] if is_list(cell) else cell
    try:
        found = json.loads(f"[{inner}]")
        if all(isinstance(item, str | int | float) for item in found):
            return [as_word(item).strip() for item in found]
    except (ValueError, RecursionError):
        pass
    items = [next(filter(None, match), "").strip() for match in ITEMS.findall(inner)]
    if "," not in inner and len(items) == 1 and re.fullmatch(r"[\d.\s+-]+", items[0]):
        return [item.removesuffix(".") for item in items[0].split()]  # numbers as NumPy prints them
    return [re.sub(r"\\(.)", r"\1", item) for item in items]


def _bare(piece: str) -> str:
    piece = piece.strip()
    is_quoted = len(piece) > 1 and piece[0] == piece[-1] and piece[0] in "'\""
    return piece[1:-1].strip() if is_quoted else piece


def _as_named(labels: list[str], form: LabelForm, column: str) -> list[str]:
    if not form.names:
        return labels
    for label in labels:
        if not label.isdigit() or int(label) >= len(form.names):
            if label in form.names:
                continue
            raise DataError(
                f"column {column!r} holds the label {label!r}: expected a name of --label-names, or a number from 0 "
                f"to {len(form.names) - 1}, which counts them"
            )
    return [form.names[int(label)] if label.isdigit() and label not in form.names else label for label in labels]


def _in_order(labels: set[str]) -> list[str]:
    if all(label.isdigit() and len(label) < 19 for label in labels):
        return sorted(labels, key=lambda label: (int(label), label))
    return sorted(labels)


def are_hot(cells: Sequence[str]) -> bool:
    """Whether all cells are equally long lists of zeros and ones."""
    items = [_items(cell) for cell in cells]
    marks = {mark for found in items for mark in found}
    return len(items[0]) > 1 and {len(found) for found in items} == {len(items[0])} and marks <= {"0", "1"}


def is_beyond_classes(frame: pd.DataFrame, form: LabelForm) -> bool:
    """Whether cells could not stand for classes either: several columns, or rows without any label."""
    return form.is_column_per_label or bool(frame[form.columns[0]].isna().any())
