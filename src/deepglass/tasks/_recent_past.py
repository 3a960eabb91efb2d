"""The end of a training series: what a page that forecasts begins with, instead of a past that never was."""

from typing import Any

import numpy as np

from deepglass.data.preprocess.series import Series
from deepglass.data.preprocess.time_axis import as_texts

MOST_STEPS = 2000  # that are kept with a run


def recent_past(series: Series, steps: int, names: list[str], context: int, horizon: int) -> dict[str, Any]:
    """The last steps of the training part in the unit of the data, as many as the model sees where there are so many.

    Args:
        series: With a column per name.
        steps: How many of it are the training part.
        names: Of its columns.
        context: Steps that the model sees.
        horizon: Steps that it forecasts; three times as many are shown before them.

    Returns:
        `times`, and under `values` a list for each name, None where nothing is known.
    """
    begin = steps - min(steps, MOST_STEPS, max(context, 3 * horizon))
    columns = series.values[begin:steps].T
    values = {
        name: [float(value) if np.isfinite(value) else None for value in column]
        for name, column in zip(names, columns, strict=True)
    }
    return {"times": as_texts(series.times[begin:steps]), "values": values}
