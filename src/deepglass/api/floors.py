"""Floors of the spine: a figure that a benchmark left in `bench/results`, and what it has to reach.

    quality.json runs[data=digits].scores.accuracy >= 0.985
    shrink.json runs.sst2.after.bytes <= 0.3 * runs.sst2.before.bytes

A path leads through names and, in a list, through all entries, or those of which a field has a value; of several, as of
several seeds, the mean counts.
"""

import json
import math
import operator
import re
from pathlib import Path
from typing import Any

from deepglass.core.catalogue import CHECKOUT

RESULTS = CHECKOUT / "bench" / "results"
COMPARED = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
UNMEASURED = "unmeasured"  # a floor is asked for, and no figure has been recorded


def is_met(floor: str, results: Path = RESULTS) -> bool:
    """Whether the recorded figure reaches its floor; a figure that is not there does not.

    Raises:
        ValueError: If the floor is not spelt as above.
    """
    found = figures(floor, results)
    return found is not None and COMPARED[_parts(floor)[2]](*found)


def figures(floor: str, results: Path = RESULTS) -> tuple[float, float] | None:
    """What was measured, and what it has to reach; None if it was not measured.

    Raises:
        ValueError: If the floor is not spelt as above.
    """
    if floor == UNMEASURED:
        return None
    file, measured, _, asked = _parts(floor)
    if not (results / file).is_file():
        return None
    record = json.loads((results / file).read_text(encoding="utf-8"))
    left, right = _value(measured, record), _value(asked, record)
    return None if math.isnan(left) or math.isnan(right) else (left, right)


def _parts(floor: str) -> tuple[str, str, str, str]:
    found = re.fullmatch(r"(\S+\.json) (.+?) (>=|<=|>|<) (.+)", floor)
    if found is None:
        raise ValueError(f"expected a floor such as 'quality.json runs[data=digits].scores.loss < 2'; got {floor!r}")
    return found[1], found[2], found[3], found[4]


def _value(side: str, record: Any) -> float:
    """A number, the mean of what a path leads to, or a product of such; NaN where a path leads nowhere."""
    return math.prod(_factor(factor, record) for factor in side.split(" * "))


def _factor(text: str, record: Any) -> float:
    if re.fullmatch(r"[\d.]+", text):
        return float(text)
    found = [record]
    for name, field, value in re.findall(r"([^.\[\]]+)|\[(\w+)=([^\]]+)\]", text):
        if field:
            found = [entry for entries in found for entry in entries if str(entry.get(field)) == value]
        else:
            flat = [one for entry in found for one in (entry if isinstance(entry, list) else [entry])]
            found = [entry[name] for entry in flat if isinstance(entry, dict) and name in entry]
    numbers = [value for value in found if isinstance(value, int | float)]
    return sum(numbers) / len(numbers) if numbers else math.nan
