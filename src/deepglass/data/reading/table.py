"""Tables: one file or several, made into one frame with the splits that the data declare.

Splits are declared by files of their own (`train.tsv`, `dev.tsv`, `test.tsv`; `--val`, `--test`) or by a column
(`--split-column`). The rows of all files are put under each other; which belongs where is kept beside them.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from deepglass.core.catalogue import unknown
from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing, numbered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.asked import listed
from deepglass.data.reading.cells import Typed, typed
from deepglass.data.reading.delimited import read_delimited, read_known
from deepglass.data.reading.json_records import read_json
from deepglass.data.reading.known_cells import read_cells
from deepglass.data.reading.opening import companions, opened, stem, suffix
from deepglass.data.reading.table_format import TableFormat

DELIMITED = (".csv", ".tsv", ".tab", ".psv", ".data")
OTHERS = (".parquet", ".jsonl", ".ndjson", ".json")
SUFFIXES = DELIMITED + OTHERS
SPLIT_NAMES = {  # what people call a split → what we call it
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test", "eval": "test",
}  # fmt: skip


def read_table(path: Path, config: DataConfig) -> Table:
    """Read a table file and, where `--val` and `--test` name them, its companions."""
    return read_tables({"train": path, **companions(config)}, stem(path), config)


def read_tables(files: dict[str, Path], name: str, config: DataConfig) -> Table:
    """Read one table from the files of its splits; how the first is written is how all of them are read.

    Args:
        files: Paths by split; one file alone declares no split.

    Raises:
        DataError: If a file cannot be read, or does not fit the form of the first.
    """
    first, *others = files
    found = _read_file(files[first], config)
    if not others:
        return finished(Table(found.frame, name, guesses=found.guesses, format=found.format), config)
    parts, guesses = {first: found.frame}, list(found.guesses)
    for split in others:
        part = read_known_file(files[split], found.format, config.max_rows)
        parts[split] = _aligned(part.frame, found.frame, files[split], files[first])
        guesses += part.guesses
        if part.left_out:
            why = f"only in {files[split].name}, not in {files[first].name}"
            guesses.append(Guess("columns left out", listing(part.left_out), why, "the same columns in both files"))
    table = put_under_each_other(parts, Table(found.frame, name, guesses=guesses, format=found.format))
    guesses.append(Guess("splits", _sizes(table.splits), listing(f.name for f in files.values()), "--val and --test"))
    return finished(table, config)


def put_under_each_other(parts: dict[str, pd.DataFrame], table: Table) -> Table:
    """The table with the rows of all splits, and where each lies; its frame is replaced."""
    ends = np.cumsum([len(part) for part in parts.values()])
    table.frame = _joined(list(parts.values()))
    table.splits = {split: np.arange(end - len(parts[split]), end) for split, end in zip(parts, ends)}
    _strip_full_stops(table)
    return table


@acts_on("max_rows")
def from_frame(frame: pd.DataFrame, name: str, config: DataConfig) -> Table:
    """A table from a pandas frame that the caller keeps unchanged.

    Raises:
        DataError: If the frame has no rows, or an option names a column that it does not have.
    """
    frame = _own_frame(frame, name).iloc[: config.max_rows].copy(deep=False)
    categories = tuple(c for c in frame.columns if isinstance(frame[c].dtype, pd.CategoricalDtype))
    found = typed(frame, config, _rows_of(name), categories=categories)
    return finished(Table(found.frame, name, guesses=found.guesses, format=found.format), config)


def read_known_file(path: Path, format: TableFormat, max_rows: int | None = None) -> Typed:
    """Read a table file of any form as the training data were read.

    Raises:
        DataError: If the file cannot be read or does not fit the format.
    """
    if suffix(path) not in OTHERS:
        return read_known(path, format, max_rows)
    noun = "line" if suffix(path) in (".jsonl", ".ndjson") else "row"
    frame = _named_by_words(_require_rows(_read_other(path, max_rows), path), str(path))
    names = [*frame.columns]
    guesses: list[Guess] = []
    cells = read_cells(frame, format, _rows_of(str(path), noun), guesses)
    return Typed(cells, format, guesses, tuple(name for name in names if name not in format.by_name))


def known_frame(frame: pd.DataFrame, name: str, format: TableFormat) -> Table:
    """A table from a pandas frame, read as the training data were read.

    Raises:
        DataError: If the frame has no rows, or lacks a column of the training data.
    """
    frame = _own_frame(frame, name).copy(deep=False)
    guesses: list[Guess] = []
    return Table(read_cells(frame, format, _rows_of(name), guesses), name, guesses=guesses, format=format)


@acts_on("ignore", "split_column")
def finished(table: Table, config: DataConfig) -> Table:
    """Leave out the columns of `--ignore` and take the splits of `--split-column`.

    Raises:
        DataError: If the split column is empty somewhere, or names other splits than train, val and test.
    """
    for column in listed(config.ignore):
        require_column(table.frame, column, "--ignore")
        if column == config.score_by:
            table.aside = table.frame[column]
        if column == config.fair:
            table.fair = table.frame[column]
        table.frame = table.frame.drop(columns=column)
    if config.split_column:
        require_column(table.frame, config.split_column, "--split-column")
        table.splits = _splits_of_column(table.frame.pop(config.split_column))
    if config.target in table.frame.columns:
        table.target = config.target
    if table.format is not None:
        absent = [column.name for column in table.format.columns if column.name not in table.frame.columns]
        table.format = replace(table.format, left_out=tuple(absent))
    return table


def require_column(frame: pd.DataFrame, column: str, option: str) -> str:
    """`column` itself.

    Raises:
        OptionError: If the frame has no such column; suggests the nearest name.
    """
    if column not in frame.columns:
        raise OptionError(f"{option}: {unknown('column', column, [str(name) for name in frame.columns])}")
    return column


def column_to_score_by(table: Table, config: DataConfig) -> pd.Series | None:
    """The column of `--score-by`, whether it is learnt from or left out; None where none is named.

    Raises:
        OptionError: If the table has no such column.
    """
    return _column_of(table, config.score_by, table.aside, "--score-by")


def column_to_be_fair_to(table: Table, config: DataConfig) -> pd.Series | None:
    """The column of `--fair`, whether it is learnt from or left out; None where none is named.

    Raises:
        OptionError: If the table has no such column.
    """
    return _column_of(table, config.fair, table.fair, "--fair")


def _column_of(table: Table, name: str | None, left_out: pd.Series | None, option: str) -> pd.Series | None:
    """`left_out`, which was kept when it was taken out of the table, or the column of that name; None without one."""
    if name is None or left_out is not None:
        return left_out
    return table.frame[require_column(table.frame, name, option)]  # type: ignore[return-value]


def keep_rows(table: Table, keep: np.ndarray) -> None:
    """Keep the rows (N,) of a mask; splits follow."""
    place = np.cumsum(keep) - 1
    table.frame = table.frame[keep].reset_index(drop=True)
    if table.aside is not None:
        table.aside = table.aside[keep].reset_index(drop=True)
    if table.fair is not None:
        table.fair = table.fair[keep].reset_index(drop=True)
    table.splits = {split: place[rows[keep[rows]]] for split, rows in table.splits.items()}


def split_of(name: str) -> str | None:
    """The split that a file or folder name speaks of: `adult-test` → `test`, `dev` → `val`."""
    words = name.lower().replace("_", "-").replace(".", "-").replace(" ", "-").split("-")
    return next((SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES), None)


@acts_on("max_rows")
def _read_file(path: Path, config: DataConfig) -> Typed:
    if suffix(path) not in OTHERS:
        return read_delimited(path, config)
    noun = "line" if suffix(path) in (".jsonl", ".ndjson") else "row"
    frame = _named_by_words(_require_rows(_read_other(path, config.max_rows), path), str(path))
    categories = tuple(c for c in frame.columns if isinstance(frame[c].dtype, pd.CategoricalDtype))
    return typed(frame, config, _rows_of(str(path), noun), categories=categories)


def _read_other(path: Path, max_rows: int | None) -> pd.DataFrame:
    return _read_parquet(path, max_rows) if suffix(path) == ".parquet" else read_json(path, max_rows)


def _require_rows(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    if not len(frame):
        raise DataError(f"{path} has no rows: expected at least one")
    return frame


def _own_frame(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The caller's frame with an index that counts its rows and columns that are named by words."""
    if not len(frame):
        raise DataError(f"the frame {name!r} has no rows: expected at least one")
    return _named_by_words(frame.reset_index(drop=_is_plain(frame.index)).copy(deep=False), f"the frame {name!r}")


