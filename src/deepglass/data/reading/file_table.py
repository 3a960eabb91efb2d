"""A column of paths: a table that says where pictures, sounds or texts lie, and what each is.

Paths are taken relative to the folder of the table; a name without a folder or an ending is found where it is the only
one. Pictures beside classes become pictures with classes, texts become a column of text, sounds are recognised.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePath

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout, Table
from deepglass.data.reading import images as images_in
from deepglass.data.reading.columns import describe
from deepglass.data.reading.images import SUFFIXES, UNREADABLE, from_paths
from deepglass.data.reading.layouts.boxes import NEAREST as BOXES_NEAREST
from deepglass.data.reading.layouts.sounds import of_sounds
from deepglass.data.reading.learnable import keep_classes
from deepglass.data.reading.listing import SOUNDS, VIDEOS, Listing
from deepglass.data.reading.name_groups import assign_groups
from deepglass.data.reading.opening import suffix
from deepglass.data.reading.roles import guess_target, has_classes
from deepglass.data.reading.table import keep_rows, require_column
from deepglass.data.reading.text import SUFFIXES as TEXTS
from deepglass.data.reading.text import content_of

KINDS = {"picture": (*SUFFIXES, *UNREADABLE), "sound": SOUNDS, "video": VIDEOS, "text": TEXTS}
SHARE = 0.9  # of the cells must look like paths
PROBED = 200  # cells looked at
BOXES = (
    {"xmin", "ymin", "xmax", "ymax"}, {"x_min", "y_min", "x_max", "y_max"}, {"x1", "y1", "x2", "y2"},
    {"x", "y", "w", "h"}, {"x", "y", "width", "height"}, {"left", "top", "right", "bottom"}, {"bbox"}, {"box"},
)  # fmt: skip
MOST_ENTRIES = 50_000  # of the folders near a table that are looked at
CAPTION_WORDS = 3  # in a cell, on average: a caption and no class


@dataclass(frozen=True)
class FileColumn:
    """A column whose cells name files of one kind."""

    name: str
    kind: str  # of `KINDS`
    why: str


def as_files(table: Table, path: Path | None, config: DataConfig, kinds: tuple[str, ...] = tuple(KINDS)) -> Data:
    """The data that a table's column of paths points at; the table itself where it has no such column.

    Args:
        table: As it was read.
        path: Of the table's file or folder; None for frames, whose paths are relative to where the program runs.
        config: `image_column`, `target`, `group_column` and `ignore` are respected.
        kinds: Of files that are looked for.

    Raises:
        DataError: If files are missing, or are addresses on the web.
        OptionError: If a column that was asked for is absent.
    """
    folder = Path() if path is None else path if path.is_dir() else path.parent
    column = _find(table, folder if path is not None else None, config)
    if column is None or (column.kind not in kinds and not config.image_column):
        return table
    _require_local(table.frame[column.name], column)
    files = _Files(folder, KINDS[column.kind]).locate(table.frame[column.name], column)
    if column.kind == "picture":
        return _pictures(table, column, files, config)
    if column.kind == "text":
        return _texts(table, column, files, config)
    return _of_sounds_or_videos(table, column, files, config)


def names_files(table: Table, folder: Path, config: DataConfig) -> bool:
    """Whether a table has a column of paths."""
    return _find(table, folder, config) is not None


# -- the column -----------------------------------------------------------------------------------------------------


def _find(table: Table, folder: Path | None, config: DataConfig) -> FileColumn | None:
    if config.image_column:
        return FileColumn(require_column(table.frame, config.image_column, "--image-column"), "picture", "as asked")
    found = [column for name in table.frame if (column := _by_endings(str(name), table.frame[name]))]
    if found:
        return min(found, key=lambda column: list(KINDS).index(column.kind))
    return _by_stems(table, folder) if folder is not None else None


def _by_endings(name: str, column: pd.Series) -> FileColumn | None:
    """Cells that end as files of one kind do."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return None
    cells = _probe(column)
    for kind, endings in KINDS.items():
        hits = sum(_ending(cell) in endings for cell in cells)
        if cells and hits >= SHARE * len(cells) and (kind != "text" or all(len(cell.split()) == 1 for cell in cells)):
            return FileColumn(name, kind, f"cells end like {_ending(cells[0])}")
    return None


def _by_stems(table: Table, folder: Path) -> FileColumn | None:
    """Ids of pictures: cells that are names of picture files without their ending."""
    stems = _stems_near(folder) if len(table.frame) > 1 else set()
    if not stems:
        return None
    for name in table.frame:
        cells = _probe(table.frame[name])
        hits = sum(_bare(cell) in stems for cell in cells)
        if cells and len(set(cells)) >= SHARE * len(cells) and hits >= SHARE * len(cells):
            return FileColumn(str(name), "picture", "cells are names of picture files")
    return None


