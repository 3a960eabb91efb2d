"""A column of a table of times, past and perhaps future; a record is a past, and `series.py` above makes its tensors.

The `role` of a column says what it is for: target (forecast), covariate (seen), known (in advance). Where it holds
words, `categories` lists them, and each is a column of its tensor.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from .. import strict_json
from ..calendar import Calendar, zone_of
from ..limits import Limits
from ..series import Pasts
from ..state import build, read, require, require_between
from . import Field as Base
from . import Input, Json, time
from .number import is_written

MOST_STEPS = 1 << 20  # of a model that anybody could mean
NUMBERS = {int, float, type(None)}


@dataclass(frozen=True)
class Description(Input):
    """The words of a column that holds words."""

    categories: list[str] | None = None


@dataclass(frozen=True)
class Plan:
    """How pasts are laid out."""

    MAY_HAVE_MORE: ClassVar[bool] = True  # later versions may say more

    context: int
    horizon: int
    axis: dict[str, Any]
    least_past: int = 1
    needs_time: bool = False
    spreads: dict[str, list[float]] | None = field(default=None)


class Field(Base):
    """A list of cells, oldest first; or one of each row."""

    Description = Description
    IS_NULLABLE = True
    GATHERS_ROWS = True
    EXAMPLE = ("past.csv", "{{{name}: [1.0, 2.0, ...]}}")

    @property
    def plan(self) -> Json:
        """How pasts are laid out."""
        return self.schema["series"]

    def require_model(self, tokens: Any) -> None:
        plan = build(Plan, self.plan)
        for size in (plan.context, plan.horizon):
            require_between(size, 1, MOST_STEPS, "steps of a past and of a future")
        require_between(plan.least_past, 1, plan.context, "the least past")
        roles = [one.described.get("role") for one in self.inputs]
        require(None not in roles, "a role of every input")
        require("target" in roles, "a target")
        widths = {len(spread) for spread in (plan.spreads or {}).values()}
        require(widths <= {roles.count("target")}, "a spread of every target")
        _require_axis(plan.axis)

    def encoder(self, tokens: Json, limits: Limits | None) -> Pasts:
        return Pasts(self.schema)

    def check(self, cell: Any) -> None:
        """Hold a value of JSON to its type.

        Raises:
            ValueError: If it is not a list of numbers, or one, or nothing.
        """
        written = (self.schema.get("reading") or {}).get("columns", {}).get(self.name, {})
        words = {str, bool} if "categories" in self.described else {str} if is_written(written) else set()
        odd = [value for value in (cell if isinstance(cell, list) else [cell]) if type(value) not in NUMBERS | words]
        if odd:
            raise ValueError(f"expected numbers or null, got {strict_json.kind(odd[0])}")

    def cell_schema(self, is_open: bool) -> Json:
        words = {"type": ["string", "number", "boolean", "null"]} if "categories" in self.described else None
        return {"type": "array", "items": words or {"type": ["number", "null"]}}

    def record_schema(self, is_open: bool) -> Json:
        record = super().record_schema(is_open)
        record["required"] = [one.name for one in self.inputs if one.described["role"] not in ("key", "static")]
        column = self.plan["axis"]["column"]  # where the model does not look at it, only the answer does
        record["properties"] |= {column: time.Field.cell_schema(self, is_open)} if column is not None else {}
        return record

    def typical_record(self) -> Any:
        return self.recent_past() or self._level_past()

    def recent_past(self) -> dict[str, list[Any]] | None:
        """The end of a series in training, with its times; None where the run did not keep it."""
        recent, column = self.plan.get("recent"), self.plan["axis"]["column"]
        if not recent or len(recent["times"]) < self.plan.get("least_past", self.plan["context"]):
            return None
        return ({column: recent["times"]} if column is not None else {}) | recent["values"]

    def _level_past(self) -> dict[str, list[Any]]:
        """A past that stays at its mean, and what is known after it: enough to see whether the model answers."""
        steps = self.plan["context"]
        ahead = self.plan["horizon"] if any(one.described["role"] == "known" for one in self.inputs) else 0
        return {one.name: one.level(steps, ahead) for one in self.inputs}  # type: ignore[attr-defined]

    def level(self, steps: int, ahead: int) -> list[Any]:
        """Its cells in a past that stays at its mean."""
        is_seen = self.described["role"] in ("target", "covariate")
        return [self.typical()] * steps + [None if is_seen else self.typical()] * ahead

    def watched(self, array: np.ndarray, column: int) -> np.ndarray:
        """Every step."""
        return array[:, :, column].ravel()

    def form(self) -> Json:
        return {"ask": "rows", "what": "past", "example": ["past.csv", "text/csv"]}

    def shown(self) -> Json:
        """What a chart of the past needs, and whether the example is real, or nothing that a page should draw."""
        axis = {name: self.plan[name] for name in ("context", "horizon", "axis")}
        return {"series": axis | {"is_recent": self.recent_past() is not None}}


def _require_axis(axis: Json) -> None:
    lists = {name: tuple(map(_tuple, axis.get(name, ()))) for name in ("slots", "absent")}
    Calendar(read(axis, "unit", str), read(axis, "size", float), **lists).require_fit()
    read(axis, "column", str | None)
    read(axis, "has_clock", bool | None, None)
    if (zone := read(axis, "zone", str | None, None)) is not None:
        zone_of(zone)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
