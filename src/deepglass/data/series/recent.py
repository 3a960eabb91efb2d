"""The end of a series: what a page that forecasts begins with, instead of a past that never was."""

from typing import Any

import numpy as np
import pandas as pd

from deepglass.data.containers import Table
from deepglass.data.preprocess.series import Series, key_words
from deepglass.data.series.plan import SeriesPlan

MOST_STEPS = 2000  # that are kept with a run


def recent_past(table: Table, series: Series, plan: SeriesPlan) -> dict[str, Any]:
    """The last rows of a series (of many the longest) as they were read, at least as many as the model sees.

    Where columns are known in advance, the last rows stand for the future: their targets are left out.

    Returns:
        `times`, and under `values` a list for each column that a forecast needs, None where a cell is empty.
    """
    columns, frame = plan.columns, table.frame
    if plan.is_long:
        name = series.names[int(series.lengths.argmax())]
        words = [key_words(frame[key]) for key in columns.keys]
        frame = frame[np.all([part == own for part, own in zip(words, name, strict=True)], axis=0)]
    if columns.time is not None:
        frame = frame.sort_values(columns.time, kind="stable")
    future = plan.horizon if columns.known else 0
    frame = frame.tail(min(MOST_STEPS, max(plan.context, 3 * plan.horizon) + future))
    needed = [name for name in columns.needed if name != columns.time]
    values = {name: _cells(frame[name]) for name in needed}
    for name in columns.targets + columns.covariates:
        values[name][len(frame) - future :] = [None] * future
    return {"times": _times(frame, plan), "values": values}


def _times(frame: pd.DataFrame, plan: SeriesPlan) -> list[Any]:
    """As they are written in answers."""
    if plan.columns.time is None:
        return list(range(1, len(frame) + 1))
    times = frame[plan.columns.time].to_numpy()
    return plan.axis.texts(times.astype("datetime64[us]") if times.dtype.kind == "M" else times)


def _cells(column: Any) -> list[Any]:
    """As JSON can hold them."""
    return [None if pd.isna(cell) else cell.item() if isinstance(cell, np.generic) else cell for cell in column]
