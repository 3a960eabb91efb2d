"""The times of the steps of a series; a tensor only where the model looks at hours, weekdays or seasons."""

from typing import Any

import numpy as np

from ..axis import Axis
from . import Field as Base
from . import Json

FIRST = np.datetime64("2020-01-01", "us")


class Field(Base):
    """A time for each step; its `role` is time."""

    HAS_TENSOR = False

    def cell_schema(self, is_open: bool) -> Json:
        return {"type": "array", "items": {"type": ["string", "number"]}}

    def level(self, steps: int, ahead: int) -> list[Any]:
        """Those of a past that stays at its mean: from 2020 on, or counted where training had numbers or none."""
        axis = Axis(**self.schema["series"]["axis"])
        if axis.is_counted:
            return list(range(steps + ahead))
        return axis.texts(axis.after(0.0 if axis.is_number else FIRST, steps + ahead))
