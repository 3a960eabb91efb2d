"""Texts: one long text for a language model, or a folder of text files per class."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, Text
from deepglass.data.reading import encoding as encodings
from deepglass.data.reading.images import evenly_spread, files_below, split_folders
from deepglass.data.reading.opening import companions, opened, stem
from deepglass.data.reading.table import finished, split_of

SUFFIXES = (".txt", ".md", ".text")
NOT_DATA = ("readme", "source", "license", "licence", "changelog")  # what stands beside data


def read_text(path: Path, config: DataConfig) -> Text:
    """Read one text file, and those of `--val` and `--test`.

    Raises:
        DataError: If a file is missing, empty, or no text in the encoding.
    """
    return read_texts({"train": path, **companions(config)}, stem(path), config)


def read_texts(files: dict[str, Path], name: str, config: DataConfig) -> Text:
    """Read the text of each split from its file."""
    guesses: list[Guess] = []
    splits = {split: content_of(path, config, guesses) for split, path in files.items()}
    return Text(splits["train"], name, splits=splits if len(splits) > 1 else {}, guesses=guesses)


def texts_handed_over(inputs: Sequence[Any] | np.ndarray | pd.Series) -> list[Any]:
    """Texts from Python; numbers are read as they are written, None is an empty text.

    Raises:
        DataError: If there are none, or something else is among them.
    """
    texts = list(inputs)
    if not texts:
        raise DataError("there are no texts: expected at least one")
    for place, text in enumerate(texts, 1):
        if not (text is None or isinstance(text, str | int | float | np.number) or text is pd.NA):
            raise DataError(f"text {place} of {len(texts)} is a {type(text).__name__}: expected a text")
    return texts


@acts_on("max_rows")
def read_text_folder(folder: Path, config: DataConfig) -> Table:
    """Read a folder of text files per class, perhaps below `train/`, `val/` and `test/`, as a table `text`, `label`.

    Raises:
        DataError: If a split has classes that training does not know, or a file is not text.
    """
    rows, splits, guesses = [], {}, []
    for split, path in split_folders(folder, config).items():
        files = evenly_spread(text_files(path), config.max_rows)
        splits[split] = np.arange(len(rows), len(rows) + len(files))
        rows += [(content_of(file, config, guesses), file.relative_to(path).parts[0]) for file in files]
    frame = pd.DataFrame(rows, columns=["text", "label"]).astype({"text": "str", "label": "category"})
    _require_known_classes(frame["label"], splits, folder)
    table = Table(frame, folder.name, guesses=guesses[:1], target="label", task="text-classification")
    if len(splits) > 1:
        table.splits = splits
        sizes = ", ".join(f"{split} {len(part):,}" for split, part in splits.items())
        table.guesses.append(Guess("splits", sizes, "named folders", "--val and --test"))
    return finished(table, config)


def read_loose_texts(folder: Path, config: DataConfig) -> Text:
    """Read a folder of text files without classes: `train.txt`, `val.txt`, `test.txt`, or one long text in all."""
    files = text_files(folder)
    named = {split_of(path.name): path for path in files}
    if "train" in named and None not in named and len(named) == len(files):
        return read_texts(
            {split: named[split] for split in ("train", "val", "test") if split in named}, folder.name, config
        )
    guesses: list[Guess] = []
    text = "\n".join(content_of(path, config, guesses) for path in files)
    if len(files) > 1:
        guesses.append(
            Guess("text", f"{counted(len(files), 'file')} in a row", listing(p.name for p in files), "one file")
        )
    return Text(text, folder.name, guesses=guesses)


def text_files(folder: Path) -> list[Path]:
    """The text files below a folder that are data."""
    return [path for path in files_below(folder, SUFFIXES) if not stem(path).lower().startswith(NOT_DATA)]


def content_of(path: Path, config: DataConfig, guesses: list[Guess]) -> str:
    """The text of one file; what was guessed of its encoding is added to `guesses`.

    Raises:
        DataError: If the file is missing, empty, or no text in the encoding.
    """
    with opened(path) as file:
        content = file.read()
    encoding, found = encodings.guess_encoding(content, path, config)
    text = encodings.decode(content, encoding, path).removeprefix("\ufeff").replace("\r\n", "\n")
    guesses += found
    if not text.strip():
        raise DataError(f"{path} holds nothing but blanks: expected text; copy it again or remove it")
    return text


def _require_known_classes(labels: pd.Series, splits: dict[str, np.ndarray], folder: Path) -> None:
    known = set(labels.iloc[splits["train"]])
    for split, rows in splits.items():
        if unknown := sorted(set(labels.iloc[rows]) - known):
            raise DataError(
                f"{folder}: {split} has {counted(len(unknown), 'class')} that train does not have "
                f"({listing(unknown)}): expected {listing(sorted(known), 10)}; rename or remove these folders"
            )
