"""What a reader returns: a table, a set of images, or one long text, with the splits that the data declare.

Text classification and forecasting read tables too (a text column, a time column), so three containers serve
every task.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

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

    @property
    def zones(self) -> dict[str, str]:
        """The zone of each column of times that were written with offsets; the times themselves are in UTC."""
        return self.frame.attrs.get("zones", {})


@dataclass
class Images:
    """Pictures and their classes.

    Exactly one of `pixels` (N, H, W, channels), uint8, decoded in memory, and `paths` (N files, decoded when they
    are needed) is given.
    """

    name: str
    labels: np.ndarray | None  # (N,) int64 positions in `classes`; None for pictures without a class
    classes: list[str]
    channels: int  # 1 grey, 3 colour
    pixels: np.ndarray | None = None
    paths: list[Path] | None = None
    splits: dict[str, np.ndarray] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)
    licence: str | None = None

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


Data = Table | Images | Text
