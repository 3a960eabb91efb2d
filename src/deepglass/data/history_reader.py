"""Tables of who took what and when, as histories: the columns, the order, the catalogue, what every user took.

rows ── user, item ── in order of time ── each item once ── the last k for the test, the k before for validation
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, require_table
from deepglass.data.histories import UNKNOWN
from deepglass.data.preprocess.number import numbers_of
from deepglass.data.reading.columns import describe
from deepglass.data.reading.learnable import labels_of
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.table import require_column
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.reading.usual_names import TIME_NAME

USER_NAMES = ("user", "customer", "client", "visitor", "person", "member", "account", "reader", "viewer", "session")
ITEM_NAMES = (
    "item", "movie", "film", "product", "article", "book", "song", "track", "title", "artist", "show", "game", "sku",
)  # fmt: skip
RATING_NAMES = ("rating", "stars", "score", "preference")
FEWEST_USERS = 3  # whose last events can be held out
EXPECTED = "a table with a row for each thing that somebody took: a user, an item, and perhaps a time and a rating"


@dataclass(frozen=True)
class Columns:
    """Names of the columns; of a table without a time or a rating they are None."""

    user: str
    item: str
    time: str | None = None
    rating: str | None = None


class HistoryReader:
    """What tables of histories are read by; fitted with `take` and `fit`, or read back with `load_state`.

    Args:
        config: How the source is read.
        asked: Columns that were asked for: "user", "item" and "rating", each a name or None.
        min_rating: Below it an event is no sign of interest, and left out.

    Attributes:
        columns: Of user, item, time and rating.
        items: Names of the catalogue, the one that most took first.
        counts: (I,) how many users took each in training.
        users: What everybody took, in order, as names.
    """

    OPTIONS: ClassVar[dict[str, str]] = {"user": "user", "item": "item", "rating": "rating"}  # role → --NAME-column
    NAMES: ClassVar[dict[str, tuple[str, ...]]] = {"user": USER_NAMES, "item": ITEM_NAMES, "rating": RATING_NAMES}
    EXPECTED: ClassVar[str] = EXPECTED
    ONCE: ClassVar[bool] = True  # whether the first event of a user and an item is all that counts
    columns: Columns
    items: list[str]
    counts: np.ndarray
    reading: TableFormat | None = None

    def __init__(self, config: DataConfig, asked: dict[str, str | None], min_rating: float | None = None):
        self.config, self.asked, self.min_rating = config, asked, min_rating
        self.users: dict[str, list[str]] = {}

    # -- training -----------------------------------------------------------------------------------------------

    def take(self, data: Any) -> tuple[dict[str, list[str]], list[Guess]]:
        """Choose the columns; what every user took, in order.

        Raises:
            DataError: If the data are no such table.
            OptionError: If a column that was asked for is absent, or a rating is asked of a table without.
        """
        table = require_table(data, self.EXPECTED)
        if table.splits:
            raise DataError(
                f"{table.name} brings parts of its own ({', '.join(table.splits)}): the last events of every user are "
                "held out here; give all events in one table, without --split-column, --val and --test"
            )
        guesses = self._choose(table)
        self.reading = table.format.used_by([self.columns.user]) if table.format else None
        found, more = self._histories(table)
        return found, guesses + more

    def fit(self, histories: dict[str, list[str]]) -> None:
        """The catalogue, from the training part alone: what most took comes first."""
        counts = pd.Series([item for history in histories.values() for item in history]).value_counts()
        order = sorted(counts.index, key=lambda name: (-counts[name], name))
        self.items, self.counts = order, counts[order].to_numpy(np.int64)

    def coded(self, history: list[str]) -> np.ndarray:
        """Codes from 1 of the items that the catalogue has; the others are left out."""
        return np.array([self.codes[item] for item in history if item in self.codes], np.int64)

    def held(self, history: list[str]) -> np.ndarray:
        """The same with `UNKNOWN` in the place of the others."""
        return np.array([self.codes.get(item, UNKNOWN) for item in history], np.int64)

    @property
    def codes(self) -> dict[str, int]:
        """Item → its code."""
        if getattr(self, "_coded", None) is not self.items:
            self._coded, self._codes = self.items, {name: code for code, name in enumerate(self.items, 1)}
        return self._codes

    def _choose(self, table: Table) -> list[Guess]:
        guesses: list[Guess] = []
        columns = describe(table.frame)
        kept = [column.name for column in columns if column.kind != "constant"]
        found: dict[str, str | None] = {}
        for role, usual in self.NAMES.items():
            asked, option = self.asked.get(role), f"--{self.OPTIONS[role]}-column"
            if asked is not None:
                found[role] = require_column(table.frame, asked, option)
                continue
            free = [name for name in kept if name not in found.values()]
            found[role] = next((name for word in usual for name in free if word in name.lower()), None)
            if found[role] is not None:
                guesses.append(Guess(self.OPTIONS[role], found[role], "its name", option))
        for role in ("user", "item"):
            if found[role] is None:
                what = self.OPTIONS[role]
                raise DataError(
                    f"{table.name}: no column names the {what}s (there are {listing(table.frame.columns, 8)}): "
                    f"expected {self.EXPECTED}; name it with --{what}-column"
                )
        named = [name for name in found.values() if name is not None]
        if len(set(named)) < len(named):
            options = listing(f"--{self.OPTIONS[role]}-column" for role in self.NAMES)
            raise OptionError(f"{options} name {listing(named)}: expected different columns")
        time, guess = self._time_of(table, columns, set(named))
        if self.min_rating is not None and found.get("rating") is None:
            raise OptionError("--min-rating: the table has no rating; leave it out, or name the --rating-column")
        self.columns = Columns(str(found["user"]), str(found["item"]), time, found.get("rating"))
        return [*guesses, guess]

    def _time_of(self, table: Table, columns: Any, taken: set[str]) -> tuple[str | None, Guess]:
        if self.config.time_column is not None:
            name = require_column(table.frame, self.config.time_column, "--time-column")
            if next(c.kind for c in columns if c.name == name) in ("category", "text", "boolean"):
                raise OptionError(f"--time-column {name}: it holds words, expected times or numbers that grow")
            return name, Guess("order", name, "as asked", "--time-column")
        dates = [c.name for c in columns if c.kind == "date" and c.name not in taken]
        dates += [c.name for c in columns if c.kind == "number" and TIME_NAME.search(c.name) and c.name not in taken]
        if dates:
            return dates[0], Guess("order", dates[0], "it holds times", "--time-column")
        return None, Guess("order", "as the rows come", "no column holds times", "--time-column")

    def _histories(self, table: Table) -> tuple[dict[str, list[str]], list[Guess]]:
        """Of every user the items, in order, each once; what was left out."""
        frame, columns, guesses = table.frame, self.columns, []
        users, items = labels_of(frame[columns.user]), labels_of(frame[columns.item])
        keep = (frame[columns.user].notna() & frame[columns.item].notna()).to_numpy(copy=True)
        if not keep.all():
            why = f"{columns.user} or {columns.item} is empty"
            guesses.append(Guess("rows left out", f"{(~keep).sum():,}", why, ""))
        if columns.rating is not None:
            guesses.append(self._by_rating(frame, keep))
        if columns.time is not None and (lost := keep & frame[columns.time].isna().to_numpy()).any():
            guesses.append(Guess("rows left out", f"{lost.sum():,}", f"{columns.time} is empty", "--time-column"))
            keep &= ~lost
        order = np.arange(len(frame))
        if columns.time is not None:
            order = np.argsort(frame[columns.time].to_numpy(), kind="stable")  # of one moment, as the rows come
        order = order[keep[order]]
        events = pd.DataFrame({"user": users.to_numpy()[order], "item": items.to_numpy()[order]})
        once = events.drop_duplicates() if self.ONCE else events
        if len(once) < len(events):
            said = f"{len(events) - len(once):,} events"
            guesses.append(Guess("repeated", said, "the first of a user and an item counts", ""))
        grouped = once.groupby("user", sort=False)["item"]
        return {str(user): history.tolist() for user, history in grouped}, guesses

    def _by_rating(self, frame: pd.DataFrame, keep: np.ndarray) -> Guess:
        name = str(self.columns.rating)
        if self.min_rating is None:
            return Guess("interest", "whatever was rated", "also what was disliked was chosen first", "--min-rating")
        ratings = numbers_of(frame[name], name)
        keep &= ratings >= self.min_rating
        if not keep.any():
            highest = f"the highest is {np.nanmax(ratings):g}" if np.isfinite(ratings).any() else "all are empty"
            raise OptionError(f"--min-rating {self.min_rating:g}: no {name} is as high ({highest})")
        why = f"{name} is at least {self.min_rating:g}"
        return Guess("interest", f"{keep.sum():,} of {len(frame):,} events", why, "--min-rating")

    # -- tables that come later -----------------------------------------------------------------------------------

    def open(self, inputs: Any, *, with_target: bool) -> Table:
        """A table of events, or, to be answered, of users alone.

        Raises:
            DataError: If a column is missing.
        """
        table = require_table(read_new(inputs, self.reading, self.config), self.EXPECTED)
        needed = (self.columns.user, self.columns.item) if with_target else (self.columns.user,)
        for name in needed:
            if name not in table.frame:
                raise DataError(f"{table.name} lacks the column {name!r}: add it; expected {self.EXPECTED}")
        if not table.frame[self.columns.user].notna().any():
            raise DataError(f"{table.name}: column {self.columns.user!r} is empty: say whose events they are")
        return table

    def read(self, table: Table) -> dict[str, list[str]]:
        """Of every user of a later table what the table says; nothing where it names users alone.

        Raises:
            OptionError: If no rating of the table is as high as `--min-rating`.
        """
        columns = self.columns
        if columns.item not in table.frame:
            users = labels_of(table.frame[columns.user].dropna())
            return {str(user): [] for user in dict.fromkeys(users)}
        known = [name for name in (columns.time, columns.rating) if name is not None and name in table.frame]
        self.columns = Columns(
            columns.user,
            columns.item,
            columns.time if columns.time in known else None,
            columns.rating if columns.rating in known else None,
        )
        try:
            found = self._histories(table)[0]
        finally:
            self.columns = columns
        alone = labels_of(table.frame[columns.user].dropna())
        return {str(user): found.get(str(user), []) for user in dict.fromkeys(alone)}

    # -- state --------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Columns, the catalogue, and what every user took, as places in it."""
        names = {name: place for place, name in enumerate(self._all_items())}
        return {
            "columns": dict(vars(self.columns)),
            "items": self.items,
            "counts": self.counts.tolist(),
            "other_items": self._all_items()[len(self.items) :],
            "users": list(self.users),
            "histories": [[names[item] for item in history] for history in self.users.values()],
            "min_rating": self.min_rating,
            "reading": self.reading.state() if self.reading else None,
        }

    def _all_items(self) -> list[str]:
        """The catalogue, then what was taken in validation and test alone."""
        return list(dict.fromkeys([*self.items, *(item for history in self.users.values() for item in history)]))

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave.

        Raises:
            ValueError: If it does not fit.
        """
        self.columns = Columns(**read(state, "columns", dict[str, str | None]))
        self.items, counts = read(state, "items", list[str]), read(state, "counts", list[int])
        require(len(set(self.items)) == len(self.items) > 0, "items, each of them once")
        require(len(counts) == len(self.items), "a count for every item")
        self.counts = np.array(counts)
        names = self.items + read(state, "other_items", list[str])
        users, histories = read(state, "users", list[str]), read(state, "histories", list[list[int]])
        require(len(set(users)) == len(users) == len(histories), "a history for every user")
        require(all(place < len(names) for history in histories for place in history), "places of items")
        self.users = {user: [names[place] for place in history] for user, history in zip(users, histories)}
        self.min_rating = read(state, "min_rating", float | None)
        self.reading = TableFormat.from_state(state.get("reading"))


def held_out(
    histories: dict[str, list[str]], count: int
) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, list[str]]]:
    """What is learnt from, and of those who took enough the `count` items for validation and the last for the test.

    Raises:
        DataError: If nearly nobody took enough.
    """
    least = 2 * count + 1
    judged = [user for user, history in histories.items() if len(history) >= least]
    if len(judged) < FEWEST_USERS:
        raise DataError(
            f"{counted(len(judged), 'user')} of {len(histories):,} took {least} items or more: expected at least "
            f"{FEWEST_USERS}, with {count} to test by, {count} to choose by and one to begin with; give longer "
            "histories, or check --user-column"
        )
    val = {user: histories[user][-2 * count : -count] for user in judged}
    test = {user: histories[user][-count:] for user in judged}
    enough = set(judged)
    train = {u: history[: -2 * count] if u in enough else history for u, history in histories.items()}
    return train, val, test
