"""The times of the steps of a series; a tensor only where the model looks at hours, weekdays or seasons."""

from typing import Any

from . import Field as Base
from . import Json


class Field(Base):
    """A time for each step; its `role` is time."""

    HAS_TENSOR = False

    def cell_schema(self, is_open: bool) -> Json:
        return {"type": "array", "items": {"type": ["string", "number"]}}

    def level(self, steps: int, ahead: int) -> list[Any]:
        """Counted, in a past that stays at its mean."""
        return list(range(steps + ahead))
