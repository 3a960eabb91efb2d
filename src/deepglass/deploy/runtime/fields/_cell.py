"""What the kinds of columns of a table have in common: a record is a row, and an explanation hides a column."""

import math
from typing import Any, ClassVar

import numpy as np

from ..columns import Columns
from ..limits import Limits
from . import Cut, Field, Json, Tensors


class Cell(Field):
    """A column of a table; each row has a tensor of (B, 1) of it."""

    PARTS = "columns"
    HIDDEN_IS = "typical values"
    DTYPE: ClassVar[type] = float  # of its tensor
    EMPTY: ClassVar[float | str] = math.nan  # what the tensor holds where the value is not known

    def __init__(self, described: Json, schema: Json):
        super().__init__(described, schema)
        reading = schema.get("reading") or {}
        self.written: Json = reading.get("columns", {}).get(self.name, {})  # how the training table wrote it
        marks = (*reading.get("missing", ("",)), *self.written.get("missing", ()))
        self.marks = tuple(mark for mark in marks if mark not in self.written.get("kept", ()))
        self.sentinels = set(reading.get("sentinels", ()))

    def read(self, cell: Any) -> float | str:
        """A cell that is there, as its tensor holds it.

        Raises:
            ValueError: If it does not fit.
        """
        raise NotImplementedError

    def encoder(self, tokens: Json, limits: Limits | None) -> Columns:
        return Columns(self.schema["inputs"], self.schema.get("reading"))

    def cut(self, record: Any, tensors: Tensors) -> Cut:
        """A hidden column takes its typical value."""
        known = {field.name: record[field.name] for field in self.inputs}  # whatever else came with them
        typical = {field.name: field.typical() for field in self.inputs}
        parts = [{"name": name, "value": known[name], "typical": typical[name]} for name in known]

        def keep(present: np.ndarray) -> Any:
            return {name: (known if there else typical)[name] for name, there in zip(known, present, strict=True)}

        return Cut(known, parts, keep)
