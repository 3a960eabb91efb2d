"""Pasts of one or many series, and what follows them: windows at every step, in the order of time.

rows of all times ── columns, calendar, season, scales (`data/series/plan.py`) ── windows: context steps → horizon steps
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from torch import Tensor

from deepglass.core.console import console
from deepglass.core.errors import DataError
from deepglass.core.state import read
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.fields._sequence import SequenceField, Windowed
from deepglass.data.preprocess.series import Series
from deepglass.data.preprocess.windows import Windows
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.series import layout_of
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.series import origins as begins
from deepglass.data.series.choice import make_plan
from deepglass.data.series.plan import SeriesPlan, last_known
from deepglass.data.series.recent import recent_past
from deepglass.data.splits import Splits


@dataclass(frozen=True)
class Options:
    """Settings of pasts and futures."""

    horizon: int | None = None  # steps to forecast; a day of hours, two weeks of days, a year of months
    context: int | None = None  # steps of the past that are seen; validation chooses among one to three seasons
    targets: str | None = None  # columns to forecast, separated by commas; all columns of numbers
    covariates: str | None = None  # columns that are only seen, or none; all others where targets are named
    known: str | None = None  # columns that are known in advance, such as price,holiday: their future is given too
    static: str | None = None  # columns that never change within a series, or none; told from the data
    season: int | None = None  # steps after which the series repeats; guessed from the time step and the values
    stride: int = 1  # steps from one training window to the next; 1 uses every window there is
    splits: str | None = None  # lengths of train, val and test: 8640,2880,2880 or 360d,120d,120d; else by the fractions
    lowest: float | Literal["none"] | None = None  # smallest value that can occur, or none; 0 where counts are forecast


class Field(SequenceField):
    """One or many series of a table.

    Attributes:
        plan: How a table becomes windows.
        calibration: Windows into the validation part; known after `fit` alone.
        recent: The end of the series, for a page that forecasts.
    """

    name = "past"
    SETTINGS = Options
    options: Options
    plan: SeriesPlan
    calibration: Windows
    recent: dict[str, Any] | None = None

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """A table of series."""
        return isinstance(data, Table) and layout_of(data, config) is not None

    def as_source(self, data: Data) -> Table:
        """The table; whether it has a usable time is seen where columns are chosen.

        Raises:
            DataError: If the data are something else.
        """
        if not isinstance(data, Table):
            raise DataError(f"{data.name} is no table: forecasting needs a time column and columns of numbers")
        return data

    def fit(self, data: Table, decide: Callable[..., Any] | None = None) -> Windowed:
        """The plan, and the windows of the three parts.

        Args:
            data: The table.
            decide: What only learning tells: (plan, series, parts) → the plan with its length of the past and its use
                of the calendar, and guesses. None leaves both as is usual.
        """
        plan, series, parts, guesses = make_plan(data, self.options, self.data_config)
        self.plan, more = decide(plan, series, parts) if decide else (plan, [])
        self.reading = data.format.used_by(self.plan.columns.needed) if data.format else None
        self.statistics = self._statistics(series.values[parts.part == 0])
        self.recent = recent_past(data, series, self.plan)
        steps, first = self.plan.steps(series)
        windows, rows, left_out = begins.part_windows(self.plan, series, parts, steps, first, self.options.stride)
        self.calibration = begins.calibration_windows(self.plan, series, parts, steps, first)
        return Windowed(windows, guesses + more + left_out, rows)  # type: ignore[arg-type]

    def folds(self, data: Table, number: int) -> list[Splits]:
        """Rolling origin: the later half is cut into `number` blocks, each a test for what lies before it."""
        layout = layout_of(data, self.data_config)
        times = data.frame[layout.time].to_numpy() if layout and layout.time else np.arange(len(data.frame))
        different, place = np.unique(times, return_inverse=True)
        borders = np.linspace(len(different) // 2, len(different), number + 1).astype(int)
        order = np.argsort(place, kind="stable")
        cuts = [np.searchsorted(place[order], border) for border in borders]
        return [{"train": order[:start], "test": order[start:stop]} for start, stop in pairwise(cuts)]

    @property
    def dims(self) -> dict[str, Any]:
        """Steps back and ahead, and how many numbers each step has."""
        return self.plan.dims

    def extremes(self) -> tuple[Tensor, ...]:
        """None: a past has no codes, and its sizes say all."""
        return ()

    def state(self) -> dict[str, Any]:
        """The plan, what training looked like, the end of the series, how the table was read."""
        learnt = {"statistics": self.statistics, "recent": self.recent}
        return self.plan.state() | learnt | {"reading": self.reading.state() if self.reading else None}

    def load_state(self, state: dict[str, Any]) -> None:
        self.statistics, self.recent = statistics.read_back(state), read(state, "recent", dict[str, Any] | None, None)
        self.reading = TableFormat.from_state(state.get("reading"))
        self.plan = SeriesPlan.from_state(state)

    def open(self, inputs: Any) -> Table:
        """A table of the past, read as the training table was.

        Raises:
            DataError: If it does not fit; names file, column and line.
        """
        return self.as_source(read_new(inputs, self.reading, self.data_config))

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Windows, dict[str, Any]]:
        """The recent past → one window for each series that ends with it; with truth → a forecast at every step.

        Raises:
            DataError: If columns are missing, the calendar differs, or the past is too short.
        """
        table = self.open(inputs)
        series = self.plan.series(table)
        steps, first = self.plan.steps(series)
        if with_target:
            windows, rows = begins.rolling_windows(self.plan, series, steps, first, table.name)
            return windows, self._names_rolling(series, rows)
        windows, chosen, warnings = begins.windows_ahead(self.plan, series, steps, first, table.name)
        for warning in warnings:
            console.warn(warning)
        return windows, self._names_ahead(series, chosen, begins.steps_given(self.plan, series, chosen))

    # -- helpers ------------------------------------------------------------------------------------------------

    def _names_ahead(self, series: Series, chosen: np.ndarray, given: np.ndarray) -> dict[str, Any]:
        """What names the forecasts beyond the end: the key of each, and the times of its steps."""
        axis, ends = self.plan.axis, last_known(series, len(self.plan.targets))[chosen]
        times = [
            axis.texts(axis.after(series.times[end - 1], self.plan.horizon))[:count]
            for end, count in zip(ends, given.tolist(), strict=True)
        ]
        return {"series": [series.names[i] for i in chosen], "time": times}

    def _names_rolling(self, series: Series, rows: np.ndarray) -> dict[str, Any]:
        """What names rolling forecasts: the key of each, and when its future begins."""
        names = [series.names[i] for i in series.series_of_row[rows]]
        return {"series": names, "begins": self.plan.axis.texts(series.times[rows])}

    def _statistics(self, training: np.ndarray) -> dict[str, Any]:
        """Of targets, covariates and known columns, from the rows of the training part."""
        columns = self.plan.columns
        names = [*columns.targets, *columns.covariates, *columns.expanded(columns.known)]
        return {name: statistics.of_numbers(values) for name, values in zip(names, training.T, strict=True)}
