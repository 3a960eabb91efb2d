"""What `deepglass check` has found in data: a record that its looks fill in."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Findings:
    """What was found; `as_dict` gives plain data."""

    kind: str  # "table", "images", "text", or the kind of a layout
    task: str | None
    size: dict[str, int]  # rows and columns, pictures, or characters
    splits: dict[str, int]
    guesses: list[str]
    columns: list[dict[str, Any]] = field(default_factory=list)
    target: str | None = None
    classes: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0  # examples that repeat an earlier one
    crossing: int = 0  # examples of val or test that are in train too
    leakage: list[dict[str, Any]] = field(default_factory=list)
    images: dict[str, Any] = field(default_factory=dict)  # tables of sizes, modes, depths, and of what was found
    lengths: dict[str, float] = field(default_factory=dict)  # of texts, in words
    series: dict[str, Any] = field(default_factory=dict)
    span: dict[str, int] = field(default_factory=dict)  # columns of numbers, and the directions that they span
    warnings: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # of the warnings those of which training says that it acts so

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return dataclasses.asdict(self)
