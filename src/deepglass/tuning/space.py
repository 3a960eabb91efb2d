"""What is searched: dimensions with their bounds, as points of the unit cube, where every sampler lives."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from deepglass.core.catalogue import unknown
from deepglass.core.errors import OptionError
from deepglass.core.settings import Setting

MANY_TIMES = 8.0  # bounds that lie farther apart than so are searched by their logarithms
LISTED = 6  # choices that a message names


@dataclass(frozen=True)
class Dimension:
    """One setting that is searched.

    Attributes:
        name: Of the setting, as in Python.
        low: The least value; high: the largest, which is tried too.
        is_whole: Whether there are only whole numbers.
        is_log: Whether doubling counts as one step everywhere.
        choices: The values where there is no order; bounds count for nothing then.
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    is_whole: bool = False
    is_log: bool = False
    choices: tuple[Any, ...] = ()

    @property
    def option(self) -> str:
        """The spelling on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def size(self) -> int | None:
        """How many values there are; None of a number that is not whole."""
        if self.choices:
            return len(self.choices)
        return int(self.high - self.low) + 1 if self.is_whole else None

    def value(self, place: float) -> Any:
        """The value at a place from 0 to 1."""
        place = min(max(float(place), 0.0), 1.0)
        if self.choices:
            return self.choices[min(int(place * len(self.choices)), len(self.choices) - 1)]
        low, high = (self.low - 0.5, self.high + 0.5) if self.is_whole else (self.low, self.high)
        found = math.exp(_between(math.log(low), math.log(high), place)) if self.is_log else _between(low, high, place)
        if self.is_whole:
            return int(min(max(round(found), self.low), self.high))
        return float(f"{min(max(found, self.low), self.high):.4g}")  # as it is shown, so that it can be typed

    def place(self, value: Any) -> float | None:
        """Where a value lies, from 0 to 1; None where it lies outside."""
        if self.choices:
            known = [str(choice) for choice in self.choices]
            return (known.index(str(value)) + 0.5) / len(known) if str(value) in known else None
        if not isinstance(value, int | float) or not self.low <= value <= self.high:
            return None
        low, high = (self.low - 0.5, self.high + 0.5) if self.is_whole else (self.low, self.high)
        if low == high:
            return 0.5
        if self.is_log:
            return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        return (value - low) / (high - low)

    def __str__(self) -> str:
        if self.choices:
            return f"{self.name} {' | '.join(map(str, self.choices))}"
        return f"{self.name} {self.low:g} … {self.high:g}{', by its logarithm' if self.is_log else ''}"

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**vars(self), "choices": list(self.choices)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """What `record` gave."""
        return cls(**{**record, "choices": tuple(record["choices"])})


@dataclass(frozen=True)
class Space:
    """All dimensions of a search; a point is an array (d,) of places from 0 to 1."""

    dimensions: tuple[Dimension, ...]

    def __len__(self) -> int:
        return len(self.dimensions)

    def values(self, point: np.ndarray) -> dict[str, Any]:
        """The settings at a point."""
        return {one.name: one.value(place) for one, place in zip(self.dimensions, point, strict=True)}

    def point(self, values: Mapping[str, Any]) -> np.ndarray | None:
        """(d,) where settings lie; None where one lies outside."""
        places = [one.place(values.get(one.name)) for one in self.dimensions]
        return None if None in places else np.array(places, float)

    def record(self) -> list[dict[str, Any]]:
        """As JSON can hold it."""
        return [one.record() for one in self.dimensions]

    @classmethod
    def from_record(cls, record: Sequence[Mapping[str, Any]]) -> Self:
        """What `record` gave."""
        return cls(tuple(Dimension.from_record(one) for one in record))


def parse(text: str, settings: Mapping[str, Setting]) -> Dimension:
    """One dimension as it is typed: `learning-rate=1e-4..0.1`, `hidden-dim=64|128|256`, `schedule` for all its choices.

    Args:
        text: What was typed.
        settings: All that could be searched, by name.

    Raises:
        OptionError: If there is no such setting, or the values do not fit it.
    """
    spelled, _, rest = text.partition("=")
    name = spelled.strip().removeprefix("--").replace("-", "_")
    if name not in settings:
        raise OptionError(f"--search {text}: {unknown('setting', name, sorted(settings))}")
    setting = settings[name]
    if not rest and (choices := setting.choices or ((True, False) if "bool" in setting.kinds else ())):
        return Dimension(name, choices=choices)
    if bounds := re.fullmatch(r"\s*(\S+?)\s*\.\.\s*(\S+)\s*", rest):
        return _range(text, setting, *(setting.parse(end) for end in bounds.groups()))
    values = tuple(setting.parse(part.strip()) for part in re.split(r"[|,]", rest) if part.strip())
    if len(set(values)) < 2:
        raise OptionError(
            f"--search {text}: expected two values or more, as in {spelled or 'NAME'}=LOW..HIGH or {spelled}=A|B|C"
        )
    return Dimension(name, choices=values)


def _range(text: str, setting: Setting, low: Any, high: Any) -> Dimension:
    """Raises OptionError if the ends are no numbers in order."""
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high)) or not low < high:
        raise OptionError(f"--search {text}: expected two numbers, the smaller one first")
    is_whole = "float" not in setting.kinds and isinstance(low, int) and isinstance(high, int)
    is_log = low > 0 and high / low >= MANY_TIMES
    return Dimension(setting.name, float(low), float(high), is_whole, is_log)


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
