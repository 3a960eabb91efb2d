"""Sessions from where they lie: a text with one on each line, a table of events, a column of lists, lists from Python.

1 32 45 47                     a line is a session
{"events": ["home", "shoes"]}  a record is one
session, time, event           a row is an event: those of one session belong together, in order of time
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import build, read, require
from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table, Text, require_table
from deepglass.data.history_reader import Columns, HistoryReader
from deepglass.data.preprocess.events import BLANK, split_events
from deepglass.data.reading import source
from deepglass.data.reading.learnable import labels_of
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.table import require_column
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.reading.text import SUFFIXES, read_text

FORMS = ("lines", "lists", "rows")
SAMPLED = 1000  # lines or cells that are looked at to see how they are written
IN_LINES = (",", ";", "|", "\t")  # what separates the events of a line, if it is in most of the lines; else blanks
LIST = "\n"  # between the parts of a list, as tables hold it
SESSION_NAMES = (
    "session",
    "visit",
    "case",
    "trace",
    "basket",
    "cart",
    "user",
    "customer",
    "client",
    "visitor",
    "member",
)
EVENT_NAMES = (
    "event", "page", "url", "click", "action", "activity", "screen", "step", "item", "product", "article", "track",
)  # fmt: skip
EXPECTED = (
    "sessions: a text with one on each line, a table with a row for each event (session, time, event), or JSON lines "
    'such as {"events": ["a", "b"]}'
)


@dataclass
class Sessions:
    """Sequences of events.

    Attributes:
        events: Of each session its events, in order.
        names: What each is called: the word in its column, or its row.
        name: Of the data.
        splits: Where the data declare them, or are in order of time: positions of each part.
        is_in_time: Whether the sessions are in the order in which they began.
        has_rows: Whether `names` are rows, counted from 1.
    """

    events: list[list[str]]
    names: list[Any]
    name: str
    splits: dict[str, np.ndarray] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)
    is_in_time: bool = False
    has_rows: bool = True

    def __len__(self) -> int:
        return len(self.events)

    def kept(self, least: int) -> "Sessions":
        """Those of so many events; how many are left out is said."""
        keep = np.array([len(events) >= least for events in self.events], bool)
        if keep.all():
            return self
        place = np.cumsum(keep) - 1
        splits = {part: place[rows[keep[rows]]] for part, rows in self.splits.items()}
        few, why = counted(int((~keep).sum()), "session"), f"fewer than {least} events: nothing comes next"
        guesses = [*self.guesses, Guess("left out", few, why, "longer ones")]
        events, names = ([part[i] for i in np.flatnonzero(keep)] for part in (self.events, self.names))
        return Sessions(events, names, self.name, splits, guesses, self.is_in_time, self.has_rows)


class EventTable(HistoryReader):
    """Tables with a row for each event, an event as often as it happened."""

    OPTIONS: ClassVar[dict[str, str]] = {"user": "session", "item": "event"}
    NAMES: ClassVar[dict[str, tuple[str, ...]]] = {"user": SESSION_NAMES, "item": EVENT_NAMES}
    EXPECTED: ClassVar[str] = EXPECTED
    ONCE: ClassVar[bool] = False


class SessionReader:
    """Reads sessions; how it read those of the training it keeps for new ones.

    Args:
        config: How the source is read.
        session_column: Of a table of events; None guesses it from its name.
        event_column: Of a table; None guesses it.

    Attributes:
        form: "lines" of a text, "lists" in the cells of a table, or "rows" of a table that are an event each.
        separator: Of the events of a session that is written down.
        columns: Of a table: of the session, the event and the time, None where there is none.
    """

    form: str
    separator: str = BLANK
    columns: Columns
    reading: TableFormat | None = None

    def __init__(self, config: DataConfig, session_column: str | None = None, event_column: str | None = None):
        self.config, self.session_column, self.event_column = config, session_column, event_column

    def take(self, data: Data) -> Sessions:
        """The sessions of the training; chooses how to read them.

        Raises:
            DataError: If there are none.
            OptionError: If a column that was asked for is absent.
        """
        found = self._taken(data)
        found.guesses = found.guesses[len(data.guesses) :]  # those of the source have been said
        return found

    def _taken(self, data: Data) -> Sessions:
        if isinstance(data, Text):
            self.form, self.separator = "lines", separator_of(data.text)
            return self._of_text(data)
        table = require_table(data, EXPECTED)
        if (column := self._column_of_lists(table.frame)) is not None:
            self.form, self.columns = "lists", Columns(column, column)
            self.reading = table.format.used_by([column]) if table.format else None
            return self._of_lists(table)
        self.form, reader = "rows", self._of_rows()
        histories, guesses = reader.take(replace(table, splits={}))
        self.columns, self.reading = reader.columns, reader.reading
        return self._of_histories(histories, table, [*table.guesses, *guesses])

    def open(self, inputs: Any, *, with_target: bool) -> Sessions:
        """New sessions: in the form of the training, as lists from Python, or one that is written down.

        Raises:
            DataError: If there are none, or they do not fit.
        """
        if isinstance(inputs, Sessions):
            return inputs
        if isinstance(inputs, str) and not source.names_source(inputs, with_target):
            inputs = [split_events(inputs, self.separator)]
        if isinstance(inputs, (list, tuple)) and not any(isinstance(one, dict) for one in inputs):
            return of_python(inputs)
        if self.form == "lines":
            return self._of_text(self._text_of(inputs))
        if self.form == "lists":
            table = require_table(read_new(inputs, self.reading, self.config, with_target=with_target), EXPECTED)
            require_column(table.frame, self.columns.item, "--event-column")
            return self._of_lists(table)
        reader = self._of_rows()
        reader.columns, reader.reading = self.columns, self.reading
        table = reader.open(inputs, with_target=True)
        return self._of_histories({name: events for name, events in reader.read(table).items() if events}, table, [])

    # -- the forms ----------------------------------------------------------------------------------------------

    def _of_text(self, data: Text) -> Sessions:
        """A session on each line; empty lines are none."""
        events: list[list[str]] = []
        splits, empty = {}, 0
        for part, content in (data.splits or {"": data.text}).items():
            found = [split_events(line, self.separator) for line in content.splitlines()]
            here = [session for session in found if session]
            empty += len(found) - len(here)
            splits[part] = np.arange(len(events), len(events) + len(here))
            events += here
        if not events:
            raise DataError(f"{data.name} has no session: expected {EXPECTED}")
        guesses = list(data.guesses)
        if empty:
            guesses.append(Guess("left out", counted(empty, "line"), "without an event", "a session on every line"))
        return Sessions(events, [*range(1, len(events) + 1)], data.name, splits if data.splits else {}, guesses)

    def _text_of(self, inputs: Any) -> Text:
        """The text of a file, also of lines of equal length, which look like a table."""
        new = self.config.for_new_data()
        path = Path(inputs).expanduser() if isinstance(inputs, (str, Path)) else None
        is_text = path is not None and path.is_file() and path.suffix.lower() in SUFFIXES
        data = read_text(path, new) if path is not None and is_text else source.read(inputs, new)
        if not isinstance(data, Text):
            raise DataError(f"{data.name} is no text: expected one session on each line, as in training")
        return data

    def _column_of_lists(self, frame: pd.DataFrame) -> str | None:
        """The first column whose cells hold lists, or the one that was asked for if its cells do."""
        if self.event_column is not None:
            require_column(frame, self.event_column, "--event-column")
        names = frame.columns if self.event_column is None else [self.event_column]
        return next((name for name in names if _holds_lists(frame[name])), None)

    def _of_lists(self, table: Table) -> Sessions:
        cells = table.frame[self.columns.item].astype(object).where(lambda column: column.notna(), "")
        events = [split_events(str(cell), LIST) for cell in cells]
        if not any(events):
            raise DataError(f"{table.name} has no event in column {self.columns.item!r}: expected {EXPECTED}")
        rows = [*range(1, len(events) + 1)]
        return Sessions(events, rows, table.name, dict(table.splits), list(table.guesses))

    def _of_rows(self) -> EventTable:
        return EventTable(self.config, {"user": self.session_column, "item": self.event_column})

    def _of_histories(self, histories: dict[str, list[str]], table: Table, guesses: list[Guess]) -> Sessions:
        if not histories:
            raise DataError(f"{table.name} has no event: expected {EXPECTED}")
        names = list(histories)
        splits = _parts_of(table, self.columns.user, names)
        in_time = self.columns.time is not None
        return Sessions(list(histories.values()), names, table.name, splits, guesses, in_time, has_rows=False)

    # -- state --------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """How new sessions are read, as JSON can hold it."""
        return {
            "form": self.form,
            "columns": None if self.form == "lines" else dict(vars(self.columns)),
            "reading": self.reading.state() if self.reading else None,
        }

    def load_state(self, state: dict[str, Any], separator: str) -> None:
        """Take back what `state` gave.

        Raises:
            ValueError: If it does not fit.
        """
        self.form, self.separator = read(state, "form", str), separator
        require(self.form in FORMS, f"one of {', '.join(FORMS)} for 'form'", self.form)
        columns = read(state, "columns", dict[str, str | None] | None)
        require((columns is None) == (self.form == "lines"), "columns of a table", columns)
        if columns is not None:
            self.columns = build(Columns, columns)
        self.reading = TableFormat.from_state(state.get("reading"))


def of_python(inputs: Sequence[Any]) -> Sessions:
    """Lists of events; a list of words is one session.

    Raises:
        DataError: If a session is empty, or something else than a word or a number is an event.
    """
    if inputs and not any(isinstance(one, (list, tuple, np.ndarray)) for one in inputs):
        inputs = [inputs]
    if not inputs:
        raise DataError("there are no sessions: expected a list of events, or a list of such lists")
    sessions = []
    for row, one in enumerate(inputs, 1):
        if not isinstance(one, (list, tuple, np.ndarray)):
            raise DataError(f"session {row} is a {type(one).__name__}: expected a list of events")
        for event in one:
            is_word = isinstance(event, (str, int, np.integer)) and not isinstance(event, bool)
            if not is_word or not str(event).strip():
                raise DataError(f"session {row} has the event {event!r}: expected words or whole numbers")
        if not len(one):
            raise DataError(f"session {row} is empty: expected at least one event, which something follows")
        sessions.append([str(event).strip() for event in one])
    return Sessions(sessions, [*range(1, len(sessions) + 1)], "the list")


def separator_of(text: str) -> str:
    """What stands between the events of a line: what most lines hold, else blanks."""
    lines = [line for line in text.splitlines() if line.strip()][:SAMPLED]
    return next((mark for mark in IN_LINES if 2 * sum(mark in line for line in lines) > len(lines)), BLANK)


def _holds_lists(column: pd.Series) -> bool:
    """Whether its cells were lists: their parts stand on lines of their own."""
    if not (column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype)):
        return False
    cells = column.dropna().head(SAMPLED)
    return any(LIST in str(cell) for cell in cells)


def _parts_of(table: Table, column: str, names: list[str]) -> dict[str, np.ndarray]:
    """Positions of the sessions of each part that the rows declare.

    Raises:
        DataError: If a session is in two parts.
    """
    labels = labels_of(table.frame[column]).to_numpy()
    place = {name: i for i, name in enumerate(names)}
    parts = {part: sorted({place[str(name)] for name in labels[rows] if str(name) in place})
             for part, rows in table.splits.items()}  # fmt: skip
    seen: dict[int, str] = {}
    for part, sessions in parts.items():
        for session in sessions:
            if seen.setdefault(session, part) != part:
                raise DataError(
                    f"{table.name}: session {names[session]!r} is in {seen[session]} and in {part}: a session belongs "
                    "to one part, or its beginning would give its end away"
                )
    return {part: np.array(sessions, np.int64) for part, sessions in parts.items()}
