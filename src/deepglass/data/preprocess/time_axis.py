"""The time axis of a series: how long a step is, and which times come next.

Months are counted by the calendar (on a fixed day, or always the last), everything shorter by the clock; a table
without any time is numbered row by row. That the rows stand in order and at equal steps is seen to by
`deepglass.data.reading.series`.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.data.reading.series import step_of, words_of

MONTH_SECONDS = 365.25 * 86400 / 12

Times = pd.DatetimeIndex | pd.Index  # dates, or numbers where the data count steps


@dataclass(frozen=True)
class TimeAxis:
    """A column of times and the step between them.

    Args:
        column: None where rows are merely numbered.
        unit: "seconds"; "months" on a fixed day; "month ends"; or "number" for an axis of plain numbers.
        size: How many of the unit make a step.
    """

    column: str | None
    unit: str
    size: float

    @classmethod
    def of(cls, times: Times, column: str | None) -> "TimeAxis":
        """Read the step off sorted times.

        Raises:
            DataError: If there are fewer than three.
        """
        if len(times) < 3:
            raise DataError(f"expected at least 3 times to see a step between them, got {len(times)}: add rows")
        if not isinstance(times, pd.DatetimeIndex):
            return cls(column, "number", float(np.median(np.diff(times.to_numpy(np.float64)))))
        months = np.diff(times.year * 12 + times.month)
        if times.is_month_end.all() and months.min() > 0:
            return cls(column, "month ends", float(np.median(months)))
        step = step_of(times.to_series())
        if isinstance(step, pd.DateOffset):
            return cls(column, "months", float(step.months))  # type: ignore[attr-defined]
        step = step if step is not None else pd.Timedelta(np.median(np.diff(times.to_numpy())))
        return cls(column, "seconds", step.total_seconds())

    @property
    def seconds(self) -> float | None:
        """Length of a step, on average where the calendar varies; None for an axis of numbers."""
        if self.unit == "number":
            return None
        return self.size if self.unit == "seconds" else self.size * MONTH_SECONDS

    @property
    def name(self) -> str:
        """What the times of a forecast are called."""
        return self.column or "step"

    def after(self, last: Any, count: int) -> Times:
        """The `count` times that follow `last`."""
        steps = np.arange(1, count + 1)
        if self.unit == "number":
            return _tidy(last + self.size * steps)
        if self.unit == "seconds":
            return pd.DatetimeIndex(pd.Timestamp(last) + pd.to_timedelta(self.size * steps, unit="s"))
        dates = [pd.Timestamp(last) + pd.DateOffset(months=int(self.size * step)) for step in steps]
        if self.unit == "month ends":
            dates = [date + pd.offsets.MonthEnd(0) for date in dates]
        return pd.DatetimeIndex(dates)

    def __str__(self) -> str:
        """The step in words: `1 hour`, `1 month`."""
        if self.unit == "number":
            return f"{self.size:g}"
        if self.unit == "seconds":
            return words_of(pd.Timedelta(seconds=self.size))  # type: ignore[arg-type]
        return words_of(pd.DateOffset(months=int(self.size)))

    def state(self) -> dict[str, Any]:
        """As JSON can hold it: the arguments of the class."""
        return asdict(self)


def as_texts(times: Times) -> list[str | float]:
    """Times as people write them: without a clock where every one is midnight."""
    if not isinstance(times, pd.DatetimeIndex):
        return times.tolist()
    is_daily = bool((times.normalize() == times).all())
    return times.strftime("%Y-%m-%d" if is_daily else "%Y-%m-%d %H:%M:%S").tolist()


def _tidy(numbers: np.ndarray) -> pd.Index:
    """Whole numbers as such."""
    rounded = np.round(numbers)
    return pd.Index(rounded.astype(np.int64) if np.allclose(numbers, rounded) else numbers)
