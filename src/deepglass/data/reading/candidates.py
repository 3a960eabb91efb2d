"""A column of words while its type is being decided, and what is known of the table around it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from deepglass.data.config import DataConfig
from deepglass.data.reading.asked import AskedColumns
from deepglass.data.reading.dates import DatesSeen
from deepglass.data.reading.missing import MissingMarks
from deepglass.data.reading.notes import Notes
from deepglass.data.reading.numbers import MarksOfFile, NumbersSeen
from deepglass.data.reading.table_format import ColumnFormat
from deepglass.data.reading.words import Words

Locate = Callable[[np.ndarray], str]  # row positions → "lines 3, 9 of people.csv"


@dataclass(frozen=True)
class FileFacts:
    """What is known of the text file that columns come from.

    Attributes:
        decimal: The mark before decimals in columns that are numbers already.
        delimiter: Between cells.
        gaps: Marks of missing cells that stand among numbers.
    """

    decimal: str | None = None
    delimiter: str | None = None
    gaps: frozenset[str] = frozenset()


@dataclass
class Candidate:
    """A column of words, and what it could be."""

    words: Words
    known: np.ndarray  # (n,) which words are not marks of missing cells
    numbers: NumbersSeen | None = None
    dates: DatesSeen | None = None


@dataclass
class Context:
    """What is known of a table while its columns are decided."""

    config: DataConfig
    asked: AskedColumns
    marks: MissingMarks
    locate: Locate
    file: FileFacts
    target: str | None
    of_file: MarksOfFile  # the marks of numbers that columns agree on
    notes: Notes = field(default_factory=Notes)
    habits: frozenset[str] = frozenset()  # marks that stand for gaps somewhere
    order: str | None = None  # "day" or "month": what comes first in the dates of the table


Decided = tuple[pd.Series, ColumnFormat]
