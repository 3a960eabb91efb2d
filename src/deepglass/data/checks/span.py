"""How many directions the columns of numbers span, and which of them are made up of others: total = price + postage.

Such a column adds no direction to the space of the inputs. A linear model then has many weights that answer alike, and
none of them says what a column is worth. Each column is compared with those before it: what is left of it when its
projection on them is taken away is its own direction, or nothing (Gram-Schmidt, as in
`glass/foundations/vector_spaces.py`).
"""

import numpy as np
import pandas as pd

from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.findings import Findings
from deepglass.data.reading.columns import Column

MOST_ROWS, MOST_COLUMNS = 20_000, 300  # that are looked at
ROWS_PER_COLUMN = 3  # at least: few rows are explained by any columns
TOLERANCE = 1e-6  # of a column's length: what cells rounded to six digits leave over
MOST_TOLD = 3  # sentences


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Add the number of columns of numbers and of their directions, and the columns that add none."""
    if not isinstance(data, Table):
        return
    names = [column.name for column in columns if column.kind == "number" and column.name != findings.target]
    cells = _complete_rows(data.frame, names)
    if not 2 <= len(names) <= MOST_COLUMNS or len(cells) < ROWS_PER_COLUMN * len(names):
        return
    made_up = dependent(cells)
    constant = int((np.ptp(cells, axis=0) == 0).sum())
    findings.span = {"columns of numbers": len(names), "directions": len(names) - len(made_up) - constant}
    told = [f"{names[i]!r} is made up of {listing([repr(names[j]) for j in of])}" for i, of in made_up.items()]
    if told:
        more = f", and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
        findings.warnings.append(
            f"columns that add no direction: {'; '.join(told[:MOST_TOLD])}{more}: the weights of a linear model and "
            "the importance of such columns are shared out by chance; leave one out with --ignore"
        )


def dependent(cells: np.ndarray) -> dict[int, list[int]]:
    """Columns that are sums of multiples of earlier columns and a constant, with those that they are made up of.

    Args:
        cells: Shape (rows, columns), none missing. Columns of one value are left out.
    """
    centred = cells - cells.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    basis, kept, found = np.zeros((0, len(cells))), [], {}
    for i in np.flatnonzero(lengths > TOLERANCE * np.abs(cells).max(axis=0)):
        v = centred[:, i] / lengths[i]
        rest = v - (basis @ v) @ basis
        rest = rest - (basis @ rest) @ basis  # the first time leaves rounding behind
        if (size := np.linalg.norm(rest)) > TOLERANCE:
            basis, kept = np.vstack([basis, rest / size]), [*kept, int(i)]
        else:
            shares = np.linalg.lstsq(centred[:, kept] / lengths[kept], v, rcond=None)[0]
            found[int(i)] = [j for j, share in zip(kept, shares, strict=True) if abs(share) > np.sqrt(TOLERANCE)]
    return found


def _complete_rows(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """(rows, columns) of the rows without an empty cell, spread over the table."""
    cells = frame[names].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    cells = cells[np.isfinite(cells).all(axis=1)]
    return cells[:: max(1, -(-len(cells) // MOST_ROWS))]
