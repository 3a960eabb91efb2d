"""What a picture shows, said in words that are made from its data: the alternative texts of the kit's pictures.

A reader who cannot see a curve is told what the others see at a glance: whether it rises or falls, where it is lowest,
where it ends, and where two of them cross.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

Curve = tuple[np.ndarray, np.ndarray]
FLAT = 1e-9  # a curve whose heights differ by less, relative to their size, is level
SAID = 8  # so many bars or groups are named one by one


def said(value: Any, digits: int = 3) -> str:
    """A number as a person writes it: few digits that count, thousands apart, a real minus; anything else as it is."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{value:,}".replace("-", "−")
    if not isinstance(value, float | np.floating):
        return str(value)
    if not np.isfinite(value):
        return {"inf": "∞", "-inf": "−∞"}.get(str(float(value)), "–")
    size = abs(float(value))
    text = f"{value:,.0f}" if 1000 <= size < 1e6 else f"{value:.{digits}g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")


def place(point: Any) -> str:
    """A point of the plane: (1.3, 0.4)."""
    return f"({', '.join(said(float(value)) for value in point)})"


def sentence(*parts: str) -> str:
    """Parts as sentences, each closed by one full stop; empty ones are left out."""
    return " ".join(part if part[-1] in ".?!" else f"{part}." for part in (part.strip() for part in parts) if part)


def listed(items: Sequence[str]) -> str:
    """a, b and c."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def curve_in_words(x: np.ndarray, y: np.ndarray, at: str = "x") -> str:
    """How one curve runs: "falls from 4.2 to 0.3", or its lowest and highest place if those are not its ends."""
    seen = np.isfinite(x) & np.isfinite(y)
    x, y = x[seen], y[seen]
    if len(y) == 0:
        return "has no points"
    if len(y) == 1:
        return f"one point, {said(float(y[0]))} at {at} = {said(float(x[0]))}"
    low, high = int(y.argmin()), int(y.argmax())
    first, last = said(float(y[0])), said(float(y[-1]))
    if y[high] - y[low] <= FLAT * max(1.0, abs(y).max()):
        return f"stays at {first}"
    if low in (0, len(y) - 1) and high in (0, len(y) - 1):
        steps = np.diff(y)
        steadily = (steps >= 0).all() or (steps <= 0).all()
        return f"{'rises' if y[-1] > y[0] else 'falls'} from {first} to {last}{'' if steadily else ', not steadily'}"
    turns = [
        f"{word} {said(float(y[i]))} at {at} = {said(float(x[i]))}"
        for word, i in sorted((("lowest", low), ("highest", high)), key=lambda turn: x[turn[1]])
        if 0 < i < len(y) - 1
    ]
    return f"begins at {first}, is {' and '.join(turns)}, ends at {last}"


def crossing(one: Curve, other: Curve) -> float | None:
    """Where two curves over the same places cross, if they do exactly once."""
    if len(one[0]) != len(other[0]) or not np.allclose(one[0], other[0], equal_nan=True):
        return None
    x, apart = one[0], one[1] - other[1]
    found = [
        float(x[i] + (x[j] - x[i]) * apart[i] / (apart[i] - apart[j]))
        for i, j in pairwise(np.flatnonzero(np.isfinite(apart) & (apart != 0)))
        if apart[i] * apart[j] < 0
    ]
    return found[0] if len(found) == 1 else None


def curves_in_words(curves: Mapping[str, Curve], marks: Mapping[str, float], xlabel: str, ylabel: str) -> str:
    """All curves, one sentence each, the level lines among them, and where two of them cross."""
    at = xlabel.partition(",")[0] or "x"
    places = np.concatenate([x[np.isfinite(x)] for x, _ in curves.values()]) if curves else np.array([])
    reach = f"{at} from {said(float(places.min()))} to {said(float(places.max()))}" if len(places) else ""
    over = f"{ylabel or 'Values'} over {reach}" if reach else ""
    told = [f"{name or 'The curve'} {curve_in_words(*curve, at)}" for name, curve in curves.items()]
    told += [f"A level line marks {name}, {said(float(value))}" for name, value in marks.items()]
    if len(curves) == 2 and (place := crossing(*curves.values())) is not None:
        told.append(f"They cross near {at} = {said(place)}")
    return sentence(over, *told)


def group_in_words(points: np.ndarray) -> str:
    """How many points, where their middle is, how far they scatter."""
    if len(points) == 0:
        return "no points"
    middle, spread = points.mean(0), points.std(0)
    count = "1 point at" if len(points) == 1 else f"{len(points):,} points around"
    around = f", scattered by {said(float(spread[0]))} and {said(float(spread[1]))}" if len(points) > 1 else ""
    return f"{count} {place(middle)}{around}"


def together(points: np.ndarray) -> str:
    """Whether two columns rise together, by their correlation; nothing where it cannot be told."""
    if len(points) < 3 or (points.std(0) == 0).any():
        return ""
    r = float(np.corrcoef(points.T)[0, 1])
    kind = "rise together" if r > 0.3 else "run against each other" if r < -0.3 else "hardly depend on each other"
    return f"The two {kind}, correlation {said(round(r, 2))}"


def bars_in_words(values: Mapping[str, float], unit: str = "") -> str:
    """Every bar where they are few; else the longest and the shortest."""
    order = sorted(values, key=lambda name: -values[name])
    shown = {name: f"{name} {said(values[name])}{unit}" for name in order}
    if len(order) <= SAID:
        return sentence(
            f"{len(order)} bars, from the largest: {', '.join(shown[name] for name in order)}" if order else ""
        )
    ends = ", ".join(shown[name] for name in order[:3]), ", ".join(shown[name] for name in order[-3:])
    return sentence(f"{len(order)} bars. The largest: {ends[0]}. The smallest: {ends[1]}")


def table_in_words(table: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> str:
    """Size, largest and smallest cell, and the largest cell of each row where rows are few."""
    name = lambda i, j: f"{rows[i] if rows else f'row {i + 1}'}, {columns[j] if columns else f'column {j + 1}'}"  # noqa: E731
    high, low = (np.unravel_index(index, table.shape) for index in (np.nanargmax(table), np.nanargmin(table)))
    told = [
        f"{table.shape[0]} rows, {table.shape[1]} columns",
        f"Largest: {said(float(table[high]))} at {name(*high)}",
        f"Smallest: {said(float(table[low]))} at {name(*low)}",
    ]
    if rows and columns and 1 < len(table) <= SAID and np.isfinite(table).all():
        told.append(
            "By row the largest is "
            + ", ".join(f"{rows[i]}: {columns[int(table[i].argmax())]}" for i in range(len(rows)))
        )
    return sentence(*told)
