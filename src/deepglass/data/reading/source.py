"""What a source is, and which reader takes it: a bundled name, a file, a folder, or arrays handed over in Python.

"iris"                      a bundled data set, one file in `datasets/`
people.csv(.gz)             a table; also TSV, Parquet, JSON lines
folder/train.csv, test.csv  a table with declared splits
talks.jsonl                 conversations, in which lists of turns or messages lie
photos.csv                  a table with a column of paths: the pictures or texts that lie there
folder/CLASS/*.jpg          pictures, perhaps below train/ val/ test/; also IDX files
digits.npz, x_train.npy     arrays by their names
folder/CLASS/*.txt          texts of classes
memory.tmx                  a translation memory: a column for each language
book.txt                    one long text
DataFrame, (X, y), array    from Python
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from deepglass.core import catalogue, files
from deepglass.core.effects import acts_on, note, options_used
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout, Table, Text
from deepglass.data.reading import (
    arrays,
    cells,
    dialogues,
    file_column,
    file_table,
    idx,
    images,
    layout,
    npz,
    preferences,
    table,
    text,
    tmx,
)
from deepglass.data.reading import encoding as encodings
from deepglass.data.reading.delimiters import is_table_text
from deepglass.data.reading.known_file import is_known_table
from deepglass.data.reading.layouts import boxes
from deepglass.data.reading.layouts.videos import CONVERTING
from deepglass.data.reading.listing import SOUNDS, VIDEOS, Listing
from deepglass.data.reading.opening import existing, stem, suffix
from deepglass.data.reading.roles import guess_task
from deepglass.data.reading.series import assemble_time
from deepglass.data.reading.table_format import TIME, TableFormat
from deepglass.data.reading.time_parts import date_and_clock, with_time

__all__ = ["bundled_names", "guess_task", "read", "read_known"]
DATASETS = "data/datasets"
ARCHIVES = (".zip", ".tar", ".tgz", ".7z", ".rar", ".tar.gz", ".tar.bz2", ".tar.xz")


def read(source: Any, config: DataConfig = DataConfig(), *, follow: tuple[str, ...] = ()) -> Data:  # noqa: B008 - frozen
    """Read a source; what was decided on the way is in `guesses`.

    Args:
        source: A bundled name, a path, a pandas frame, an array X, or a pair (X, y).
        config: How to read.
        follow: Kinds of files ("picture", "text", "sound", "video") of which a column of paths stands for the files
            that it names; of others it is a column like any. With "caption", sentences beside pictures are read first.

    Raises:
        DataError: If it is missing, broken or of no known form; names file and line.
        OptionError: If an option names something the data do not have.
    """
    if isinstance(source, (Table, Images, Text, Layout)):
        return source
    if isinstance(source, pd.DataFrame):
        data: Data = table.from_frame(source, "frame", config)
    elif isinstance(source, (str, Path)):
        data = _read_named(source, config)
    else:
        data = arrays.from_arrays(source, config)
    path = Path(source).expanduser() if isinstance(source, (str, Path)) else None
    if isinstance(data, Table) and data.task is None and (follow or config.image_column):
        data = file_table.as_files(data, path, config, follow)
    if isinstance(data, Table):
        return _complete(data)
    if isinstance(data, Images) and path is not None:
        data.source = str(source)
    return data


def read_known(source: Any, format: TableFormat) -> Data:
    """Read new data as the training data were read.

    Args:
        source: As for `read`, or records: a dict, or a list of dicts, one per row.
        format: How the training data were read.

    Raises:
        DataError: If they do not fit; names file, column and line.
    """
    if isinstance(source, (Table, Images, Text, Layout)):
        return source
    if isinstance(source, (str, Path)):
        return _known_file(Path(source).expanduser(), format)
    frame, name = _known_frame(source)
    return _with_time(table.known_frame(frame, name, format))


def names_source(name: str, with_target: bool = False) -> bool:
    """Whether a text is the name of data, and not a text to be answered.

    Args:
        name: What a user wrote.
        with_target: Whether truths are asked for, which a text has not: then it may also name a bundled set.
    """
    return files.is_there(name) or (with_target and name.replace("_", "-") in bundled_names())


def bundled_names() -> list[str]:
    """The names of the data sets that come along, as on the command line."""
    return [name.replace("_", "-") for name in catalogue.entries(DATASETS)]


def _complete(data: Table) -> Table:
    """A table with its time in one column, and with the format by which later tables are read."""
    if data.format is None:
        data.format = cells.format_of(data.frame)
    parts = assemble_time(data)
    if pair := date_and_clock(data.frame, data.format):
        data.frame = with_time(data.frame, list(pair))
        data.guesses.append(Guess("time", f"column {TIME!r}", f"{pair[0]} and {pair[1]} together", "--time-column"))
        parts = pair
    if parts:
        data.format = replace(data.format, time_parts=parts)
    return data


def _with_time(data: Table) -> Table:
    """Year, month, day … put together where the training data had them so."""
    parts = data.format.time_parts if data.format else ()
    if not parts or any(part not in data.frame.columns for part in parts):
        return data
    data.frame = with_time(data.frame, list(parts))
    return data


def _known_file(path: Path, format: TableFormat) -> Data:
    if str(path).replace("_", "-") in bundled_names() and not files.is_there(path):
        found = read(str(path))
        return _with_time(table.known_frame(found.frame, found.name, format)) if isinstance(found, Table) else found
    existing(path)
    if path.is_dir():
        tables = [entry for entry in sorted(path.iterdir()) if suffix(entry) in table.SUFFIXES and entry.is_file()]
        if len(tables) != 1:
            return _known_folder(path, tables, format)
        path = tables[0]
    if suffix(path) == tmx.SUFFIX:
        return _with_time(table.known_frame((found := tmx.read_tmx(path)).frame, found.name, format))
    if suffix(path) not in table.SUFFIXES and not is_known_table(path, format):
        return text.read_text(path, DataConfig())
    found = table.read_known_file(path, format)
    return _with_time(Table(found.frame, stem(path), guesses=found.guesses, format=format))


def _known_folder(folder: Path, files: list[Path], format: TableFormat) -> Data:
    """All tables of a folder of splits under each other, as for training; a folder of texts as such."""
    if not files:
        return _complete(data) if isinstance(data := _read_folder(folder, DataConfig()), Table) else data
    parts = {split: table.read_known_file(path, format) for split, path in _by_split(folder, files).items()}
    frames = {split: part.frame for split, part in parts.items()}
    guesses = [guess for part in parts.values() for guess in part.guesses]
    found = Table(frames["train"], folder.name, guesses=guesses, format=format)
    return _with_time(table.put_under_each_other(frames, found))


def _by_split(folder: Path, files: list[Path]) -> dict[str, Path]:
    """Several tables by the splits that their names speak of.

    Raises:
        DataError: If a name speaks of none, two of the same, or none of training.
    """
    by_split = {table.split_of(stem(path)): path for path in files}
    if "train" not in by_split or None in by_split or len(by_split) < len(files):
        raise DataError(
            f"{folder} holds several tables ({listing(path.name for path in files)}): name one of them, or call them "
            "train, val and test"
        )
    return {split: by_split[split] for split in ("train", "val", "test") if split in by_split}


def _known_frame(source: Any) -> tuple[pd.DataFrame, str]:
    if isinstance(source, dict):
        source = [source]
    if isinstance(source, pd.DataFrame):
        return source, "frame"
    if isinstance(source, list) and source and all(isinstance(record, dict) for record in source):
        return frame_of_records(source), "records"
    return arrays.frame_of(source), "data"


def frame_of_records(records: list[dict[str, Any]]) -> pd.DataFrame:
    """Records as rows, every cell as it came: a whole number beside a gap stays one."""
    names = list(dict.fromkeys(name for record in records for name in record))
    return pd.DataFrame({name: pd.Series([record.get(name) for record in records], dtype=object) for name in names})


def _read_named(source: str | Path, config: DataConfig) -> Data:
    path = Path(source).expanduser()
    if isinstance(source, str) and source.replace("_", "-") in bundled_names() and not files.is_there(path):
        return _bundled(source.replace("-", "_"), config)
    try:
        existing(path)
    except DataError as error:
        if path.parent == Path(".") and not path.suffix:
            raise DataError(f"{error}. Bundled data sets: {', '.join(bundled_names())}") from None
        raise
    return _read_folder(path, config) if path.is_dir() else _read_file(path, config)


@acts_on("max_rows")
def _bundled(name: str, config: DataConfig) -> Data:
    data = catalogue.load(DATASETS, name).load()
    if isinstance(data, Table):
        data.frame, data.format = data.frame.iloc[: config.max_rows], cells.format_of(data.frame)
        return table.finished(data, config)
    if isinstance(data, Images):
        return arrays.chosen(data, config)
    return data


def _read_file(path: Path, config: DataConfig) -> Data:
    if idx.is_idx(path):
        return idx.read_idx_images(path, config)
    if suffix(path) in npz.SUFFIXES:
        return npz.read_npz(path, config)
    if path.name.lower().endswith(ARCHIVES):
        raise DataError(f"{path} is an archive: unpack it and give the folder, for instance `{_unpacking(path)}`")
    if suffix(path) == ".json" and (found := boxes.of_coco(path)):
        return found
    if suffix(path) in dialogues.SUFFIXES and (found := preferences.of_json(path) or dialogues.of_json(path)):
        return found
    if suffix(path) in table.SUFFIXES:
        return table.read_table(path, config)
    if suffix(path) == tmx.SUFFIX:
        return tmx.read_tmx(path)
    if suffix(path) in images.SUFFIXES:
        return images.read_images(path, config)
    _require_no_recording(path)
    content, is_cut = encodings.sample(path)
    encoding, _ = encodings.guess_encoding(content, path, config, is_cut=is_cut)
    lines = content.decode(encoding, errors="replace").rpartition("\n")[0]
    if config.delimiter or (suffix(path) != ".md" and lines and is_table_text(lines)):
        return table.read_table(path, config)
    return text.read_text(path, config)


def _require_no_recording(path: Path) -> None:
    if suffix(path) in VIDEOS:
        raise DataError(
            f"{path} is one film: expected a folder for each class, or a table of files and captions, of animated "
            f"pictures (.gif); convert films, for instance with `{CONVERTING}`"
        )
    if suffix(path) in SOUNDS:
        raise DataError(
            f"{path} is one sound: expected a folder of sounds for each class, sounds with a text of the same name "
            "beside each, or a table of files and what is said in them"
        )


def _read_folder(folder: Path, config: DataConfig) -> Data:
    entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    if any(idx.is_idx(path) for path in entries):
        return idx.read_idx_images(folder, config)
    if npz.is_folder_of_arrays(folder):
        return npz.read_npz(folder, config)
    listed = Listing.of(folder)
    if found := layout.recognise(listed):
        if config.layout is None:
            return found
        note("layout")
    tables = [path for path in entries if suffix(path) in table.SUFFIXES and path.is_file()]
    if tables and not (listed.pictures and len(images.subfolders(folder)) > 1 and not _names_files(tables, config)):
        return _read_table_folder(folder, tables, config)
    if listed.pictures:
        return images.read_images(folder, config)
    if files := text.text_files(folder):
        if len(files) == 1:
            return _read_file(files[0], config)
        has_classes = all(path.parent != folder for path in files)
        return text.read_text_folder(folder, config) if has_classes else text.read_loose_texts(folder, config)
    endings = Counter(path.suffix or "no ending" for path in folder.rglob("*") if path.is_file())
    found = f"files ending in {listing(ending for ending, _ in endings.most_common())}" if endings else "no files"
    if packed := [path for path in entries if path.name.lower().endswith(ARCHIVES)]:
        raise DataError(f"{folder} holds {found}: unpack the archives first, for instance `{_unpacking(packed[0])}`")
    raise DataError(
        f"{folder} holds {found}: expected a table (.csv, .tsv, .parquet, .jsonl), pictures (.jpg, .png), IDX files or "
        "texts (.txt), pictures and texts in a folder a class"
    )


def _names_files(tables: list[Path], config: DataConfig) -> bool:
    """Whether a table beside folders of pictures says where these lie, and is not only a note about them."""
    try:
        with options_used():  # of a note they change nothing
            found = table.read_table(tables[0], config)
        return len(tables) > 1 or file_column.find_column(found, tables[0].parent, config) is not None
    except DataError:  # no table that could be read
        return False


def _unpacking(path: Path) -> str:
    return f"unzip {path}" if path.suffix.lower() == ".zip" else f"tar -xf {path}"


def _read_table_folder(folder: Path, tables: list[Path], config: DataConfig) -> Table:
    if len(tables) == 1:
        return table.read_table(tables[0], config)
    return table.read_tables(_by_split(folder, tables), folder.name, config)
