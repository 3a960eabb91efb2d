"""Which form the labels of a table have: as asked, or where it is plain (`labels.py` says which forms there are).

A separator is plain where it cuts the different cells into fewer labels that recur in several of them, and cells have
now more of them, now fewer: "Austin, TX" and "Smith, John" are names, however many commas a column has.
"""

import fnmatch
from collections.abc import Sequence

import numpy as np
import pandas as pd

from deepglass.core.catalogue import unknown
from deepglass.core.errors import OptionError
from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.reading.asked import listed
from deepglass.data.reading.columns import describe
from deepglass.data.reading.labels import (
    HOT,
    LIST,
    SEPARATORS,
    LabelForm,
    are_hot,
    is_list,
    is_truth,
    parts_of,
    read_labels,
)
from deepglass.data.reading.usual_names import TARGET_NAMES, is_text_name
from deepglass.data.reading.words import as_word

LABEL_NAMES = ("labels", "tags", "genres", "topics", "categories", "keywords", "emotions", "hashtags", "classes",
               "label_ids", "annotations")  # fmt: skip
SPELT = {"comma": ",", "semicolon": ";", "bar": "|", "pipe": "|", "blank": " ", "space": " ", "tab": "\t",
         "slash": "/", "plus": "+", "none": ""}  # fmt: skip
MOST_CELLS = 2_000  # different cells that are looked at
LONGEST = 4  # words of a label
RECURRING = 0.7  # of the labels, in several different cells


# -- as asked -------------------------------------------------------------------------------------------------------


def columns_asked(frame: pd.DataFrame, target: str) -> tuple[str, ...]:
    """The columns that `--target` names: one, several by commas, or a pattern such as tag_*.

    Raises:
        OptionError: If one is not there.
    """
    names = [str(name) for name in frame.columns]
    if target in names:
        return (target,)
    found: list[str] = []
    for wanted in listed(target):
        fitting = [name for name in names if name == wanted or fnmatch.fnmatchcase(name, wanted)]
        if not fitting:
            raise OptionError(f"--target: {unknown('column', wanted, names)}")
        found += fitting
    return tuple(dict.fromkeys(found))


def form_named(frame: pd.DataFrame, target: str, separator: str | None = None) -> LabelForm:
    """The form of the columns that `--target` names.

    Raises:
        OptionError: If one is not there, or no cell has the separator.
    """
    columns = columns_asked(frame, target)
    if len(columns) > 1 or (separator is None and is_truth(frame[columns[0]])):  # type: ignore[arg-type]
        return LabelForm(columns)
    return form_asked(frame[columns[0]], separator)  # type: ignore[arg-type]


def columns_of_labels(frame: pd.DataFrame, config: DataConfig) -> tuple[str, ...]:
    """The columns of `--target`, or those that plainly hold labels; none where neither is known."""
    if config.target:
        return columns_asked(frame, config.target)
    found = plain_labels(frame, config)
    return found[0].columns if found else ()


# -- where it is plain ----------------------------------------------------------------------------------------------


def plain_labels(frame: pd.DataFrame, config: DataConfig) -> tuple[LabelForm, str] | None:
    """The form of a table that plainly holds several labels for each row, and why it is plain; else None.

    Columns of yes and no are plain where `--target` names several, or where nothing else stands beside a text or a
    file; cells that list labels where `--target` names their column, or its name is that of labels.
    """
    if config.target:
        try:
            columns = columns_asked(frame, config.target)
        except OptionError:  # whoever needs the column says it
            return None
        if len(columns) > 1:
            are_truths = all(is_truth(frame[name]) or frame[name].nunique() < 2 for name in columns)
            return (LabelForm(columns), f"--target names {len(columns)} columns of yes and no") if are_truths else None
        return _listed_in(frame, columns)
    usual = {name.lower(): name for name in reversed([str(name) for name in frame.columns])}
    if found := _listed_in(frame, [usual[name] for name in (*LABEL_NAMES, *TARGET_NAMES) if name in usual]):
        return found
    return _beside_content(frame)


