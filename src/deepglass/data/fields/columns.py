"""Columns of a table as inputs: numbers filled and scaled, dates in parts, categories as codes.

rows ── fill, scale, encode ── numbers (B, F) float32, codes (B, n) int64
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.data import fingerprints, statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table, require_table
from deepglass.data.examples import Examples, InMemory
from deepglass.data.fields import AnswerField, InputField, Part
from deepglass.data.preprocess.category import UNKNOWN
from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.data.reading.asked import listed
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.series import TimeLayout, layout_of
from deepglass.data.reading.table import require_column
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits, split_rows_by_time

NO_ORDER = "the rows do not follow each other in it"


@dataclass(frozen=True)
class Options:
    """Settings of columns as inputs."""

    scaling: Literal["quantile", "standard"] = "quantile"  # of numbers; quantile shrugs off outliers and skew
    keep: str | None = None  # columns to use although they look like ids or running text, separated by commas


class Field(InputField):
    """Rows of a table; every column but those of the answer and the group."""

    name = "columns"
    SETTINGS = Options
    sizes_of_answer = ("num_outputs",)
    options: Options
    preprocessor: TabularPreprocessor

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Any table."""
        return isinstance(data, Table)

    # -- learning from the training data ------------------------------------------------------------------------

    def as_source(self, data: Data) -> Table:
        """The table."""
        return table_of(data)

    def keep_usable(self, data: Table, answer: AnswerField) -> list[Guess]:
        """All rows; the columns that the options name must be there.

        Raises:
            OptionError: If the group, or a column to keep, is absent; suggests the nearest name.
        """
        if (group := self.data_config.group_column) is not None:
            require_column(data.frame, group, "--group-column")
        for name in listed(self.options.keep):
            require_column(self._features(data, answer), name, "--keep")
        return []

    def count(self, data: Table) -> int:
        return len(data.frame)

    def groups(self, data: Table) -> np.ndarray | None:
        """By the column of `--group-column`."""
        return groups_of(data, self.data_config)

    def strata(self, data: Table, answer: AnswerField) -> np.ndarray | None:
        """Numbered in the order in which they occur: the drawing depends on it."""
        strata = answer.strata(data)
        return strata if strata is None or strata.ndim > 1 else pd.factorize(strata)[0]

    def split(self, data: Table, answer: AnswerField) -> tuple[Splits, list[Guess]]:
        """In the order of time, where rows follow each other in it."""
        if (layout := self.order_in_time(data, answer)) is None:
            return super().split(data, answer)
        of = f" of one {' and '.join(layout.keys)}" if layout.keys else ""
        why = f"rows{of} follow each other in {layout.time}: a random test would lie between them"
        times = pd.factorize(data.frame[layout.time], sort=True)[0]
        fractions = {"val_fraction": self.data_config.val_fraction, "test_fraction": self.data_config.test_fraction}
        splits = split_rows_by_time(times, declared=data.splits, **fractions)
        return splits, [Guess("split", "the latest rows test", why, "--time-column none")]

    def may_bag(self, data: Table, answer: AnswerField) -> bool:
        """Unless they follow each other in time: rows left out would lie between the others."""
        return self.order_in_time(data, answer) is None

    def fit(self, data: Table, splits: Splits, answer: AnswerField) -> list[Guess]:
        """Means, quantiles and categories of the training rows, or those of the run whose weights are taken over."""
        guesses: list[Guess] = []
        features = self._features(data, answer).iloc[splits["train"]]
        self.preprocessor = self._fitted(features, guesses)
        target = answer.columns[0] if len(answer.columns) == 1 else None
        self.reading = data.format.used_by(self.preprocessor.columns, target) if data.format else None
        self.statistics = statistics.of_table(features, self.preprocessor)
        return guesses

    def examples(self, data: Table, parts: Mapping[str, Part], answer: AnswerField) -> dict[str, Examples]:
        """Numbers and codes, held in memory."""
        tensors = [torch.from_numpy(part) for part in self.preprocessor.transform(data.frame)]
        return {
            name: InMemory(*(t[torch.from_numpy(p.rows)] for t in tensors), *p.targets) for name, p in parts.items()
        }

    # -- what a network must know -------------------------------------------------------------------------------

    @property
    def dims(self) -> dict[str, Any]:
        """Numbers, codes of each category, and the quantiles by which numbers may be binned."""
        return {
            "num_features": self.preprocessor.num_features,
            "cardinalities": self.preprocessor.cardinalities,
            "bin_edges": self.preprocessor.bin_edges,
        }

    def extremes(self) -> tuple[Tensor, ...]:
        """Two rows."""
        largest = torch.tensor(self.preprocessor.cardinalities, dtype=torch.int64) - 1  # (n,)
        return torch.zeros(2, self.preprocessor.num_features), torch.stack([torch.zeros_like(largest), largest])

    # -- data that come later -----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """The fitted preprocessing, how the table was read, and what the training rows looked like."""
        return {
            "preprocessing": self.preprocessor.state(),
            "statistics": self.statistics,
            "reading": self.reading.state() if self.reading else None,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.preprocessor = TabularPreprocessor.from_state(read(state, "preprocessing", Any))
        self.statistics = statistics.read_back(state)
        self.reading = TableFormat.from_state(state.get("reading"))

    def open(self, inputs: Any, *, with_target: bool) -> Table:
        """Rows from a file, a frame, an array, one record or a list of records, read as the training table was."""
        return table_of(read_new(inputs, self.reading, self.data_config, with_target=with_target))

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Table, np.ndarray, dict[str, Any]]:
        """Columns may come in any order and others beside them; new categories count as unknown."""
        table = self.open(inputs, with_target=with_target)
        table.guesses += self.preprocessor.unknown(table.frame)
        rows = np.arange(len(table.frame))
        return table, rows, {"row": (rows + 1).tolist()}

    def fingerprints(self, data: Table) -> np.ndarray | None:
        """Of every row, all of its columns together."""
        return fingerprints.of_rows(data.frame, self.reading)

    def unknown_words(self, examples: Examples) -> dict[str, list[int]]:
        """They have a code of their own, which training learns from words that occur once."""
        codes = examples.batch(torch.arange(len(examples)))[1]  # (N, categories)
        found = {}
        for place, category in enumerate(self.preprocessor.categories):
            rows = (torch.nonzero(codes[:, place] == UNKNOWN)[:, 0] + 1).tolist()
            found |= {category.name: rows} if rows else {}
        return found

    def unused_options(self, asked: Mapping[str, Any], data: Data, answer: AnswerField) -> Iterator[Unused]:
        """How columns are prepared, where that comes with the weights; the order in time, where there is none."""
        if "preprocessing" in self.beginning.state:
            for name in {"scaling", "keep"} & asked.keys():
                yield Unused(name, "the columns are prepared as for the weights of --pretrained")
        if self.data_config.time_column != "none" and self.order_in_time(table_of(data), answer) is None:
            for name in {"time_column", "series_column"} & asked.keys():
                why = "groups, or the data themselves, decide on the split" if self._is_divided(data) else NO_ORDER
                yield Unused(name, why)

    def shown(self, data: Table, row: int, answer: AnswerField) -> dict[str, Any]:
        """The cells, and which of them are unusual beside training."""
        cells = data.frame.iloc[row].drop(list(answer.columns))
        record = {str(name): None if pd.isna(cell) else _plain(cell) for name, cell in cells.items()}
        truths = {category.name for category in self.preprocessor.categories if category.is_boolean}
        found = {
            name: statistics.unusual(record[name], known, name in truths)
            for name, known in self.statistics.items()
            if name in record
        }
        return {"id": row, "record": record, "unusual": {name: words for name, words in found.items() if words}}

    # -- helpers ------------------------------------------------------------------------------------------------

    def order_in_time(self, table: Table, answer: AnswerField) -> TimeLayout | None:
        """How rows follow each other in time, where they do and neither groups nor the data decide on the split."""
        if self._is_divided(table):
            return None
        layout = layout_of(table, self.data_config)
        return layout if layout is not None and layout.time not in (None, *answer.columns) else None

    def _is_divided(self, data: Data) -> bool:
        return self.data_config.group_column is not None or "test" in data.splits

    def _features(self, table: Table, answer: AnswerField) -> pd.DataFrame:
        """All columns but those of the answer and the group."""
        group = self.data_config.group_column
        return table.frame.drop(columns=[*answer.columns, *([group] if group is not None else [])])

    def _fitted(self, features: pd.DataFrame, guesses: list[Guess]) -> TabularPreprocessor:
        if "preprocessing" in self.beginning.state:
            return TabularPreprocessor.from_state(self.beginning.state["preprocessing"])
        options = (self.options.keep, self.data_config.numbers, self.data_config.categories)
        kept = tuple(name for names in options for name in listed(names))  # whatever they look like
        return TabularPreprocessor.fit(features, scaling=self.options.scaling, keep=kept, guesses=guesses)


def table_of(data: Data) -> Table:
    """The table that columns need.

    Raises:
        DataError: If the data are something else.
    """
    return require_table(data, "a table with rows and columns")


def groups_of(table: Table, config: DataConfig) -> np.ndarray | None:
    """(N,) the group of each row, by the column of `--group-column`; None where none is named.

    Raises:
        OptionError: If the table has no such column.
    """
    if config.group_column is None:
        return None
    return pd.factorize(table.frame[require_column(table.frame, config.group_column, "--group-column")])[0]


def _plain(cell: Any) -> Any:
    """A cell as JSON can hold it."""
    return cell.item() if isinstance(cell, np.generic) else cell if isinstance(cell, int | float) else str(cell)
