"""The time of a table of series: first and last moment, step, gaps, how many series there are."""

import numpy as np

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.findings import Findings
from deepglass.data.preprocess.series import series_of
from deepglass.data.reading.columns import Column
from deepglass.data.reading.series import layout_of

IS_FOR_CHECK_ALONE = True


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Add what was found, or warn that the rows do not make series."""
    layout = layout_of(data, config) if isinstance(data, Table) else None
    if layout is None or layout.time is None:
        return
    findings.guesses += [str(guess) for guess in layout.guesses]
    times = data.frame[layout.time]
    numbers = data.frame.select_dtypes("number").drop(columns=[layout.time, *layout.keys], errors="ignore")
    try:
        even = series_of(data, layout.time, numbers.astype(np.float64), layout.keys, zone=config.time_zone)
    except DataError as error:
        findings.warnings.append(str(error))
        return
    first, last = even.axis.texts(np.array([even.times.min(), even.times.max()]))
    findings.series = {"time_column": layout.time, "first": str(first), "last": str(last), "step": str(even.axis)}
    findings.series["in_order"] = not any(guess.what == "order" for guess in even.guesses)
    if layout.keys:
        findings.series |= {"series": len(even.names), "named_by": ", ".join(layout.keys)}
        findings.series["rows_of_a_series"] = f"{even.lengths.min():,} to {even.lengths.max():,}"
    findings.series["absent_steps"] = max(0, len(even) - len(times.dropna()))
    findings.left_out += [str(guess) for guess in even.guesses if guess.what != "calendar"]
