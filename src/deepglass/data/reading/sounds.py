"""Sounds, read: from the layout of a folder or a table of files to a table with a class or a transcript beside each.

folder/CLASS/*.wav          a class per folder, perhaps below train/ val/ test/
folder/a.wav + a.txt        what is said, beside each sound
table with a column of files, and a class or what is said in another
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout
from deepglass.data.reading.declared_splits import declared
from deepglass.data.reading.table import split_of
from deepglass.data.reading.text import content_of
from deepglass.data.sound_table import FILE, SoundTable

CLASS, SAID = "label", "transcript"  # columns of what a folder says of its sounds


def read_sounds(layout: Layout, config: DataConfig) -> SoundTable:
    """The sounds of a layout; what was read is kept in its `content`.

    Args:
        layout: Of the kind "sounds" or "speech".
        config: `max_rows` is respected.

    Raises:
        DataError: If sounds lack what is said in them, which others have.
    """
    if layout.content is None:
        layout.content = _of_table(layout) if layout.frame is not None else _of_folder(layout, config)
    return _first(layout.content, config.max_rows)


def _of_table(layout: Layout) -> SoundTable:
    assert layout.frame is not None
    columns = layout.columns or {}
    frame = layout.frame.copy()
    name = columns.get("sound_column", FILE)
    frame[name] = [str(path) for path in layout.files["sounds"]]
    return SoundTable(
        frame,
        layout.name,
        layout.splits,
        layout.guesses,
        target=columns.get("target"),
        licence=layout.licence,
        column=name,
    )


def _of_folder(layout: Layout, config: DataConfig) -> SoundTable:
    files = layout.files["sounds"]
    frame = pd.DataFrame({FILE: [str(path) for path in files]})
    target = None
    if layout.kind == "speech":
        target, frame[SAID] = SAID, _beside(files, config)
    elif layout.classes:
        target, frame[CLASS] = CLASS, [_class_of(path, layout.classes) for path in files]
    splits = declared(layout, files, [None] * len(files))
    return SoundTable(frame, layout.name, splits, layout.guesses, target=target, licence=layout.licence)


def _class_of(path: Path, classes: dict[str, int]) -> str:
    """The nearest folder above a file that is one of the classes."""
    return next(parent.name for parent in path.parents if parent.name in classes and not split_of(parent.name))


def _beside(files: list[Path], config: DataConfig) -> list[str]:
    """What is said in each file, as the text of its name says.

    Raises:
        DataError: If some have none.
    """
    texts = [path.with_suffix(".txt") for path in files]
    if missing := [path.name for path, text in zip(files, texts) if not text.exists()]:
        raise DataError(
            f"{counted(len(missing), 'sound')} without what is said in them ({listing(missing)}): expected a text of "
            "the same name beside each, such as a.txt beside a.wav"
        )
    return [" ".join(content_of(path, config, []).split()) for path in texts]


def _first(table: SoundTable, count: int | None) -> SoundTable:
    """A copy with so many rows, evenly spread; with all without a count."""
    total = len(table.frame)
    rows = np.linspace(0, total - 1, min(count or total, total)).astype(int)
    splits = {name: np.flatnonzero(np.isin(rows, own)) for name, own in table.splits.items()}
    return replace(table, frame=table.frame.iloc[rows].reset_index(drop=True), splits=splits)
