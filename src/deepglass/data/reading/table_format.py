"""How a table was read: the form of its file, and of every column its kind and the way its cells are written.

It is found once, on the training data (`cells.py`, `dialect.py`), kept in the run as JSON, and every later table is
read by it (`known_cells.py`, `known_file.py`): files, standard input, frames, records, the server's requests.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from deepglass.core.state import build, read, require
from deepglass.data.reading.dates import DateFormat
from deepglass.data.reading.dialect import Dialect
from deepglass.data.reading.number_format import NumberFormat

TIME = "time"  # the column that is put together from several
Kind = Literal["number", "date", "words", "text", "truth", "empty"]


@dataclass(frozen=True)
class ColumnFormat:
    """How the cells of one column are read.

    Args:
        name: Of the column.
        kind: "words" are categories, codes and names; "text" is running text, in which only an empty cell is missing;
            "truth" holds true and false; "empty" has no cell from which anything could be learnt.
        number: How numbers are written, of kind "number".
        date: How dates are written, of kind "date".
        width: Digits of a code such as 00501: a shorter one has lost its zeros on the way.
        kept: Marks of missing values that are words in this column.
    """

    name: str
    kind: Kind
    number: NumberFormat | None = None
    date: DateFormat | None = None
    width: int | None = None
    kept: tuple[str, ...] = ()

    def state(self) -> dict[str, Any]:
        """As JSON can hold it; what is usual is left out."""
        parts = {
            "number": self.number.state() if self.number else None,
            "date": self.date.state() if self.date else None,
            "width": self.width,
            "kept": list(self.kept),
        }
        return {"name": self.name, "kind": self.kind} | {name: part for name, part in parts.items() if part}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "ColumnFormat":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        is_number = read(state, "kind", Kind) == "number"
        number = NumberFormat.from_state(read(state, "number", dict[str, Any], {})) if is_number else None
        date = DateFormat.from_state(state["date"]) if "date" in state else None
        return build(cls, state, number=number, date=date)


@dataclass(frozen=True)
class TableFormat:
    """How a table is read.

    Args:
        columns: In the order of the training data, those that were left out later among them.
        missing: Every spelling of a missing cell.
        sentinels: Numbers that stand for a missing cell, such as -999.
        file: The form of a delimited file; None where the data came otherwise.
        time_parts: Columns such as year, month and day that were put together to one column `time`.
        left_out: Columns that the options left out, or that divided the rows.
        needed: Columns that must fit in new data; another that does not is left out. None needs all of them.
        target: A column that new files without a header may lack.
    """

    columns: tuple[ColumnFormat, ...]
    missing: tuple[str, ...] = ("",)
    sentinels: tuple[float, ...] = ()
    file: Dialect | None = None
    time_parts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    needed: tuple[str, ...] | None = None
    target: str | None = None

    @cached_property
    def by_name(self) -> dict[str, ColumnFormat]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    def used_by(self, needed: Iterable[str], target: str | None = None) -> "TableFormat":
        """The same for whoever needs some of the columns, and has a target."""
        names = [part for name in needed for part in (self.time_parts if name == TIME else (name,))]
        return replace(self, needed=tuple(dict.fromkeys(names)), target=target)

    def with_target(self) -> "TableFormat":
        """The same for labelled data: the target must fit, too."""
        needed = (*self.needed, self.target) if self.needed is not None and self.target else self.needed
        return replace(self, needed=needed)

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "columns": [column.state() for column in self.columns],
            "missing": list(self.missing),
            "sentinels": list(self.sentinels),
            "file": self.file.state() if self.file else None,
            "time_parts": list(self.time_parts),
            "left_out": list(self.left_out),
            "needed": list(self.needed) if self.needed is not None else None,
            "target": self.target,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any] | None) -> "TableFormat | None":
        """What gave `state`; None for runs that were written before there was one.

        Raises:
            ValueError: If it does not fit.
        """
        if state is None:
            return None
        columns = tuple(ColumnFormat.from_state(column) for column in read(state, "columns", list[dict[str, Any]]))
        file = read(state, "file", dict[str, Any] | None)
        found = build(cls, state, columns=columns, file=Dialect.from_state(file) if file else None)
        require(len(found.by_name) == len(columns), "columns, each of them once")
        return found