def _stems_near(folder: Path) -> set[str]:
    """Names without endings of the pictures in a folder and right below it; of a very large place only some."""
    places = [folder, *(child for child in images_in.subfolders(folder) if not child.is_symlink())]
    entries = (entry for place in places for entry in place.iterdir())
    return {_bare(path.stem) for path in islice(entries, MOST_ENTRIES) if suffix(path) in SUFFIXES}


def _bare(stem: str) -> str:
    """A name without leading zeros, which tables often lose."""
    return stem.lstrip("0") or stem[:1]


def _probe(column: pd.Series) -> list[str]:
    present = column.dropna()
    rows = np.linspace(0, len(present) - 1, min(PROBED, len(present))).astype(int)
    return [str(cell).strip() for cell in present.iloc[rows]]


def _ending(cell: str) -> str:
    return PurePath(cell.replace("\\", "/").partition("?")[0]).suffix.lower()


def _require_local(column: pd.Series, found: FileColumn) -> None:
    web = column.dropna().astype("str").str.match(r"(?i)^(https?|ftp|s3|gs)://")
    if web.any():
        raise DataError(
            f"column {found.name!r} holds addresses such as {column.dropna()[web].iloc[0]!r}: nothing is downloaded; "
            f"download the {found.kind}s, and name their files instead"
        )


# -- the files ------------------------------------------------------------------------------------------------------


class _Files:
    """Files below a folder by path, by name and by stem."""

    def __init__(self, folder: Path, suffixes: tuple[str, ...]):
        self.folder, self.suffixes = folder, suffixes
        self._by_name: dict[str, list[Path]] | None = None

    def locate(self, column: pd.Series, found: FileColumn) -> list[Path]:
        """The file of every cell.

        Raises:
            DataError: If some are missing; names them.
        """
        cells = ["" if pd.isna(cell) else str(cell).strip().replace("\\", "/") for cell in column]
        paths = [self._locate(cell) for cell in cells]
        if missing := [cell or "(empty)" for cell, path in zip(cells, paths) if path is None]:
            raise DataError(
                f"column {found.name!r}: {counted(len(missing), 'file')} of {len(cells):,} cannot be found below "
                f"{self.folder.resolve()} ({listing(missing)}): correct the paths, copy the files there, or remove "
                "the rows"
            )
        return paths  # type: ignore[return-value]

    def _locate(self, cell: str) -> Path | None:
        if not cell:
            return None
        if (path := self.folder / cell).is_file():
            return path
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for path in Listing.of(self.folder).ending(self.suffixes):
                for name in {path.name, path.stem, _bare(path.stem), str(path.with_suffix(""))}:
                    self._by_name[name].append(path)
        found = self._by_name.get(cell) or self._by_name.get(PurePath(cell).name) or []
        return self.folder / found[0] if len(found) == 1 else None


# -- what they become -----------------------------------------------------------------------------------------------


def _pictures(table: Table, column: FileColumn, files: list[Path], config: DataConfig) -> Data:
    names = {str(name).lower() for name in table.frame}
    if any(boxes <= names for boxes in BOXES):
        return _boxes(table, column, files, config)
    target = _target(table, column, config)
    if target is not None and not _has_classes(table, target):
        return _without_task(table, target, files)
    kept, guesses = _labelled_rows(table, target)
    images = from_paths(table.name, [files[row] for row in kept], table.splits.get("train", kept), config)
    _label(images, table, column, target, config)
    images.names = [str(files[row]) for row in kept]
    images.guesses = [*table.guesses, *guesses, *images.guesses]
    keep_classes(images, config)
    assign_groups(images, config)
    return images


def _target(table: Table, column: FileColumn, config: DataConfig) -> str | None:
    """The column of classes: as asked, or the likeliest of the others; None where there is none."""
    if config.target:
        if config.target in table.frame or not config.image_column:  # new pictures of a run come without it
            return require_column(table.frame, config.target, "--target")
        return None
    aside = [name for name in (column.name, config.group_column) if name in table.frame]
    rest = replace(table, frame=table.frame.drop(columns=aside))
    columns = describe(rest.frame)
    try:
        guessed = guess_target(rest, config, columns)[0]
    except DataError:  # no other column could be one, unless it holds captions
        return next((found.name for found in columns if found.mean_words >= CAPTION_WORDS), None)
    if _has_classes(table, guessed):
        return guessed
    return next((found.name for found in reversed(columns) if found.kind in ("category", "boolean")), guessed)


