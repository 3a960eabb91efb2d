"""Columns of a table as parts: a hidden one takes the value of a typical row of the training.

Typical is the median of a number and the most frequent word of a category, from what the run remembers of its training
rows. Nothing else of the data is needed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core.errors import DataError, OptionError
from deepglass.core.wording import listing
from deepglass.data.examples import InMemory
from deepglass.explain.inputs import Parts as Base
from deepglass.explain.rows import Rows

MOST_EXACT = 12  # columns whose coalitions are all asked
MEDIAN = 5  # of the eleven deciles


@dataclass(frozen=True)
class Parts(Base):
    """The columns of one row; the preprocessor encodes others."""

    preprocessor: Any = None

    kind = "columns"
    base_is = "a typical row: medians and most frequent words"
    WALK_IS = None
    BASES = ("mean", "zeros")
    TAKES_EXAMPLES = True

    @classmethod
    def of(cls, task: Any, inputs: tuple[Tensor, ...], example: dict[str, Any]) -> "Parts":
        """Of a row.

        Raises:
            DataError: If the run remembers nothing of its training rows.
        """
        fitted = task.preprocessor
        typical = typical_row(task)
        base = tuple(torch.from_numpy(part) for part in fitted.transform(pd.DataFrame([typical])))
        owner = tuple(torch.full(x.shape[1:], -1) for x in inputs)
        for place, name in enumerate(fitted.columns):
            for part, own in zip(owner, fitted.inputs[name], strict=True):
                part[own] = place
        cells = [example.get("record", {}).get(name) for name in fitted.columns]
        return cls(inputs, base, owner, fitted.columns, cells, example, None, fitted)

    def named_base(self, name: str, task: Any) -> tuple[tuple[Tensor, ...], str]:
        """A row of means, or of zeros.

        Raises:
            OptionError: If a column has no zero.
        """
        fitted, known = self.preprocessor, task.statistics
        words = [category.name for category in fitted.categories]
        if name == "zeros" and (without := words + sorted(dates_of(task))):
            raise OptionError(f"--base zeros: {listing(map(repr, without))} cannot be zero; use --base mean, or row:N")
        row = {
            column: 0.0 if name == "zeros" else typical_cell(known[column], column in dates_of(task), "mean")
            for column in fitted.columns
        }
        base = tuple(torch.from_numpy(part) for part in fitted.transform(pd.DataFrame([row])))
        return base, "a row of zeros" if name == "zeros" else "a mean row: means and most frequent words"

    @staticmethod
    def typical_rows(task: Any) -> Rows:
        """A typical row alone."""
        typical = typical_row(task)
        tensors = [torch.from_numpy(part) for part in task.preprocessor.transform(pd.DataFrame([typical]))]
        return Rows(InMemory(*tensors, torch.zeros(1)), lambda row: {"record": typical}, "a typical row", [])

    def with_cells(self, changes: list[dict[str, Any]]) -> tuple[Tensor, ...]:
        """Inputs, each (n, …), of the row with other cells.

        Args:
            changes: By column, of each of the n rows.
        """
        record = dict(zip(self.names, self.cells, strict=True))
        frame = pd.DataFrame([record | change for change in changes], columns=self.names)
        encoded = tuple(torch.from_numpy(part) for part in self.preprocessor.transform(frame))
        is_changed = np.array([[name in change for name in self.names] for change in changes])
        kept = torch.from_numpy(np.pad(~is_changed, ((0, 0), (0, 1)), constant_values=True))
        triples = zip(self.inputs, encoded, self.owner, strict=True)
        return tuple(torch.where(kept[:, owner], x, other) for x, other, owner in triples)

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Shapley values of a row; of a whole table what each column is worth."""
        if not is_alone:
            return "importance", "no row is named: what the columns are worth to the whole model"
        if count <= MOST_EXACT:
            return "shapley", f"a row of {count} columns: every coalition can be asked"
        return "kernel-shapley", f"a row of {count} columns: too many for every coalition"


def typical_row(task: Any) -> dict[str, Any]:
    """A cell for each column.

    Raises:
        DataError: If the run remembers nothing of its training rows.
    """
    fitted, known = task.preprocessor, task.statistics
    if absent := [name for name in fitted.columns if name not in known]:
        raise DataError(
            f"the run remembers nothing of column {absent[0]!r} in its training rows, so there is no typical row to "
            "compare with: train it again with this version"
        )
    dates = dates_of(task)
    return {name: typical_cell(known[name], name in dates) for name in fitted.columns}


def dates_of(task: Any) -> set[str]:
    """Columns of dates."""
    return {number.name for number in task.preprocessor.numbers if number.part is not None}


def typical_cell(known: dict[str, Any], is_date: bool = False, of: str = "median") -> Any:
    """The most frequent word, or the median or mean of numbers; None where the column was mostly empty."""
    if shares := known.get("shares"):
        return max(shares, key=shares.__getitem__) or None
    if "quantiles" not in known:
        return None
    middle = known["mean"] if of == "mean" else known["quantiles"][MEDIAN]
    return pd.Timestamp("1970-01-01") + pd.Timedelta(days=middle) if is_date else middle


def candidates(task: Any, record: dict[str, Any]) -> tuple[dict[str, list[Any]], set[str]]:
    """By column the values seen in training that differ from those of a row; and the columns of whole numbers."""
    dates = dates_of(task)
    choices: dict[str, list[Any]] = {}
    is_whole = set()
    for name, cell in record.items():
        known = task.statistics.get(name, {})
        if known.get("shares"):
            choices[name] = [word for word in known["shares"] if word and word != str(cell)]
        elif "quantiles" in known:
            values = sorted(set(known["quantiles"]))
            if name in dates:
                values = [pd.Timestamp("1970-01-01") + pd.Timedelta(days=value) for value in values]
            elif all(float(value).is_integer() for value in values):
                is_whole.add(name)
            choices[name] = [value for value in values if value != cell]
    return choices, is_whole


def grid_of(task: Any, name: str) -> tuple[list[Any], tuple[Tensor, ...]]:
    """Values of a column as the training has seen them, in their order, and the inputs (V, …) of a typical row with
    each.
    """
    typical, known = typical_row(task), task.statistics[name]
    words = [word for word in known.get("shares", {}) if word]
    values = words or sorted(set(known.get("quantiles", [])))
    if not words and name in dates_of(task):
        values = [pd.Timestamp("1970-01-01") + pd.Timedelta(days=value) for value in values]
    frame = pd.DataFrame([typical | {name: value} for value in values])
    return values, tuple(torch.from_numpy(part) for part in task.preprocessor.transform(frame))
