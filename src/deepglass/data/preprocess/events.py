"""Events as numbers: those of the training sessions, the most frequent first; whatever is rare is one unknown event.

A session that is written down is its events with a separator between them: a blank where no event has one inside.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.state import read, require
from deepglass.data.preprocess.text import REPLACEMENT

UNKNOWN = 0  # the id of every event that training did not see often enough
BLANK = " "  # stands for any run of blanks
SEPARATORS = (BLANK, ",", ";", "|", "\t", "\n")  # between the events of a session that is written down


class EventVocabulary:
    """The events that there are.

    Args:
        events: Name of id 1, 2, …; 0 is any other.
        separator: Stands between two events where a session is written down.

    Example:
        >>> vocabulary = EventVocabulary.fit([["home", "shoes", "home"]], min_count=1)
        >>> vocabulary.encode("home hats shoes").tolist()
        [1, 0, 2]
    """

    kind = "separated"

    def __init__(self, events: list[str], separator: str = BLANK):
        self.events, self.separator = events, separator
        self.ids = {event: i for i, event in enumerate(events, start=UNKNOWN + 1)}

    @classmethod
    def fit(
        cls, sessions: Iterable[Sequence[str]], *, min_count: int = 1, most: int = 50_000, separator: str | None = None
    ) -> "EventVocabulary":
        """Learn the events of the training sessions.

        Args:
            sessions: Of the training part.
            min_count: Rarer events are unknown.
            most: Events at most, the most frequent ones.
            separator: None takes the first that is in no event.
        """
        counts = Counter(event for session in sessions for event in session)
        order = sorted(counts, key=lambda event: (-counts[event], event))
        kept = [event for event in order if counts[event] >= min_count][:most]
        return cls(kept, separator or separator_for(kept))

    def __len__(self) -> int:
        """Ids V, that of unknown events included."""
        return len(self.events) + 1

    def ids_of(self, events: Sequence[str]) -> np.ndarray:
        """(n,) int64."""
        return np.array([self.ids.get(event, UNKNOWN) for event in events], np.int64)

    def encode(self, text: str) -> np.ndarray:
        """Ids of a session that is written down."""
        return self.ids_of(split_events(text, self.separator))

    def name(self, i: int) -> str:
        """Of an id."""
        return self.events[i - 1] if i else REPLACEMENT

    def decode(self, ids: Iterable[int]) -> str:
        """A session written down."""
        return self.separator.join(self.name(i) for i in ids)

    def state(self) -> dict[str, Any]:
        """What `from_state` needs, as JSON can hold it."""
        return {"kind": self.kind, "separator": self.separator, "events": self.events}

    @classmethod
    def from_state(cls, state: Any) -> "EventVocabulary":
        """The vocabulary whose state was kept.

        Raises:
            ValueError: If it does not fit.
        """
        events, separator = read(state, "events", list[str]), read(state, "separator", str)
        require(len(set(events)) == len(events) > 0, "events, each of them once")
        require(separator in SEPARATORS, "a separator of events", separator)
        return cls(events, separator)


def split_events(text: str, separator: str) -> list[str]:
    """The events of a session that is written down; what is empty between two separators is none."""
    parts = text.split() if separator == BLANK else text.split(separator)
    return [event for part in parts if (event := part.strip())]


def separator_for(events: Sequence[str]) -> str:
    """The first separator that is in no event.

    Raises:
        DataError: If there is none.
    """
    for separator in SEPARATORS:
        if not any(separator in event or (separator == BLANK and len(event.split()) != 1) for event in events):
            return separator
    raise DataError("events hold blanks, commas, semicolons, bars, tabs and line breaks: give them shorter names")
