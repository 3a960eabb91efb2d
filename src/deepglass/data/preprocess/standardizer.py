"""Columns of a series on one scale: z = (x − mean) / std, as the training part has them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.state import read, require


@dataclass(frozen=True)
class Standardizer:
    """z = (x − mean) / std, with the numbers of the training part.

    Shape:
        - mean, std: (columns,)
    """

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def fit(cls, values: np.ndarray) -> "Standardizer":
        """Means and deviations of the known values (T, columns); a constant column keeps its scale."""
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, values, 0.0).sum(axis=0) / count
        std = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count)
        return cls(mean, np.where(std > 1e-12 * np.abs(mean), std, 1.0))

    def forward(self, values: np.ndarray) -> np.ndarray:
        return (values - self.mean) / self.std

    def backward(self, values: np.ndarray) -> np.ndarray:
        """Back to the unit of the data; takes the first columns alone where there are fewer."""
        columns = values.shape[-1]
        return values * self.std[:columns] + self.mean[:columns]

    def state(self) -> dict[str, Any]:
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Standardizer":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        mean, std = read(state, "mean", list[float]), read(state, "std", list[float])
        require(len(mean) == len(std) and all(value > 0 for value in std), "a deviation above 0 for every mean")
        return cls(np.array(mean, np.float64), np.array(std, np.float64))
