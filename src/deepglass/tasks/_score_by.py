"""The group of each test row, by the column of `--score-by`."""

import numpy as np

from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.table import column_to_score_by
from deepglass.evaluate import groups


def groups_of(table: Table, config: DataConfig, test: np.ndarray) -> np.ndarray | None:
    """(n,) in words; None where no column is named.

    Raises:
        OptionError: If the table has no such column.
    """
    values = column_to_score_by(table, config)
    return None if values is None else groups.names_of(values.iloc[test])
