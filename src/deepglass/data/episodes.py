"""Groups of a table as examples: of each some rows to adapt to and some to be judged by.

    rows ── by group ── numbers scaled, target standardised ── (G, n, F + 2): F numbers, the target, the part

The part of a row is 0 where there is none (groups are of different sizes), 1 for the support and 2 for the query
(`training/adapting.py`). New tables carry the support as rows whose target is known; the others are asked for.
"""

from dataclasses import asdict
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.data import fingerprints
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, require_table
from deepglass.data.preprocess.number import Number, numbers_of
from deepglass.data.reading.columns import describe
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.table import keep_rows, require_column
from deepglass.data.reading.table_format import TableFormat

FEWEST_GROUPS = 3  # one each to learn from, to choose by and to test with
MOST_SUPPORT = 10  # rows where nobody asks for more
PADDING, SUPPORT, QUERY = 0, 1, 2


class EpisodeReader:
    """What tables of groups are read by; fitted with `take` and `fit`, or read back with `load_state`.

    Args:
        config: How the source is read.
        support: Rows of a group to adapt to; None for half of the smallest group, at most 10.

    Attributes:
        group, target: Columns.
        numbers: What goes in, with the scale of the training rows.
        mean, deviation: Of the target of the training rows.
        support: Rows of a group to adapt to.
    """

    group: str
    target: str
    numbers: list[Number]
    mean: float
    deviation: float
    support: int
    reading: TableFormat | None = None

    def __init__(self, config: DataConfig, support: int | None = None):
        self.config, self.asked = config, support
        self.columns: list[str] = []

    # -- training -----------------------------------------------------------------------------------------------

    def take(self, data: Any) -> tuple[Table, list[Guess]]:
        """Choose the columns, and leave out rows without a target and groups that are too small.

        Raises:
            DataError: If the data are no such table.
            OptionError: If a column that was asked for is absent, or the support is out of its range.
        """
        if self.asked is not None and self.asked < 1:
            raise OptionError(f"--support: expected 1 or more, got {self.asked}")
        table = require_table(data, "a table with a row per example and a column that names its group")
        guesses = self._choose_target(table)
        guesses += self._choose_group(table)
        guesses += self._choose_numbers(table)
        self._leave_out(table, ~np.isnan(numbers_of(table.frame[self.target], self.target)), "the target is empty")
        self._leave_out(table, table.frame[self.group].notna().to_numpy(), f"{self.group} is empty")
        guesses += self._choose_support(table)
        if (found := table.frame[self.group].nunique()) < FEWEST_GROUPS:
            raise DataError(
                f"{table.name} has {counted(found, 'group')} of {self.support + 1} rows or more in {self.group!r}: "
                f"expected at least {FEWEST_GROUPS}, to learn from, to choose by and to test with; name another "
                "--group-column, or add groups"
            )
        return table, guesses

    def fit(self, table: Table, rows: np.ndarray) -> None:
        """Scales of the numbers and of the target, from the training rows alone."""
        train = table.frame.iloc[rows]
        self.numbers = [Number.fit(train[name], name, "standard") for name in self.columns]
        known = numbers_of(train[self.target], self.target)
        self.mean, self.deviation = float(known.mean()), float(known.std()) or 1.0
        needed = [self.group, *self.columns, self.target]
        self.reading = table.format.used_by(needed) if table.format else None

    def groups_of(self, table: Table) -> tuple[np.ndarray, list[str]]:
        """(N,) which group each row is of, and the names of the groups in the order in which they come."""
        codes, names = pd.factorize(table.frame[self.group].astype(str))
        return codes, [str(name) for name in names]

    def _choose_target(self, table: Table) -> list[Guess]:
        asked, numbers = self.config.target, [c.name for c in describe(table.frame) if c.kind == "number"]
        if asked:
            self.target = require_column(table.frame, asked, "--target")
            return []
        if table.target:
            self.target = table.target
            return []
        if not numbers:
            raise DataError(f"{table.name} has no column of numbers: expected a target; name it with --target")
        self.target = numbers[-1]
        return [Guess("target", self.target, "the last column of numbers", "--target")]

    def _choose_group(self, table: Table) -> list[Guess]:
        if self.config.group_column is not None:
            self.group = require_column(table.frame, self.config.group_column, "--group-column")
            if self.group == self.target:
                raise OptionError(f"--group-column: {self.group!r} is the target; name the column that tells groups")
            return []
        for name in map(str, table.frame.columns):
            sizes = table.frame[name].value_counts()
            is_fractional = pd.api.types.is_float_dtype(table.frame[name])
            if name != self.target and not is_fractional and len(sizes) >= FEWEST_GROUPS and sizes.min() > 1:
                self.group = name
                return [Guess("group", name, "each of its values is in several rows", "--group-column")]
        raise DataError(
            f"{table.name}: no column names the groups: expected one with the same value in all rows of a group; name "
            "it with --group-column"
        )

    def _choose_numbers(self, table: Table) -> list[Guess]:
        described = [c for c in describe(table.frame) if c.name not in (self.target, self.group)]
        self.columns = [column.name for column in described if column.kind == "number"]
        if not self.columns:
            raise DataError(f"{table.name} has no column of numbers beside target and group: expected one or more")
        left = [column.name for column in described if column.kind != "number"]
        why = "a few steps of gradient adapt to numbers"
        return [Guess("columns left out", listing(left), why, "--numbers")] if left else []

    def _choose_support(self, table: Table) -> list[Guess]:
        sizes = table.frame[self.group].value_counts()
        sizes = sizes[sizes > (self.asked or 1)]
        self.support = self.asked or min(MOST_SUPPORT, int(sizes.min()) // 2 if len(sizes) else 1)
        why = f"it has {self.support} rows or fewer, and none would be left to judge by"
        self._leave_out(table, table.frame[self.group].isin(sizes.index).to_numpy(), f"their group is too small: {why}")
        if self.asked:
            return []
        said = f"{self.support} of each group"
        return [Guess("support", said, f"half of the smallest group, at most {MOST_SUPPORT}", "--support")]

    # -- examples -----------------------------------------------------------------------------------------------

    def examples(self, table: Table, *, is_known: bool) -> np.ndarray:
        """(G, n, F + 2) float32 of every group; a target that nobody knows is NaN.

        Args:
            table: As `take` or `open` gave it.
            is_known: Whether every target is known and the support is to be drawn, always the same of the same group;
                otherwise the support is what is known.
        """
        codes, names = self.groups_of(table)
        rows = np.empty((len(codes), len(self.numbers) + 2), np.float32)
        for place, number in enumerate(self.numbers):
            scaled = np.empty((len(codes), number.width), np.float32)
            number.transform(table.frame[number.name], out=scaled)
            rows[:, place] = scaled[:, 0]
        y = (numbers_of(table.frame[self.target], self.target) - self.mean) / self.deviation
        rows[:, -2], rows[:, -1] = y, np.where(np.isnan(y), QUERY, SUPPORT)
        sizes = np.bincount(codes, minlength=len(names))
        whole = np.zeros((len(names), sizes.max(initial=1), rows.shape[1]), np.float32)
        for code, places in enumerate(self.places(codes, len(names))):
            whole[code, : len(places)] = rows[places]
            if is_known:
                drawn = np.random.default_rng(crc32(names[code].encode())).permutation(len(places))
                whole[code, drawn[self.support :], -1] = QUERY
        return whole

    def numbers_in_unit(self, x: np.ndarray) -> np.ndarray:
        """Scaled numbers (…, F) in the units of the table."""
        columns = [np.interp(x[..., i], number.scores, number.knots) for i, number in enumerate(self.numbers)]
        return np.stack(columns, axis=-1)

    def places(self, codes: np.ndarray, count: int) -> list[np.ndarray]:
        """Of each group its rows, in their order."""
        order = np.argsort(codes, kind="stable")
        return np.split(order, np.cumsum(np.bincount(codes, minlength=count))[:-1])

    def in_unit(self, values: np.ndarray) -> np.ndarray:
        """Standardised targets in the unit of the table."""
        return values.astype(np.float64) * self.deviation + self.mean

    def fingerprints(self, table: Table) -> np.ndarray | None:
        """(G,) of all rows of each group together, in any order."""
        of_rows = fingerprints.of_rows(table.frame, self.reading)
        if of_rows is None:
            return None
        codes, names = self.groups_of(table)
        return np.array([of_rows[places].sum(dtype=np.uint64) for places in self.places(codes, len(names))], np.uint64)

    # -- tables that come later -----------------------------------------------------------------------------------

    def open(self, inputs: Any, *, with_target: bool) -> Table:
        """A table of groups, read as that of the training.

        Raises:
            DataError: If a column is missing; to be judged, if no group has enough rows with a target; to be answered,
                if no row asks for an answer.
        """
        table = require_table(read_new(inputs, self.reading, self.config), "a table with rows and groups")
        for name in (self.group, *(number.name for number in self.numbers), self.target):
            if name not in table.frame:
                raise DataError(f"{table.name} lacks the column {name!r}: add it; {self._expected()}")
        if table.frame[self.group].isna().any():
            raise DataError(f"column {self.group!r} is empty in some rows: say of which group each is")
        is_known = ~np.isnan(numbers_of(table.frame[self.target], self.target))
        if not with_target:
            if is_known.all():
                raise DataError(f"{table.name}: every row has a {self.target!r}, none asks for one; {self._expected()}")
            return table
        sizes = table.frame[self.group][is_known].value_counts()
        enough = table.frame[self.group].isin(sizes[sizes > self.support].index).to_numpy()
        self._leave_out(table, is_known & enough, f"no {self.target}, or no more than {self.support} of its group")
        if not len(table.frame):
            raise DataError(
                f"no group has more than {self.support} rows with a {self.target!r}: so many are adapted to, and "
                "others are needed to judge by"
            )
        return table

    def state(self) -> dict[str, Any]:
        """Columns, scales and how many rows are adapted to."""
        return {
            "group": self.group,
            "target": self.target,
            "numbers": [asdict(number) for number in self.numbers],
            "mean": self.mean,
            "deviation": self.deviation,
            "support": self.support,
            "reading": self.reading.state() if self.reading else None,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave.

        Raises:
            ValueError: If it does not fit.
        """
        self.group, self.target = read(state, "group", str), read(state, "target", str)
        self.numbers = read(state, "numbers", list[Number])
        require(bool(self.numbers), "one number or more that goes in")
        for number in self.numbers:
            number.require_fit()
        self.columns = [number.name for number in self.numbers]
        self.mean, self.deviation = read(state, "mean", float), read(state, "deviation", float)
        require(self.deviation > 0, "a deviation above 0", self.deviation)
        self.support = read(state, "support", int)
        require(self.support > 0, "rows to adapt to", self.support)
        self.reading = TableFormat.from_state(state.get("reading"))

    def _expected(self) -> str:
        return f"rows to adapt to have a number in {self.target!r}, and those to be answered an empty cell"

    def _leave_out(self, table: Table, keep: np.ndarray, why: str) -> None:
        if not keep.all():
            table.guesses.append(Guess("rows left out", f"{(~keep).sum():,}", why, ""))
            keep_rows(table, keep)
