"""What a description of a model must say, part by part: names, kinds, types, sizes that belong together.

`records.py` says what each part means, the files of `fields/` and `answers/` what each kind says besides. A description
that was changed or damaged is refused here, when the bundle is opened, and not by the arithmetic that it would end in.
"""

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from . import answers, fields
from .state import build, read, require

GROUPS = ({"sign", "whole", "fraction", "exponent"}, {"sign", "days", "hours", "minutes", "seconds", "half"})


class _Open:
    """Later versions may say more."""

    MAY_HAVE_MORE: ClassVar[bool] = True


@dataclass(frozen=True)
class Number(_Open):
    """How numbers of a column are written."""

    pattern: str
    example: str = ""
    is_plain: bool = True
    scales: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Date(_Open):
    """How dates of a column are written."""

    patterns: list[str]
    example: str = ""
    keeps_clock: bool = False
    count: tuple[float, float] | None = None
    is_digits: bool = False
    months: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Column(_Open):
    """How one column is written."""

    number: Number | None = None
    date: Date | None = None
    missing: list[str] = field(default_factory=list)
    width: int | None = None
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reading(_Open):
    """How the training table was written."""

    columns: dict[str, Column]
    known: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    delimiter: str = ","
    header: bool = True
    missing: list[str] = field(default_factory=list)
    sentinels: list[float] = field(default_factory=list)
    encoding: str = "utf-8"
    target: str | None = None
    time_parts: list[str] = field(default_factory=list)


def require_fit(schema: dict[str, Any], labels: Any, tokens: Any) -> None:
    """Check a description.

    Args:
        schema: As `records.py` says.
        labels: Names of the classes, or None.
        tokens: How texts become numbers, or None.

    Raises:
        ValueError: If a part is missing or does not fit.
    """
    described, limits = read(schema, "inputs", list[dict[str, Any]]), read(schema, "limits", dict[str, int])
    names = [read(one, "name", str) for one in described]
    require(0 < len(names) == len(set(names)), "inputs, each of them once")
    inputs = fields.fields_of(schema)
    for one in inputs:
        one.require()
    for name in ("rows", *inputs[0].LIMITS):
        require(read(limits, name, int) > 0, f"{name} above 0")
    inputs[0].require_model(tokens)
    if schema.get("reading") is not None:
        _require_reading(build(Reading, schema["reading"]))
    outputs = {output["name"]: output["shape"] for output in read(schema, "outputs", list[dict[str, Any]], [])}
    answer = answers.class_of(schema["answer"])
    require(not outputs or schema["answer"] in outputs, "an output that is the answer", schema["answer"])
    answer.require(outputs.get(schema["answer"], [-1]), labels)


def _require_reading(reading: Reading) -> None:
    require(len(reading.delimiter) == 1, "one character that divides", reading.delimiter)
    for column in reading.columns.values():
        if column.number:
            groups = set(re.compile(column.number.pattern).groupindex)
            require(any(needed <= groups for needed in GROUPS), "parts of a number in its pattern")
        if column.date:
            for pattern in column.date.patterns:
                require(
                    bool(set(re.compile(pattern).groupindex) & {"year", "short_year"}), "a year in a date's pattern"
                )
            require(column.date.count is None or column.date.count[0] != 0, "how many are a second")