def _has_classes(table: Table, target: str) -> bool:
    described = next(found for found in describe(table.frame) if found.name == target)
    is_text = described.kind in ("text", "id") and described.mean_words >= CAPTION_WORDS
    return not is_text and has_classes(described, len(table.frame))


def _labelled_rows(table: Table, target: str | None) -> tuple[np.ndarray, list[Guess]]:
    """Rows with a class, and the splits of the table moved with them; all where there is no column of classes."""
    if target is None:
        return np.arange(len(table.frame)), []
    has_class = table.frame[target].notna().to_numpy()
    kept = np.flatnonzero(has_class)
    if len(kept) == len(has_class):
        return kept, []
    keep_rows(table, has_class)
    rows = listing((np.flatnonzero(~has_class) + 1).tolist())
    why = f"{target} is missing in rows {rows}"
    return kept, [Guess("rows left out", f"{(~has_class).sum():,}", why, "a class in every row")]


def _label(images: Images, table: Table, column: FileColumn, target: str | None, config: DataConfig) -> None:
    """Classes, splits and groups as the table has them; what it holds besides is said to be left out."""
    frame = table.frame
    images.columns, images.splits = {"image_column": column.name}, table.splits
    images.guesses.append(Guess("image column", column.name, column.why, "--image-column"))
    if target is not None:
        classes, labels = np.unique(frame[target].astype("str").to_numpy(dtype=str), return_inverse=True)
        images.classes, images.labels = [str(name) for name in classes], labels.astype(np.int64)
        images.columns["target"] = target
        images.guesses.append(Guess("target", target, "as asked" if config.target else "the likeliest", "--target"))
    if config.group_column:
        groups = frame[require_column(frame, config.group_column, "--group-column")]
        images.groups = groups.astype("str").to_numpy(dtype=str)
    used = {column.name, target, config.group_column}
    if others := [str(name) for name in frame if name not in used]:
        why = "pictures are learnt from by themselves; there is no model of both yet"
        images.guesses.append(Guess("columns left out", listing(others), why, "a table without the column of paths"))


def _texts(table: Table, column: FileColumn, files: list[Path], config: DataConfig) -> Table:
    """The files' contents in the place of their paths."""
    guesses: list[Guess] = []
    texts = [content_of(path, config, guesses) for path in files]
    name = column.name if "text" in table.frame else "text"
    table.frame = table.frame.rename(columns={column.name: name}).assign(**{name: pd.Series(texts, dtype="str")})
    table.guesses += [Guess("text files", column.name, column.why, "the texts themselves in the column"), *guesses[:1]]
    return table


# -- what has no task yet -------------------------------------------------------------------------------------------


def _boxes(table: Table, column: FileColumn, files: list[Path], config: DataConfig) -> Layout:
    usual = ("class", "label", "name", "category", "class_name")
    named = next((name for name in table.frame if str(name).lower() in usual), None)
    counts = _counts(table, config.target or named)
    facts = {"pictures": len(set(files)), "boxes": len(files)} | ({"classes": len(counts)} if counts else {})
    roles = {"images": sorted(set(files))}
    return Layout("boxes", table.name, "pictures with boxes in a table", facts, counts, roles, BOXES_NEAREST)


def _without_task(table: Table, target: str, files: list[Path]) -> Layout:
    """Captions, or numbers to tell from pictures."""
    roles, facts = {"images": files}, {"pictures": len(set(files)), "rows": len(files)}
    if pd.api.types.is_numeric_dtype(table.frame[target]):
        what = f"pictures with numbers in the column {target!r}"
        nearest = "until then, a column of a few classes of them can be learnt, named with --target"
        return Layout("picture numbers", table.name, what, facts, {}, roles, nearest)
    what = f"pictures with captions in the column {target!r}"
    nearest = "a column of classes beside the pictures can be learnt, named with --target"
    return Layout("captions", table.name, what, facts, {}, roles, nearest)


def _of_sounds_or_videos(table: Table, column: FileColumn, files: list[Path], config: DataConfig) -> Layout:
    target = _target(table, column, config)
    counts = _counts(table, target) if target is not None and _has_classes(table, target) else {}
    if column.kind == "sound":
        return of_sounds(files, table.name, counts)
    facts = {"videos": len(files)} | ({"classes": len(counts)} if counts else {})
    nearest = "until then, save frames as pictures and name these in the table"
    return Layout("videos", table.name, "videos", facts, counts, {"videos": files}, nearest)


def _counts(table: Table, target: str | None) -> dict[str, int]:
    if target not in table.frame:
        return {}
    counts = table.frame[target].astype("str").value_counts()
    return {str(name): int(count) for name, count in counts.items()}
