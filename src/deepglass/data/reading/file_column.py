"""Which column of a table names files, and where these lie.

Cells that end as files do (.jpg, .wav, .txt) are paths; so are ids that are names of pictures near the table. They are
taken relative to the folder of the table; a name without a folder or an ending is found where it is the only one.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.images import SUFFIXES, UNREADABLE, subfolders
from deepglass.data.reading.listing import SOUNDS, VIDEOS, Listing
from deepglass.data.reading.opening import suffix
from deepglass.data.reading.table import require_column
from deepglass.data.reading.text import SUFFIXES as TEXTS

KINDS = {"picture": (*SUFFIXES, *UNREADABLE), "sound": SOUNDS, "video": VIDEOS, "text": TEXTS}
SHARE = 0.9  # of the cells must look like paths
PROBED = 200  # cells looked at
MOST_ENTRIES = 50_000  # of the folders near a table that are looked at


@dataclass(frozen=True)
class FileColumn:
    """A column whose cells name files of one kind."""

    name: str
    kind: str  # of `KINDS`
    why: str


def find_column(table: Table, folder: Path | None, config: DataConfig) -> FileColumn | None:
    """The column that names files: as asked, or the first of the kind that comes first in `KINDS`; None without one.

    Args:
        folder: Of the table's file; None where it has none.

    Raises:
        OptionError: If the column that was asked for is absent.
    """
    if config.image_column:
        return FileColumn(require_column(table.frame, config.image_column, "--image-column"), "picture", "as asked")
    found = [column for name in table.frame if (column := by_endings(str(name), table.frame[name]))]
    if found:
        return min(found, key=lambda column: list(KINDS).index(column.kind))
    return _by_names(table, folder) if folder is not None else None


def by_endings(name: str, column: pd.Series) -> FileColumn | None:
    """A column whose cells end as files of one kind do, or None."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return None
    cells = _probe(column)
    for kind, endings in KINDS.items():
        hits = sum(_ending(cell) in endings for cell in cells)
        if cells and hits >= SHARE * len(cells) and (kind != "text" or all(len(cell.split()) == 1 for cell in cells)):
            return FileColumn(name, kind, f"cells end like {_ending(cells[0])}")
    return None


def _by_names(table: Table, folder: Path) -> FileColumn | None:
    """Ids of pictures: different cells that are names of picture files without their ending."""
    names = _names_near(folder) if len(table.frame) > 1 else set()
    if not names:
        return None
    for name in table.frame:
        cells = _probe(table.frame[name])
        hits = sum(_bare(cell) in names for cell in cells)
        if cells and len(set(cells)) >= SHARE * len(cells) and hits >= SHARE * len(cells):
            return FileColumn(str(name), "picture", "cells are names of picture files")
    return None


def _names_near(folder: Path) -> set[str]:
    """Names without endings of the pictures in a folder and right below it; of a very large place only some."""
    places = [folder, *(child for child in subfolders(folder) if not child.is_symlink())]
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


class Files:
    """The files that cells name.

    Args:
        folder: That paths are relative to.
        suffixes: Endings of files of the kind.
        looks_below: Whether names without their folder are looked for below it.
    """

    def __init__(self, folder: Path, suffixes: tuple[str, ...], looks_below: bool):
        self.folder, self.suffixes, self.looks_below = folder, suffixes, looks_below
        self._names: list[dict[str, list[Path]]] = []  # exact ones, then those without leading zeros

    def locate(self, column: pd.Series, found: FileColumn) -> list[Path]:
        """The file of every cell.

        Raises:
            DataError: If some are missing, or are addresses on the web.
        """
        cells = ["" if pd.isna(cell) else str(cell).strip().replace("\\", "/") for cell in column]
        if web := next((cell for cell in cells if "://" in cell[:8]), None):
            raise DataError(
                f"column {found.name!r} holds addresses such as {web!r}: nothing is downloaded; download the "
                f"{found.kind}s, and name their files instead"
            )
        paths = [self._locate(cell) for cell in cells]
        if missing := [cell or "(empty)" for cell, path in zip(cells, paths) if path is None]:
            raise DataError(
                f"column {found.name!r}: {counted(len(missing), 'file')} of {len(cells):,} cannot be found below "
                f"{self.folder.resolve()} ({listing(missing)}): correct the paths, copy the files there, or remove "
                "the rows"
            )
        return paths  # type: ignore[return-value]

    def _locate(self, cell: str) -> Path | None:
        if cell and (path := self.folder / cell).is_file():
            return path
        if not cell or not self.looks_below:
            return None
        for names in self._known():
            found = names.get(cell) or names.get(PurePath(cell).name) or []
            if len(found) == 1:
                return self.folder / found[0]
        return None

    def _known(self) -> list[dict[str, list[Path]]]:
        """Files below the folder by path, name and stem; listed when first asked for."""
        if not self._names:
            exact, bare = defaultdict(list), defaultdict(list)
            for path in Listing.of(self.folder).ending(self.suffixes):
                for name in {path.name, path.stem, str(path.with_suffix(""))}:
                    exact[name].append(path)
                bare[_bare(path.stem)].append(path)
            self._names = [exact, bare]
        return self._names
