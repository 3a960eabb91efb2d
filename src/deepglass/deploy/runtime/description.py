"""What a description of a model must say, part by part: names, kinds, types, sizes that belong together.

`records.py` says what each part means. A description that was changed or damaged is refused here, when the bundle is
opened, and not by the arithmetic that it would end in.
"""

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from .calendar import Calendar, zone_of
from .state import build, checked, read, require, require_between

MOST_SIDE, MOST_CHANNELS, MOST_STEPS = 1 << 14, 1 << 10, 1 << 20  # of a model that anybody could mean
BACKGROUNDS = ("white", "black", "grey", "none")
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


@dataclass(frozen=True)
class Scale(_Open):
    """Values of black and white."""

    deep: tuple[float, float] | None = None
    real: tuple[float, float] | None = None
    keeps_depth: bool = False


@dataclass(frozen=True)
class Input(_Open):
    """One input; what it must say besides depends on its kind."""

    name: str
    kind: Literal["number", "date", "category", "image", "text", "series", "time", "static", "key"]
    tensor: str | None = None
    role: str | None = None
    categories: list[str] | None = None
    is_boolean: bool = False
    height: int = 0
    width: int = 0
    channels: int = 0
    background: str = "white"
    scale: Scale | None = None
    min_length: int = 0
    max_length: int = 0
    start: int = 0


@dataclass(frozen=True)
class Series(_Open):
    """How pasts are laid out."""

    context: int
    horizon: int
    axis: dict[str, Any]
    least_past: int = 1
    needs_time: bool = False
    spreads: dict[str, list[float]] | None = None


@dataclass(frozen=True)
class Words(_Open):
    """Tokens that are words."""

    pattern: str
    words: list[str]
    pieces: list[str] = field(default_factory=list)
    max_words: int | None = None
    lengths: tuple[int, int] = (1, 1)


def require_fit(schema: dict[str, Any], labels: Any, tokens: Any) -> None:
    """Check a description.

    Args:
        schema: As `records.py` says.
        labels: Names of the classes, or None.
        tokens: How texts become numbers, or None.

    Raises:
        ValueError: If a part is missing or does not fit.
    """
    inputs, limits = read(schema, "inputs", list[Input]), read(schema, "limits", dict[str, int])
    for name in ("rows", "image_pixels", "text_characters"):
        require(read(limits, name, int) > 0, f"{name} above 0")
    names = [one.name for one in inputs]
    require(0 < len(names) == len(set(names)), "inputs, each of them once")
    for one in inputs:
        _require_input(one)
    if inputs[0].kind == "series":
        _require_series(build(Series, schema["series"]), inputs)
    if schema.get("reading") is not None:
        _require_reading(build(Reading, schema["reading"]))
    if inputs[0].kind == "text":
        _require_tokens(tokens)
    outputs = {output["name"]: output["shape"] for output in read(schema, "outputs", list[dict[str, Any]], [])}
    require(not outputs or schema["answer"] in outputs, "an output that is the answer", schema["answer"])
    if schema["answer"] == "probabilities":
        found = checked(labels, list[str], "labels")
        classes = outputs.get("probabilities", [-1])[-1]
        require(classes in (-1, len(found)), "a label of every class", len(found))


def _require_input(one: Input) -> None:
    require(one.tensor is not None or one.kind in ("key", "time"), f"a tensor of {one.name!r}")
    require(one.categories is not None or one.kind != "category", f"categories of {one.name!r}")
    if one.kind == "image":
        for size, most in ((one.height, MOST_SIDE), (one.width, MOST_SIDE), (one.channels, MOST_CHANNELS)):
            require_between(size, 1, most, "a size of pictures")
        require(one.background in BACKGROUNDS, "a background", one.background)
        for ends in (one.scale.deep, one.scale.real) if one.scale else ():
            require(ends is None or ends[0] < ends[1], "black below white", ends)
    if one.kind == "text":
        require_between(one.max_length, 1, MOST_STEPS, "the length of texts")
        require_between(one.min_length, 0, one.max_length, "the least length of texts")


def _require_series(plan: Series, inputs: list[Input]) -> None:
    for size in (plan.context, plan.horizon):
        require_between(size, 1, MOST_STEPS, "steps of a past and of a future")
    require_between(plan.least_past, 1, plan.context, "the least past")
    require(all(one.role is not None for one in inputs), "a role of every input")
    targets = [one for one in inputs if one.role == "target"]
    require(bool(targets), "a target")
    widths = {len(spread) for spread in (plan.spreads or {}).values()}
    require(widths <= {len(targets)}, "a spread of every target")
    axis, lists = plan.axis, {name: tuple(map(_tuple, plan.axis.get(name, ()))) for name in ("slots", "absent")}
    Calendar(read(axis, "unit", str), read(axis, "size", float), **lists).require_fit()
    read(axis, "column", str | None)
    read(axis, "has_clock", bool | None, None)
    if (zone := read(axis, "zone", str | None, None)) is not None:
        zone_of(zone)


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


def _require_tokens(tokens: Any) -> None:
    if (kind := read(tokens, "kind", str)) == "words":
        found = build(Words, tokens)
        re.compile(found.pattern)
        require_between(found.lengths[0], 1, found.lengths[1], "the length of pieces")
        require_between(found.lengths[1], 1, MOST_CHANNELS, "the length of pieces")
    elif kind == "characters":
        require(bool(read(tokens, "characters", str)), "characters")
    else:
        read(tokens, "definition", str)
        read(tokens, "shift", int, 0)
        require_between(read(tokens, "max_length", int | None, None) or 1, 1, MOST_STEPS, "the length of texts")


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
