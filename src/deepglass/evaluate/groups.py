"""Scores of the test by group: does the model serve everybody alike?

A group is whose rows share a value of a column. Numbers are cut into quarters, rare values are taken together.
Few examples say little: small groups are marked, and a group stands out only where the score of all examples lies
outside its interval.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from deepglass.evaluate.scores import is_better

MOST_GROUPS = 12  # rows of the table; the rarest values are taken together
QUARTERS = 4  # of numbers that have more different values than groups would be
SMALL = 30  # examples; of fewer an interval is hardly worth its name
MISSING, OTHERS = "missing", "others"


def names_of(values: pd.Series) -> np.ndarray:
    """(N,) the group of each row, in words."""
    is_time = pd.api.types.is_datetime64_any_dtype(values)
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    word: Callable[[Any], str] = _day if is_time else _short if is_number else str
    if (is_time or is_number) and values.nunique() > MOST_GROUPS:
        return _quarters(values, word)
    named = values.astype("object").map(word, na_action="ignore").where(values.notna(), MISSING)
    counts = named.value_counts()
    if len(counts) <= MOST_GROUPS:
        return named.to_numpy(str)
    return named.where(named.isin(counts.index[: MOST_GROUPS - 1]), OTHERS).to_numpy(str)


def scores_by(names: np.ndarray, evaluate: Callable[[np.ndarray], dict[str, Any]]) -> list[dict[str, Any]]:
    """For each group, the largest first: its name, "count", "is_small", the headline scores, and "stands_out".

    Args:
        names: (N,) the group of each test example.
        evaluate: From positions among the test examples to the scores of those.
    """
    every, found = evaluate(np.arange(len(names))), []
    groups, counts = np.unique(names, return_counts=True)
    for group in groups[np.argsort(-counts, kind="stable")]:
        rows = np.flatnonzero(names == group)
        scores = evaluate(rows)
        own = {name: scores[name] for name in every["headline"] if name in scores}
        small = len(rows) < SMALL
        first = every["headline"][0]
        outside = "" if small or first not in own else _stands_out(first, own[first], every[first]["value"])
        found.append({"group": str(group), "count": len(rows), "is_small": small, "scores": own, "stands_out": outside})
    return found


def _quarters(values: pd.Series, word: Callable[[Any], str]) -> np.ndarray:
    """Ranges that hold a quarter of the known values each, in words."""
    known = values.dropna()
    edges = known.quantile(np.linspace(0, 1, QUARTERS + 1)).drop_duplicates()
    place = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, max(0, len(edges) - 2))
    ends = [f"{word(low)} to {word(high)}" for low, high in pairwise(edges)] or [word(edges.iloc[0])]
    words = pd.Series(MISSING, index=values.index, dtype="object")
    words[known.index] = np.array(ends, dtype=object)[place]
    return words.to_numpy(str)


def _short(value: float) -> str:
    """A number as a name: `1999`, `0.25`."""
    return f"{value:.6g}"


def _day(time: Any) -> str:
    return f"{time:%Y-%m-%d}"


def _stands_out(name: str, score: dict[str, Any], usual: float | None) -> str:
    """ "better" or "worse" than all examples by more than chance explains, else nothing."""
    low, high = score.get("low"), score.get("high")
    if usual is None or low is None or high is None or low <= usual <= high:
        return ""
    return "better" if is_better(name, score["value"], usual) else "worse"
