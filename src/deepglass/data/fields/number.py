"""Number: one value per example, from a column of numbers, or from the names of the folders of pictures.

The network learns it standardised by the mean and deviation of the training examples; everything that a user sees is
in the unit of the data.
"""

from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import numbered
from deepglass.data.containers import Images
from deepglass.data.fields import Source
from deepglass.data.fields._column import ColumnAnswer
from deepglass.data.preprocess.number import numbers_of
from deepglass.data.reading.table import require_column

NAME = "number"  # of the answers of pictures whose folders are named by them


class Field(ColumnAnswer):
    """Standardised values, float32.

    Attributes:
        mean, deviation: Of the training examples.
    """

    name = "number"
    is_classification = False
    mean: float
    deviation: float

    def take_of_pictures(self, images: Images) -> list[Guess]:
        """A column of the table of their paths, or the names of their classes.

        Raises:
            DataError: If these are not numbers, or all the same.
        """
        self.target = (images.columns or {}).get("target", "") if images.frame is not None else ""
        values = self._values(images)
        if np.isnan(values).all() or np.nanmin(values) == np.nanmax(values):
            raise DataError(f"{images.name}: every picture has the same number: there is nothing to learn")
        return []

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """Mean and deviation of the training examples."""
        known = self._values(data)[rows]
        self.mean, self.deviation = float(known.mean()), float(known.std()) or 1.0

    def encode(self, data: Source) -> np.ndarray:
        """(N,) standardised.

        Raises:
            DataError: If one is missing or is not a number; names rows.
        """
        numbers = self._values(data)
        if len(empty := np.flatnonzero(np.isnan(numbers))):
            rows = numbered("row", (empty + 1).tolist())
            name = self.target or NAME
            raise DataError(f"target {name!r} is empty in {rows}: expected a number in every row; remove them")
        return self.standardized(numbers).astype(np.float32)

    def blank(self, count: int) -> np.ndarray:
        """NaN."""
        return np.full(count, np.nan, np.float32)

    @property
    def size(self) -> int:
        """One value."""
        return 1

    def standardized(self, values: np.ndarray) -> np.ndarray:
        """Values as the network learns them."""
        return (values - self.mean) / self.deviation

    def in_unit(self, standardized: np.ndarray) -> np.ndarray:
        """What a network says, in the unit of the data."""
        return standardized.astype(np.float64) * self.deviation + self.mean

    def state(self) -> dict[str, Any]:
        """Also the scale."""
        return super().state() | {"mean": self.mean, "deviation": self.deviation}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.mean, self.deviation = read(state, "mean", float), read(state, "deviation", float)
        require(self.deviation > 0, "a deviation above 0", self.deviation)

    def _values(self, data: Source) -> np.ndarray:
        """(N,) in the unit of the data, NaN where there is none."""
        if not isinstance(data, Images):
            return numbers_of(self.cells(data), self.target)
        if self.target and data.frame is not None:
            return numbers_of(data.frame[require_column(data.frame, self.target, "--target")], self.target)
        if data.labels is None:
            expected = "expected a table of paths and numbers, or a folder per number"
            raise DataError(f"{data.name} has pictures without numbers: {expected}")
        return numbers_of(pd.Series(data.classes, dtype=object)[data.labels], NAME)  # type: ignore[arg-type]
