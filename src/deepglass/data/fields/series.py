"""Series as inputs: each example is a whole one, of one or several channels, with any answer beside it.

    rows of all times ── in order, at equal steps ── gaps filled ── standardised ── values (B, length, S) float32

The last `length` steps count; a shorter series begins with zeros, which is the mean of training. How a series goes on
is asked in forecasting, whose examples are windows into series and whose answer lies in them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require, require_between
from deepglass.core.wording import counted, listing
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table, require_table
from deepglass.data.examples import Examples, InMemory
from deepglass.data.fields import AnswerField, InputField, Part
from deepglass.data.preprocess.series import filled
from deepglass.data.preprocess.standardizer import Standardizer
from deepglass.data.preprocess.time_axis import TimeAxis
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.series import TimeLayout
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.series.whole import SeriesTable, series_layout, whole_series
from deepglass.data.splits import Splits

LONGEST = 1_024  # steps of a series that are kept where nobody asks for more
MOST_LENGTH = 1 << 20


@dataclass(frozen=True)
class Options:
    """Settings of series as inputs."""

    length: int | None = None  # last steps that are seen; those of the longest training series, at most 1,024


class Field(InputField):
    """Many series of one table, and what changes in them."""

    name = "series"
    SETTINGS = Options
    sizes_of_answer = ("num_outputs",)
    options: Options
    axis: TimeAxis
    keys: tuple[str, ...]
    channels: list[str]
    standardizer: Standardizer
    length: int

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """A table with a time, in which columns tell several series apart."""
        return isinstance(data, SeriesTable) or series_layout(data, config) is not None

    # -- learning from the training data ------------------------------------------------------------------------

    def as_source(self, data: Data) -> SeriesTable:
        """One row per series.

        Raises:
            DataError: If the data are no table of several series.
        """
        if isinstance(data, SeriesTable):
            return data
        table = require_table(data, "a table with a row per time and series")
        layout = series_layout(table, self.data_config)
        if layout is None:
            raise DataError(
                f"{table.name} does not hold several series: expected a column of times, and one that names the series "
                "(--time-column, --series-column)"
            )
        return whole_series(table, layout, self.data_config)

    def count(self, data: SeriesTable) -> int:
        return len(data.frame)

    def fit(self, data: SeriesTable, splits: Splits, answer: AnswerField) -> list[Guess]:
        """Scales of the channels, and how long a series is, both of the training series alone."""
        assert data.series is not None
        self.axis, self.keys = data.series.axis, data.keys
        self.channels = [name for name in data.channels if name not in answer.columns]
        places = data.places[splits["train"]]
        values = self._values(data)[np.isin(data.series.series_of_row, places)]
        self.standardizer = Standardizer.fit(values)
        usual = min(int(data.series.lengths[places].max()), LONGEST)
        self.length = self.options.length or usual
        self.statistics = {
            name: statistics.of_numbers(column) for name, column in zip(self.channels, values.T, strict=True)
        }
        needed = [str(self.axis.column), *self.keys, *self.channels]
        target = answer.columns[0] if len(answer.columns) == 1 else None
        self.reading = data.format.used_by(needed, target) if data.format else None
        why = f"the longest of {counted(len(places), 'training series').replace('serieses', 'series')}"
        return [] if self.options.length else [Guess("length", f"{self.length:,} steps", why, "--length")]

    def examples(self, data: SeriesTable, parts: Mapping[str, Part], answer: AnswerField) -> dict[str, Examples]:
        """Their last steps, held in memory."""
        assert data.series is not None
        starts = data.series.starts
        scaled = self.standardizer.forward(self._values(data))
        scaled = filled(scaled, np.zeros(scaled.shape[1]), starts).astype(np.float32)
        whole = np.zeros((len(data.frame), self.length, scaled.shape[1]), np.float32)
        for row, place in enumerate(data.places):
            own = scaled[starts[place] : starts[place + 1]][-self.length :]
            whole[row, self.length - len(own) :] = own
        values = torch.from_numpy(whole)  # (N, length, S)
        return {name: InMemory(values[torch.from_numpy(part.rows)], *part.targets) for name, part in parts.items()}

    # -- what a network must know -------------------------------------------------------------------------------

    @property
    def dims(self) -> dict[str, Any]:
        """Steps and channels."""
        return {"length": self.length, "in_channels": len(self.channels)}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two series of one step."""
        return (torch.zeros(2, 1, len(self.channels)),)

    # -- data that come later -----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Calendar, columns and scales."""
        return {
            "axis": self.axis.state(),
            "keys": list(self.keys),
            "channels": self.channels,
            "standardizer": self.standardizer.state(),
            "length": self.length,
            "statistics": self.statistics,
            "reading": self.reading.state() if self.reading else None,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.axis = TimeAxis.from_state(read(state, "axis", Any))
        self.keys, self.channels = read(state, "keys", tuple[str, ...]), read(state, "channels", list[str])
        self.standardizer = Standardizer.from_state(read(state, "standardizer", Any))
        self.length = read(state, "length", int)
        require_between(self.length, 1, MOST_LENGTH, "length")
        require(bool(self.keys) and len(self.channels) == len(self.standardizer.mean), "a scale of every channel")
        self.statistics = statistics.read_back(state)
        self.reading = TableFormat.from_state(state.get("reading"))

    def open(self, inputs: Any, *, with_target: bool) -> SeriesTable:
        """A table of series, read as that of the training; a series may be new, longer or shorter.

        Raises:
            DataError: If a column is missing, or the calendar differs.
        """
        read_again = read_new(inputs, self.reading, self.data_config, with_target=with_target)
        table = require_table(read_again, "a table with a row per time and series")
        self._require_columns(table)
        layout = TimeLayout(self.axis.column, self.keys)
        return whole_series(table, layout, self.data_config, self.channels, self.axis)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[SeriesTable, np.ndarray, dict[str, Any]]:
        """One example for each series, named by its keys."""
        source = inputs if isinstance(inputs, SeriesTable) else self.open(inputs, with_target=with_target)
        names = {key: source.frame[key].tolist() for key in self.keys}
        return source, np.arange(len(source.frame)), names

    def unused_options(self, asked: Mapping[str, Any], data: Data, answer: AnswerField) -> Iterator[Unused]:
        """A group: every series stands for itself."""
        if "group_column" in asked:
            yield Unused("group_column", "every series stands for itself", "leave it out, or name it --series-column")

    def shown(self, data: SeriesTable, row: int, answer: AnswerField) -> dict[str, Any]:
        """Keys, and the course of the first channel."""
        assert data.series is not None
        place = data.places[row]
        own = slice(data.series.starts[place], data.series.starts[place + 1])
        course = self._values(data)[own][-self.length :, 0]
        past = [None if np.isnan(value) else float(value) for value in course]
        return {"id": row, "text": " ".join(data.series.names[place]), "series": {"past": past}}

    # -- helpers ------------------------------------------------------------------------------------------------

    def _values(self, data: SeriesTable) -> np.ndarray:
        """(T, S) the channels of the training, in their order."""
        assert data.series is not None
        return data.series.values[:, [data.channels.index(name) for name in self.channels]]

    def _require_columns(self, table: Table) -> None:
        needed = [str(self.axis.column), *self.keys, *self.channels]
        if absent := [name for name in needed if name not in table.frame]:
            raise DataError(
                f"{table.name} lacks {listing(absent)}: expected {listing(needed, 20)}; add what is missing"
            )
