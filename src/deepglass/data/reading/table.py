"""Tables: one file or several, made into one frame with the splits that the data declare.

Splits are declared by files of their own (`train.tsv`, `dev.tsv`, `test.tsv`; `--val`, `--test`) or by a column
(`--split-column`). The rows of all files are put under each other; which belongs where is kept beside them.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import json as arrow_json
from pyarrow import parquet

from deepglass.core.catalogue import unknown
from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing, numbered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.cells import typed
from deepglass.data.reading.delimited import read_delimited
from deepglass.data.reading.opening import companions, is_gzip, opened, stem, suffix

DELIMITED = (".csv", ".tsv", ".tab", ".psv", ".data")
OTHERS = (".parquet", ".jsonl", ".ndjson", ".json")
SUFFIXES = DELIMITED + OTHERS
JSON_BLOCK_BYTES = 1 << 24  # a line, perhaps a whole document, must fit into a block
SPLIT_NAMES = {  # what people call a split → what we call it
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test", "eval": "test",
}  # fmt: skip


def read_table(path: Path, config: DataConfig) -> Table:
    """Read a table file and, where `--val` and `--test` name them, its companions."""
    return read_tables({"train": path, **companions(config)}, stem(path), config)


def read_tables(files: dict[str, Path], name: str, config: DataConfig) -> Table:
    """Read one table from the files of its splits.

    Args:
        files: Paths by split; one file alone declares no split.

    Raises:
        DataError: If a file cannot be read, or its columns differ from those of the first.
    """
    parts, guesses = {}, []
    for split, path in files.items():
        parts[split], found = _read_file(path, config)
        guesses += found if split == "train" else []
    if len(parts) == 1:
        return finished(Table(parts["train"], name, guesses=guesses), config)
    parts = _aligned(parts, files, guesses)
    table = Table(pd.concat(_same_types(parts, files), ignore_index=True), name, guesses=guesses)
    ends = np.cumsum([len(part) for part in parts.values()])
    table.splits = {s: np.arange(end - len(parts[s]), end) for s, end in zip(parts, ends)}
    _strip_full_stops(table)
    guesses.append(Guess("splits", _sizes(table.splits), listing(f.name for f in files.values()), "--val and --test"))
    return finished(table, config)


@acts_on("max_rows")
def from_frame(frame: pd.DataFrame, name: str, config: DataConfig) -> Table:
    """A table from a pandas frame that the caller keeps unchanged."""
    if not len(frame):
        raise DataError(f"the frame {name!r} has no rows: expected at least one")
    frame = frame.iloc[: config.max_rows].reset_index(drop=_is_plain(frame.index)).copy(deep=False)
    frame.columns = [str(column) for column in frame.columns]
    if repeated := frame.columns[frame.columns.duplicated()].tolist():
        raise DataError(f"column {repeated[0]!r} occurs twice in the frame {name!r}: rename one of them")
    frame, guesses = typed(frame, config, _rows_of(name))
    return finished(Table(frame, name, guesses=guesses), config)


@acts_on("ignore", "split_column")
def finished(table: Table, config: DataConfig) -> Table:
    """Leave out the columns of `--ignore` and take the splits of `--split-column`."""
    for column in filter(None, (config.ignore or "").split(",")):
        require_column(table.frame, column.strip(), "--ignore")
        table.frame = table.frame.drop(columns=column.strip())
    if config.split_column:
        require_column(table.frame, config.split_column, "--split-column")
        table.splits = _splits_of_column(table.frame.pop(config.split_column))
    if config.target in table.frame.columns:
        table.target = config.target
    return table


def require_column(frame: pd.DataFrame, column: str, option: str) -> str:
    """`column` itself.

    Raises:
        OptionError: If the frame has no such column; suggests the nearest name.
    """
    if column not in frame.columns:
        raise OptionError(f"{option}: {unknown('column', column, [str(name) for name in frame.columns])}")
    return column


def keep_rows(table: Table, keep: np.ndarray) -> None:
    """Keep the rows (N,) of a mask; splits follow."""
    place = np.cumsum(keep) - 1
    table.frame = table.frame[keep].reset_index(drop=True)
    table.splits = {split: place[rows[keep[rows]]] for split, rows in table.splits.items()}


def split_of(name: str) -> str | None:
    """The split that a file or folder name speaks of: `adult-test` → `test`, `dev` → `val`."""
    words = name.lower().replace("_", "-").replace(".", "-").replace(" ", "-").split("-")
    return next((SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES), None)


def _read_file(path: Path, config: DataConfig) -> tuple[pd.DataFrame, list[Guess]]:
    ending = suffix(path)
    if ending == ".parquet":
        return _typed(_read_parquet(path, config), path, config)
    if ending in (".jsonl", ".ndjson", ".json"):
        return _typed(_read_json(path, config), path, config, "line" if ending != ".json" else "row")
    return read_delimited(path, config)


def _typed(frame: pd.DataFrame, path: Path, config: DataConfig, noun: str = "row") -> tuple[pd.DataFrame, list[Guess]]:
    if not len(frame):
        raise DataError(f"{path} has no rows: expected at least one")
    return typed(frame, config, _rows_of(str(path), noun))


@acts_on("max_rows")
def _read_parquet(path: Path, config: DataConfig) -> pd.DataFrame:
    with opened(path):  # an empty or unreadable file is named here
        pass
    try:
        table = parquet.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path} is not a whole Parquet file ({error}): write or copy it again") from None
    frame = table.slice(0, config.max_rows).to_pandas(split_blocks=True, self_destruct=True, date_as_object=False)
    return frame.reset_index(drop=_is_plain(frame.index))


@acts_on("max_rows")
def _read_json(path: Path, config: DataConfig) -> pd.DataFrame:
    """JSON lines, one object a line, or one JSON list of objects; objects within objects become columns `a.b`."""
    if suffix(path) == ".json":
        with opened(path) as file:
            return pd.json_normalize(_json_list(file.read(), path)[: config.max_rows])
    with opened(path), pa.input_stream(str(path), compression="gzip" if is_gzip(path) else None) as stream:
        try:
            table = arrow_json.read_json(stream, arrow_json.ReadOptions(block_size=JSON_BLOCK_BYTES))
        except (pa.ArrowInvalid, OSError):  # lines of different form, or broken ones
            return _read_json_carefully(path, config)
    return table.flatten().slice(0, config.max_rows).to_pandas(split_blocks=True, self_destruct=True)


def _read_json_carefully(path: Path, config: DataConfig) -> pd.DataFrame:
    """Line by line, so that a broken one can be named."""
    with opened(path) as file:
        lines = [(number, line) for number, line in enumerate(file, 1) if line.strip()][: config.max_rows]
        return pd.json_normalize([_json_object(line, path, number) for number, line in lines])


def _json_object(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise DataError(f"{path}, line {number}: not JSON ({error}); expected one object a line") from None
    if not isinstance(record, dict):
        raise DataError(f'{path}, line {number}: expected an object such as {{"column": 1}}, got {line[:40]!r}')
    return record


def _json_list(content: bytes, path: Path) -> list[dict[str, Any]]:
    try:
        records = json.loads(content)
    except ValueError as error:
        raise DataError(f"{path} is not JSON ({error}); JSON lines are named .jsonl") from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise DataError(f"{path}: expected a list of objects, one a row; write one object a line and name it .jsonl")
    return records


def _aligned(parts: dict[str, pd.DataFrame], files: dict[str, Path], guesses: list[Guess]) -> dict[str, pd.DataFrame]:
    """The same columns in every split, in the order of the first."""
    first = next(iter(parts))
    columns = parts[first].columns
    for split, part in parts.items():
        if missing := [str(column) for column in columns if column not in part.columns]:
            raise DataError(
                f"{files[split]} lacks {counted(len(missing), 'column')} of {files[first].name} "
                f"({listing(missing)}): add what is missing, or train on {files[first]} alone"
            )
        if extra := [str(column) for column in part.columns if column not in columns]:
            why = f"only in {files[split].name}, not in {files[first].name}"
            guesses.append(Guess("columns left out", listing(extra), why, "the same columns in both files"))
    return {split: part[columns] for split, part in parts.items()}  # pyright: ignore[reportReturnType]


def _same_types(parts: dict[str, pd.DataFrame], files: dict[str, Path]) -> list[pd.DataFrame]:
    """Columns that one file read as words and another as numbers become words in both; a date must be one in both."""
    frames = [part.copy(deep=False) for part in parts.values()]
    for column in frames[0].columns:
        kinds = [_kind(frame[column]) for frame in frames if frame[column].notna().any()]
        if "date" in kinds and set(kinds) != {"date"}:
            odd = list(files.values())[next(i for i, frame in enumerate(frames) if _kind(frame[column]) != "date")]
            raise DataError(
                f"column {column!r} holds dates in other files but not in {odd}: write dates in all of them"
            )
        if "words" in kinds or len(set(kinds)) > 1:
            _as_words(frames, column)
    return frames


def _as_words(frames: list[pd.DataFrame], column: str) -> None:
    words = [frame[column].astype("str") for frame in frames]
    if any(isinstance(frame[column].dtype, pd.CategoricalDtype) for frame in frames):
        levels = sorted(set().union(*(set(part.dropna().unique()) for part in words)))
        words = [pd.Series(pd.Categorical(part, categories=levels)) for part in words]
    for frame, part in zip(frames, words):
        frame[column] = part.to_numpy() if not isinstance(part.dtype, pd.CategoricalDtype) else part.array


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if column.dtype == bool:
        return "truth"
    return "number" if pd.api.types.is_numeric_dtype(column) else "words"


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