def _listed_in(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[LabelForm, str] | None:
    for name in columns:
        column = frame[name]
        if not pd.api.types.is_numeric_dtype(column) and (form := form_of_cells(column)):  # type: ignore[arg-type]
            return form, f"cells of {name!r} list labels"
    return None


def _beside_content(frame: pd.DataFrame) -> tuple[LabelForm, str] | None:
    """Where a text or a path is the only input: the columns of yes and no beside it, or the one of lists."""
    from deepglass.data.reading.file_column import by_endings

    described = [column for column in describe(frame) if column.kind not in ("constant", "date")]
    paths = [column for column in described if by_endings(column.name, frame[column.name])]  # type: ignore[arg-type]
    texts = [column for column in described if column.kind == "text"]
    content = paths or sorted(texts, key=lambda column: (not is_text_name(column.name), -column.mean_words))
    others = [column for column in described if column not in content[:1]]
    names = [column.name for column in others if column.kind != "id"] or [column.name for column in others]
    if not content or not names:
        return None
    if len(names) > 1 and all(is_truth(frame[name]) for name in names):  # type: ignore[arg-type]
        form = LabelForm(tuple(names))
        if (read_labels(frame, form).is_true.sum(axis=1) > 1).any():
            return form, f"beside {content[0].name!r} are {counted(len(names), 'column')} of yes and no"
    return _listed_in(frame, names) if len(names) == 1 else None


def form_of_cells(column: pd.Series) -> LabelForm | None:
    """The form of a column whose cells plainly list labels; None where they could be names with a comma inside.

    Plain is a list in brackets, or a separator that cuts different cells into fewer labels, most of which recur in
    other cells, and of which cells have sometimes more and sometimes fewer.
    """
    cells = _different(column)
    name = (str(column.name),)
    if not cells:
        return None
    lists = [cell for cell in cells if is_list(cell) or "\n" in cell]
    if lists and all(is_list(cell) or "\n" in cell or len(lists) > 0.5 * len(cells) for cell in cells):
        return LabelForm(name, HOT if are_hot(cells) else LIST)
    signs = SEPARATORS if name[0].lower() in LABEL_NAMES else SEPARATORS[:-1]  # classes have names of several words
    found = next((sign for sign in signs if _is_plain(cells, sign, bool(column.isna().any()))), None)
    return LabelForm(name, found) if found else None


def form_asked(column: pd.Series, separator: str | None) -> LabelForm:
    """The form of a column that is said to hold labels: the separator that is asked for, or the likeliest one.

    Raises:
        OptionError: If no cell has the separator that is asked for.
    """
    name, cells = (str(column.name),), _different(column)
    if separator is not None:
        sign = SPELT.get(separator.lower(), separator)
        if not any(sign in cell for cell in cells):
            shown = f", such as {max(cells, key=len)!r}" if cells else ""
            raise OptionError(f"--label-separator {separator}: no cell of {name[0]!r} has it{shown}; leave it out")
        return LabelForm(name, sign)
    if found := form_of_cells(column):
        return found
    return LabelForm(name, next((sign for sign in SEPARATORS[:-1] if any(sign in cell for cell in cells)), ""))


def _different(column: pd.Series) -> list[str]:
    words = column.dropna().unique()
    some = words[np.linspace(0, len(words) - 1, min(MOST_CELLS, len(words))).astype(int)] if len(words) else words
    cells = [as_word(word).strip() for word in some]
    return [cell for cell in cells if cell]


def _is_plain(cells: list[str], separator: str, has_empty: bool) -> bool:
    parts = [tuple(parts_of(cell, separator)) for cell in cells]
    counts = {label: 0 for labels in parts for label in labels}
    for labels in parts:
        for label in set(labels):
            counts[label] += 1
    lengths = {len(labels) for labels in parts} | ({0} if has_empty else set())
    if max(lengths) < 2 or len(lengths) < 2 or len(counts) < 2 or len(counts) >= len(cells):
        return False
    if max(len(label.split()) for label in counts) > LONGEST or (separator == " " and len(cells) < 2 * len(counts)):
        return False
    return sum(count > 1 for count in counts.values()) >= RECURRING * len(counts)
