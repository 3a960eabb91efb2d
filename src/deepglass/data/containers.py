"""What a reader returns: a table, a set of images, or one long text, with the splits that the data declare.

Text classification and forecasting read tables too (a text column, a time column), so three containers serve
every task.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.data.reading.table_format import TableFormat


@dataclass
class Table:
    """Rows and columns.

    `splits` maps "train", "val", "test" to row positions where the data declare them (three files, a folder a
    split, a split column); empty otherwise. `rows` keeps, for messages, the line in its file of every row.
    """

    frame: pd.DataFrame
    name: str
    splits: dict[str, np.ndarray] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)
    target: str | None = None  # a bundled data set knows its own target
    task: str | None = None  # and its own task
    licence: str | None = None
    format: TableFormat | None = None  # how it was read, for later tables; None where it was made and not read
    aside: pd.Series | None = None  # the column of `--score-by`, where it is left out of the frame
    fair: pd.Series | None = None  # that of `--fair`, likewise

    @property
    def zones(self) -> dict[str, str]:
        """The zone of each column of times that were written with offsets; the times themselves are in UTC."""
        return self.frame.attrs.get("zones", {})


@dataclass
class Images:
    """Pictures and their classes.

    Exactly one of `pixels` (N, H, W, channels), in memory with the values that they are stored with, and `paths` (N
    files, decoded when they are needed) is given.
    """

    name: str
    labels: np.ndarray | None  # (N,) int64 positions in `classes`; None for pictures without a class
    classes: list[str]
    channels: int  # 1 grey, 3 colour; of arrays any number
    pixels: np.ndarray | None = None
    paths: list[Path] | None = None
    splits: dict[str, np.ndarray] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)
    licence: str | None = None
    background: str = "white"  # what lies under transparent parts
    is_deep: bool = False  # whether pictures hold other values than bytes
    channels_first: bool = False  # whether they came as arrays (N, C, H, W)
    names: list[str] | None = None  # of files, for messages
    groups: np.ndarray | None = None  # (N,) names of what belongs together, such as a patient; never parted by a split
    facts: dict[str, dict[str, int]] = field(default_factory=dict)  # how many pictures of which size, mode, depth
    columns: dict[str, str] | None = None  # of a table of paths: the options that read another one alike
    frame: pd.DataFrame | None = None  # of a table of paths: its rows, one per picture
    source: str | None = None  # as the user named it
    working_sizes: np.ndarray | None = None  # (N, 2) height and width for the network, where it takes several sizes
    survey: Any = None  # what `picture_survey.survey` saw, once it has looked
    descriptions: pd.DataFrame | None = None  # of a bundled set: what each class is like, its name in the first column

    def __len__(self) -> int:
        return len(self.pixels if self.pixels is not None else self.paths or [])


@dataclass
class Text:
    """One long text, for language models; `splits` maps to the texts of declared splits where there are any."""

    text: str
    name: str
    splits: dict[str, str] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)
    licence: str | None = None


@dataclass
class Layout:
    """Data of a form of their own: boxes, masks, sounds, sentence pairs, …

    A task that names the kind among its `READS` is handed the layout, finds the files here, and need not recognise
    them again.
    """

    kind: str  # "boxes", "masks", "picture pairs", "sounds", "videos", "sentence pairs", "captions", "identities", …
    name: str
    what: str  # a noun phrase: "pictures with boxes in Pascal VOC XML"
    facts: dict[str, int] = field(default_factory=dict)  # how many pictures, boxes, classes, …
    classes: dict[str, int] = field(default_factory=dict)  # how many of each, where there are classes
    files: dict[str, list[Path]] = field(default_factory=dict)  # by role, such as "images" and "annotations"
    nearest: str = ""  # the nearest thing that can be done where no task reads the kind, a clause
    splits: dict[str, np.ndarray] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)
    licence: str | None = None
    columns: dict[str, str] | None = None  # of a table of paths: the options that read another one alike
    frame: pd.DataFrame | None = None  # of a table of paths: its rows, as many as the files of the first role
    content: Any = None  # what the files hold, once a reader of the kind has read them; of a bundled set from the start

    @property
    def counted(self) -> str:
        """ "photos holds pictures with boxes in COCO JSON (40 pictures, 90 boxes, 3 classes)"."""
        counts = ", ".join(f"{count:,} {noun}" for noun, count in self.facts.items())
        return f"{self.name} holds {self.what} ({counts})"

    def __str__(self) -> str:
        then = f"; {self.nearest}" if self.nearest else ""
        return f"{self.counted}: there is no task for that yet{then}"


Data = Table | Images | Text | Layout


def require_table(data: Data, expected: str) -> Table:
    """The data, which have to be a table.

    Args:
        expected: What they should be, for the message: "a table with rows and columns".

    Raises:
        DataError: If they are something else; says what.
    """
    if isinstance(data, Table):
        return data
    kind = data.what if isinstance(data, Layout) else "pictures" if isinstance(data, Images) else "one long text"
    raise DataError(f"{data.name} holds {kind}: expected {expected}; choose another --task")
