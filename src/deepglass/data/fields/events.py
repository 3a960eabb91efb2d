"""Sessions of events: what somebody did, one thing after the other, and what came next at every place.

sessions ── cut by session (the latest are the test, where times are known) ── ids (B, T) int64, 0 is an unknown event
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require_between
from deepglass.core.wording import counted, listing
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, Text
from deepglass.data.fields._sequence import TokenSequence, Windowed
from deepglass.data.preprocess.events import BLANK, UNKNOWN, EventVocabulary
from deepglass.data.session_reader import SessionReader, Sessions
from deepglass.data.session_windows import SessionWindows
from deepglass.data.splits import Splits, split, split_rows_by_time

MOST_CONTEXT = 4096
FEWEST_EVENTS = 2  # different ones, between which there is something to tell
SHOWN_UNKNOWN = 5


@dataclass(frozen=True)
class Options:
    """Settings of sessions."""

    session_column: str | None = None  # of a table of events: which session each is of; guessed from its name
    event_column: str | None = None  # of a table: what happened, or lists of it; guessed from its name
    context: int = 50  # events that are seen at once, as in SASRec; attention costs time with its square
    min_count: int = 2  # rarer events are unknown: of what happened once nobody can say what follows it
    max_events: int = 50_000  # size of the vocabulary, the most frequent first


class Field(TokenSequence):
    """Sessions.

    Attributes:
        reader: How they are read.
        vocabulary: The events.
        context: How many of them are seen at once.
        counts: (V,) how often each occurs in training; known after `fit` alone.
    """

    name = "events"
    SETTINGS = Options
    options: Options
    vocabulary: EventVocabulary
    context: int
    counts: np.ndarray
    start = UNKNOWN  # what a session of no event begins with

    def __init__(self, options: Any, data_config: DataConfig, seed: int = 0):
        super().__init__(options, data_config, seed)
        self.reader = SessionReader(data_config, self.options.session_column, self.options.event_column)

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """A text of several lines, or a table."""
        return isinstance(data, Table) or (isinstance(data, Text) and "\n" in data.text.strip())

    def as_source(self, data: Any) -> Sessions:
        """The sessions in which something comes next.

        Raises:
            DataError: If there are none.
            OptionError: If an option is out of its range, or names a column that is absent.
        """
        self._require_options()
        if isinstance(data, Sessions):
            return data
        found = self.reader.take(data).kept(2)
        if len(found) < 3:
            sizes = f"{counted(len(found), 'session')} of two events or more"
            raise DataError(f"{data.name} has {sizes}: expected at least 3, one each to learn from, choose and test by")
        return found

    def fit(self, data: Sessions) -> Windowed:
        """The events of the training sessions.

        Raises:
            DataError: If they hold fewer than two kinds of events, so that there is nothing to tell apart.
        """
        self.context, self.reading = self.options.context, self.reader.reading
        splits, why = self._splits(data)
        learnt = [data.events[i] for i in splits["train"]]
        separator = self.reader.separator if self.reader.form == "lines" else None
        limits = {"min_count": self.options.min_count, "most": self.options.max_events}
        self.vocabulary = EventVocabulary.fit(learnt, **limits, separator=separator)
        self.reader.separator = self.vocabulary.separator
        self._require_enough(data.name)
        ids = {part: [self.vocabulary.ids_of(data.events[i]) for i in rows] for part, rows in splits.items()}
        self.counts = np.bincount(np.concatenate(ids["train"]), minlength=len(self.vocabulary))
        self.statistics = {"events": statistics.of_ids(self.counts)}
        uses = {"train": "train", "val": "judge", "test": "judge"}
        made = {part: SessionWindows.of(rows, self.context, uses[part]) for part, rows in ids.items()}  # type: ignore[arg-type]
        return Windowed(made, [*data.guesses, *self._guesses(ids, why)], dict(splits))  # type: ignore[arg-type]

    @property
    def size(self) -> int:
        """Events that there are."""
        return len(self.vocabulary)

    def state(self) -> dict[str, Any]:
        """The events, how sessions are read, how many events are seen."""
        learnt = {"vocabulary": self.vocabulary.state(), "statistics": self.statistics, "context": self.context}
        return learnt | self.reader.state()

    def load_state(self, state: dict[str, Any]) -> None:
        self.vocabulary = EventVocabulary.from_state(read(state, "vocabulary", Any))
        self.context, self.statistics = read(state, "context", int), statistics.read_back(state)
        require_between(self.context, 2, MOST_CONTEXT, "context")
        self.reader.load_state(state, self.vocabulary.separator)
        self.reading = self.reader.reading

    # -- data that come later -----------------------------------------------------------------------------------

    def open(self, inputs: Any, *, with_target: bool) -> Sessions:
        """New sessions; to be judged, those of one event are left out.

        Raises:
            DataError: If there are none.
        """
        found = self.reader.open(inputs, with_target=with_target)
        found = found.kept(2 if with_target else 1)
        if not len(found):
            raise DataError(f"{found.name}: no session has two events: expected one to see and one to guess")
        return self._with_unknown(found)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[SessionWindows, dict[str, Any]]:
        """Sessions to be judged at every place, or to be asked what comes next; and what names each.

        Raises:
            DataError: If there are none.
        """
        found = self.open(inputs, with_target=with_target)
        ids = [self.vocabulary.ids_of(events) for events in found.events]
        names = {"row" if found.has_rows else "session": found.names}
        return SessionWindows.of(ids, self.context, "judge" if with_target else "ask"), names

    def fingerprints(self, data: Any) -> np.ndarray:
        """(N,) a number for every session, by its events."""
        sessions = data if isinstance(data, Sessions) else self.as_source(data)
        written = ["\n".join(events) for events in sessions.events]
        return pd.util.hash_array(np.array(written, object), categorize=False)

    def unknown_rows(self, examples: SessionWindows) -> list[int]:
        """Sessions, counted from 1, with an event that training has not learnt."""
        events = examples.events.numpy()
        starts, lengths = examples.starts.numpy(), examples.lengths.numpy() - (examples.use == "ask")
        pairs = enumerate(zip(starts, lengths, strict=True), 1)
        return [row for row, (start, length) in pairs if (events[start : start + length] == UNKNOWN).any()]

    def unused_options(self, asked: Mapping[str, Any]) -> Iterator[Unused]:
        """What sessions that are not rows of a table leave no room for."""
        form = getattr(self.reader, "form", None)
        if form == "lines":
            for name in {"session_column", "event_column", "time_column"} & asked.keys():
                yield Unused(name, "a line of the text is a session, in its order", "leave it out")
        elif form == "lists":
            for name in {"session_column", "time_column"} & asked.keys():
                yield Unused(name, "a row of the table is a session", "leave it out")

    # -- helpers ------------------------------------------------------------------------------------------------

    def _require_options(self) -> None:
        options = self.options
        if not 2 <= options.context <= MOST_CONTEXT:
            raise OptionError(f"--context: expected 2 to {MOST_CONTEXT:,}, got {options.context}")
        for name, value, least in (("min_count", options.min_count, 1), ("max_events", options.max_events, 2)):
            if value < least:
                raise OptionError(f"--{name.replace('_', '-')}: expected {least} or more, got {value}")

    def _splits(self, data: Sessions) -> tuple[Splits, str]:
        """By session: the latest for the test where times are known, else by lot, unless the data declare them."""
        fractions = {"val_fraction": self.data_config.val_fraction, "test_fraction": self.data_config.test_fraction}
        if data.is_in_time and not data.splits:
            return split_rows_by_time(np.arange(len(data)), **fractions), "whole sessions, the latest for the test"
        why = "as the data declare" if data.splits else "whole sessions, by lot, for nothing tells their times"
        return split(len(data), **fractions, seed=self.seed, declared=data.splits), why

    def _require_enough(self, name: str) -> None:
        if len(self.vocabulary.events) < FEWEST_EVENTS:
            found, least = counted(len(self.vocabulary.events), "event"), self.options.min_count
            raise DataError(
                f"{name}: {found} of the training sessions came {least} times or more: expected {FEWEST_EVENTS} "
                "different ones; check --event-column, give more sessions, or lower --min-count"
            )

    def _with_unknown(self, found: Sessions) -> Sessions:
        """The sessions with a note of events that training has not learnt."""
        known = self.vocabulary.ids
        if odd := list(dict.fromkeys(e for events in found.events for e in events if e not in known)):
            which = f"{counted(len(odd), 'event')}, {listing(map(repr, odd), SHOWN_UNKNOWN)}"
            found.guesses.append(Guess("unknown", which, "read as the event of all rare ones", "--unknown refuse"))
        return found

    def _guesses(self, ids: Mapping[str, list[np.ndarray]], why: str) -> list[Guess]:
        rare = self.counts[UNKNOWN] / self.counts.sum()
        least = self.options.min_count
        seen = f"those that came {least} times or more; {rare:.1%} of the training are rarer"
        sizes = ", ".join(f"{part} {len(rows):,}" for part, rows in ids.items())
        between = "blanks" if self.vocabulary.separator == BLANK else repr(self.vocabulary.separator)
        guesses = [
            Guess("events", f"{len(self.vocabulary.events):,} different ones", seen, "--min-count and --max-events"),
            Guess("splits", f"{sizes} sessions", why, "--val-fraction and --test-fraction"),
        ]
        if self.reader.form == "lines":
            guesses.insert(0, Guess("sessions", "a line each", f"events stand between {between}", "a table instead"))
        return guesses
