"""What stands beside a series and names it or describes it: once, or in every row."""

from typing import Any

from . import Field, Json

ONCE: Json = {"type": ["string", "number", "boolean", "null"]}


class PerSeries(Field):
    """A cell that is the same in every row of a past."""

    def cell_schema(self, is_open: bool) -> Json:
        return {"anyOf": [ONCE, {"type": "array", "items": ONCE}]}

    def level(self, steps: int, ahead: int) -> list[Any]:
        """Its cells in a past that stays at its mean."""
        return [self.typical()] * (steps + ahead)
