"""One number of a table, or one part of a date: filled, scaled and clipped by a curve of straight pieces.

Both scalings are such a curve, and numbers outside the training range end at its ends. "standard" is a single
straight piece, (x - mean) / deviation. "quantile" sends the training quantiles to those of a normal distribution, so
that outliers and skewed columns do no harm; the network bends back what it needs.

References:
    Bolstad et al. (2003), A comparison of normalization methods (quantile normalisation),
    https://doi.org/10.1093/bioinformatics/19.2.185
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.state import require
from deepglass.core.wording import listing, numbered

FARTHEST = 10.0  # deviations at which standard scaling clips
ROWS_PER_KNOT = 10  # a quantile is worth estimating from about so many rows
FEWEST_KNOTS, MOST_KNOTS = 10, 256
MOST_BINS = 32  # the piecewise-linear embedding gains nothing from more on the tables of bench/quality.py
PARTS = ("days", "year", "month", "day", "day_of_week", "hour")  # of a date
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Number:
    """What the training rows have taught about a number.

    fill: The median; stands for empty cells.
    has_missing: Whether a second input says where cells were empty.
    knots, scores: The curve: x-values, increasing, and what each becomes.
    edges: Of bins that the training rows fill about evenly, on the scale of the scores.
    """

    name: str
    part: str | None
    fill: float
    has_missing: bool
    knots: list[float]
    scores: list[float]
    edges: list[float]

    @classmethod
    def fit(cls, column: pd.Series, name: str, scaling: str, part: str | None = None) -> "Number":
        """Learn from the training cells of a column.

        Raises:
            DataError: If one of them is infinite.
        """
        cells = numbers_of(column, name) if part is None else part_of(column, name, part)
        present = np.sort(cells[~np.isnan(cells)])
        fill = float(present[len(present) // 2])
        count = int(np.clip(len(present) // ROWS_PER_KNOT, FEWEST_KNOTS, MOST_KNOTS))
        knots, scores = _normal_curve(present, count) if scaling == "quantile" else _straight_line(present)
        edges = np.unique(np.interp(_spread_values(present, min(count, MOST_BINS) + 1), knots, scores))
        edges = edges if len(edges) > 1 else np.array([edges[0], edges[0] + 1])
        return cls(name, part, fill, len(present) < len(cells), knots.tolist(), scores.tolist(), edges.tolist())

    def require_fit(self) -> None:
        """Check a number that was read back.

        Raises:
            ValueError: If its curve is none, or it is a part of a date that there is not.
        """
        require(self.part is None or self.part in PARTS, f"one of {', '.join(PARTS)}", self.part)
        require(0 < len(self.knots) == len(self.scores), f"as many scores as knots of {self.name!r}")
        require(len(self.edges) > 1, f"edges of the bins of {self.name!r}")
        for values in (self.knots, self.scores, self.edges):
            require(all(a <= b for a, b in pairwise(values)), f"increasing values of {self.name!r}")

    @property
    def width(self) -> int:
        """How many inputs of the network it fills."""
        return 1 + self.has_missing

    @property
    def bin_edges(self) -> list[tuple[float, ...]]:
        """Of each of its inputs."""
        return [tuple(self.edges)] + [(0.0, 1.0)] * self.has_missing

    @property
    def curves(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each of its inputs: what the network sees, increasing, and what it stands for."""
        of_a_flag = np.array([0.0, 1.0])
        return [(np.array(self.scores), np.array(self.knots))] + [(of_a_flag, of_a_flag)] * self.has_missing

    def transform(self, column: pd.Series, out: np.ndarray) -> None:
        """Write the scaled cells, and where they were empty, to `out` (N, width)."""
        cells = numbers_of(column, self.name) if self.part is None else part_of(column, self.name, self.part)
        is_missing = np.isnan(cells)
        cells = np.where(is_missing, self.fill, cells)
        out[:, 0] = np.interp(cells, self.knots, self.scores)
        if self.has_missing:
            out[:, 1] = is_missing


def _straight_line(present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(x - mean) / deviation, clipped."""
    mean, deviation = present.mean(), present.std() or 1.0
    scores = np.array([-FARTHEST, FARTHEST])
    return mean + deviation * scores, scores


def _normal_curve(present: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The value x to the normal score of the share of cells below it and half of those equal to it."""
    knots = _spread_values(present, count)
    below, up_to = np.searchsorted(present, knots, "left"), np.searchsorted(present, knots, "right")
    shares = (below + up_to) / (2 * len(present))
    return knots, np.array([NormalDist().inv_cdf(share) for share in shares])


def _spread_values(ordered: np.ndarray, count: int) -> np.ndarray:
    """At most `count` values of a sorted array, the smallest and the largest included: quantiles, if all differ.

    A value counts by the root of how often it occurs, so that a column of nearly all zeros keeps some for the rest.
    """
    values, counts = np.unique(ordered, return_counts=True)
    weight = np.cumsum(np.sqrt(counts))
    places = np.searchsorted(weight, np.linspace(weight[0], weight[-1], count))
    return values[np.unique(np.minimum(places, len(values) - 1))]


def numbers_of(column: pd.Series, name: str) -> np.ndarray:
    """The cells of a column as floats, NaN where they are empty.

    Raises:
        DataError: If a cell is not a number, or infinite; names column and rows.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        raise DataError(f"column {name!r} holds dates: expected numbers, as in the training data")
    values = pd.to_numeric(column.astype(object) if column.dtype == "category" else column, errors="coerce")
    cells = values.to_numpy(dtype=np.float64, na_value=np.nan)
    _require_cells(column, np.isnan(cells) & column.notna().to_numpy(), name, "a number")
    _require_cells(column, np.isinf(cells), name, "a finite number")
    return cells


def _require_cells(column: pd.Series, is_wrong: np.ndarray, name: str, expected: str) -> None:
    rows = np.flatnonzero(is_wrong)
    if len(rows):
        found = listing(map(repr, dict.fromkeys(str(cell) for cell in column.iloc[rows[:100]])))
        raise DataError(
            f"column {name!r}: expected {expected}, got {found} in {numbered('row', (rows + 1).tolist())}; correct "
            "these cells or leave them empty"
        )


# -- dates ----------------------------------------------------------------------------------------------------------


def part_of(column: pd.Series, name: str, part: str) -> np.ndarray:
    """A part of the dates of a column, as floats; "days" counts from 1970.

    Raises:
        DataError: If a cell is not a date; names column and rows.
    """
    times = _times_of(column, name)
    if part == "days":
        values = (times.to_numpy() - np.datetime64("1970-01-01")) / DAY
        return np.where(times.isna(), np.nan, values)
    return getattr(times.dt, part).to_numpy(dtype=np.float64, na_value=np.nan)


def parts_that_vary(column: pd.Series) -> list[str]:
    """The parts worth an input: an hour that is always midnight is none."""
    return [part for part in PARTS if pd.Series(part_of(column, str(column.name), part)).nunique() > 1]


def _times_of(column: pd.Series, name: str) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    times = pd.to_datetime(column.astype("str"), errors="coerce", format="ISO8601")
    _require_cells(column, (times.isna() & column.notna()).to_numpy(), name, "a date such as 2020-01-31")
    return times
