"""Rows of a table: filling, scaling and dates inside the graph, on two tensors, numbers and codes of categories.

The curve of straight pieces that scales a number (`data/preprocess/number.py`) is written as a sum over its pieces,
first score + Σ rise · clamp((x − left) / width, 0, 1), which every exporter knows; in float64, as in training. In an
ONNX file a column is an input of its own, and words become codes there (`_front.py`).
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data.examples import InMemory
from deepglass.data.preprocess.category import FIRST, MISSING, UNKNOWN
from deepglass.data.preprocess.number import Number, numbers_of, part_of
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.inputs._calendar import date_part
from deepglass.deploy.graphs.inputs._front import with_columns
from deepglass.deploy.graphs.spec import Spec


class Part(InputPart):
    """numbers (B, N) float64 with NaN for empty cells, dates as days since 1970; codes (B, n) int64 → (B, F) and codes.

    Where a table has no numbers or no categories, there is no such tensor.
    """

    def __init__(self, task: Any):
        super().__init__(task)
        self.numbers, self.categories = task.preprocessor.numbers, task.preprocessor.categories
        self.columns = list(dict.fromkeys(number.name for number in self.numbers))
        self.specs = [
            *([Spec("numbers", torch.float64, ("batch", len(self.columns)))] if self.columns else []),
            *([Spec("codes", torch.int64, ("batch", len(self.categories)))] if self.categories else []),
        ]
        if self.numbers:
            self.scale = Curves(self.numbers)

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        B = next(iter(given.values())).shape[0]
        numeric = self._scaled(given["numbers"]) if self.columns else torch.zeros(B, 0)  # (B, F)
        codes = given["codes"] if self.categories else torch.zeros(B, 0, dtype=torch.int64)  # (B, n)
        return (numeric, codes), {}

    def _scaled(self, numbers: Tensor) -> Tensor:
        cells = []
        for number in self.numbers:
            column = numbers[:, self.columns.index(number.name)]
            cells.append(column if number.part is None else date_part(column, number.part))
        return self.scale(torch.stack(cells, dim=1))

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        tensors = []
        if self.columns:
            by_name = {number.name: number for number in reversed(self.numbers)}  # of a date the days
            drawn = torch.rand(batch, len(self.columns), generator=generator, dtype=torch.float64) * 1.2 - 0.1
            low = torch.tensor([by_name[name].knots[0] for name in self.columns], dtype=torch.float64)
            high = torch.tensor([by_name[name].knots[-1] for name in self.columns], dtype=torch.float64)
            numbers = low + drawn * (high - low)  # a little beyond the training range, too
            numbers[0, 0] = torch.nan
            tensors.append(numbers)
        if self.categories:
            codes = [torch.randint(c.cardinality, (batch,), generator=generator) for c in self.categories]
            tensors.append(torch.stack(codes, dim=1))
        return tuple(tensors)

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        frame, dates = data.frame.iloc[rows], {number.name for number in self.numbers if number.part is not None}
        cells = [
            part_of(frame[name], name, "days") if name in dates else numbers_of(frame[name], name)
            for name in self.columns
        ]
        numbers = torch.from_numpy(np.stack(cells, axis=1)) if cells else torch.zeros(len(rows), 0)  # (N, columns)
        return InMemory(numbers, *examples.tensors[1:])

    def feeds(self, tensors: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        given = dict(zip([spec.name for spec in self.specs], tensors, strict=True))
        feeds = {self.tensor_of(name): given["numbers"][:, [i]].numpy() for i, name in enumerate(self.columns)}
        for i, category in enumerate(self.categories):
            word = {UNKNOWN: "\0", MISSING: "", **dict(enumerate(category.levels, FIRST))}
            words = [[word[code]] for code in given["codes"][:, i].tolist()]
            feeds[self.tensor_of(category.name)] = np.array(words, object)
        return feeds

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        dates = {number.name for number in self.numbers if number.part is not None}
        described = [
            {"name": name, "kind": "date" if name in dates else "number", "datatype": "FP64"} for name in self.columns
        ]
        described += [
            {"name": c.name, "kind": "category", "datatype": "BYTES"}
            | {"categories": c.levels, "is_boolean": c.is_boolean}
            for c in self.categories
        ]
        for column in described:
            name = column["name"]
            column |= {"tensor": self.tensor_of(name), "shape": [-1, 1], "statistics": statistics.get(name)}
        return described

    def tensor_of(self, column: str) -> str:
        """The name of a column's tensor in an ONNX file: the column's own, unless something inside has it."""
        is_taken = column in self.taken or column.startswith("graph.")
        return f"{column} input" if is_taken else column

    def with_front(self, proto: Any) -> Any:
        """A tensor per column, and words become codes."""
        return with_columns(proto, self.columns, self.categories, self.tensor_of)


class Curves(nn.Module):
    """Numbers (B, P), NaN where empty → inputs of the network (B, F), the marks of empty cells included."""

    def __init__(self, numbers: list[Number]):
        super().__init__()
        pieces = max(len(number.knots) for number in numbers) - 1
        left, inverse_width, rise = (torch.zeros(len(numbers), pieces, dtype=torch.float64) for _ in range(3))
        for i, number in enumerate(numbers):
            knots, scores = (torch.tensor(v, dtype=torch.float64) for v in (number.knots, number.scores))
            left[i, : len(knots) - 1] = knots[:-1]
            inverse_width[i, : len(knots) - 1] = 1 / knots.diff()
            rise[i, : len(knots) - 1] = scores.diff()
        self.register_buffer("left", left)
        self.register_buffer("inverse_width", inverse_width)
        self.register_buffer("rise", rise)
        self.register_buffer("first", torch.tensor([number.scores[0] for number in numbers], dtype=torch.float64))
        self.register_buffer("fill", torch.tensor([number.fill for number in numbers], dtype=torch.float64))
        places = [[i, len(numbers) + i] if number.has_missing else [i] for i, number in enumerate(numbers)]
        self.register_buffer("order", torch.tensor([place for pair in places for place in pair]))

    def forward(self, cells: Tensor) -> Tensor:
        is_missing = cells.isnan()
        cells = torch.where(is_missing, self.fill, cells)  # (B, P)
        covered = ((cells.unsqueeze(2) - self.left) * self.inverse_width).clamp(0, 1)  # (B, P, pieces)
        scores = self.first + (covered * self.rise).sum(dim=2)  # (B, P)
        return torch.cat([scores, is_missing.to(scores.dtype)], dim=1).index_select(1, self.order).float()  # (B, F)