def _named_by_words(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    frame.columns = [
        ".".join(str(part) for part in column if part != "") if isinstance(column, tuple) else str(column)
        for column in frame.columns
    ]
    if repeated := frame.columns[frame.columns.duplicated()].tolist():
        raise DataError(f"column {repeated[0]!r} occurs twice in {name}: rename one of them")
    return frame


def _read_parquet(path: Path, max_rows: int | None) -> pd.DataFrame:
    with opened(path):  # an empty or unreadable file is named here
        pass
    try:
        table = parquet.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path} is not a whole Parquet file ({error}): write or copy it again") from None
    frame = table.slice(0, max_rows).to_pandas(split_blocks=True, self_destruct=True, date_as_object=False)
    return frame.reset_index(drop=_is_plain(frame.index))


def _aligned(part: pd.DataFrame, first: pd.DataFrame, path: Path, first_path: Path) -> pd.DataFrame:
    """The columns of the first file, in its order."""
    if missing := [str(column) for column in first.columns if column not in part.columns]:
        raise DataError(
            f"{path} lacks {counted(len(missing), 'column')} of {first_path.name} "
            f"({listing(missing)}): add what is missing, or train on {first_path} alone"
        )
    return part.loc[:, list(first.columns)]


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Parts of one table under each other; a category has the levels of all of them."""
    for name in parts[0].columns:
        columns = [part[name] for part in parts]
        if any(isinstance(column.dtype, pd.CategoricalDtype) for column in columns):
            levels = sorted(set().union(*(set(column.dropna().astype("str").unique()) for column in columns)))
            for part in parts:
                part[name] = pd.Categorical(part[name].astype("str"), categories=pd.Index(levels, dtype="str"))
        elif any(column.dtype == bool for column in columns) and not all(column.dtype == bool for column in columns):
            for part in parts:
                part[name] = part[name].astype("str")
    return pd.concat(parts, ignore_index=True)


def _strip_full_stops(table: Table) -> None:
    """`>50K.` in the test file is `>50K` of the training file, where every cell of the column ends so."""
    for name in table.frame.select_dtypes("category"):
        column, train = table.frame[name], table.splits["train"]
        known = set(column.iloc[train].dropna().unique())
        new = [level for level in column.cat.categories if level not in known]
        if not new or not all(level.endswith(".") and level[:-1] in known for level in new):
            continue
        table.frame[name] = column.astype("str").replace({level: level[:-1] for level in new}).astype("category")
        table.guesses.append(
            Guess(
                f"labels of {name}", "full stops removed", f"{listing(new)} is not in train", "other labels in the file"
            )
        )


def _splits_of_column(column: pd.Series) -> dict[str, np.ndarray]:
    names = column.astype("str").str.strip().str.lower()
    splits = names.map(SPLIT_NAMES)
    if splits.isna().any():
        odd = sorted(set(names[splits.isna()].fillna("(empty)")))
        raise DataError(f"column {column.name!r} names splits: expected train, val or test, got {listing(odd)}")
    return {split: np.flatnonzero(splits == split) for split in ("train", "val", "test") if (splits == split).any()}


def _sizes(splits: dict[str, np.ndarray]) -> str:
    return ", ".join(f"{split} {len(rows):,}" for split, rows in splits.items())


def _rows_of(name: str, noun: str = "row") -> Callable[[np.ndarray], str]:
    return lambda rows: f"{numbered(noun, [int(row) + 1 for row in rows])} of {name}"


def _is_plain(index: pd.Index) -> bool:
    """Whether the index only numbers the rows; any other is a column that lost its place."""
    return index.name is None and not isinstance(index, (pd.DatetimeIndex, pd.MultiIndex))
