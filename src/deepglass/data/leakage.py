"""Columns that give the target away: suspects of leakage.

A column is suspect if it alone predicts the target almost as well as can be. A small decision tree on that one
column is fitted to half of the rows and judged on the other half, against the answer that needs no column at all; two
standard errors are granted against it, so that a small table accuses nobody by chance.

Often it is not the column that tells but a number that stands for a cell that is not known (-999, 9999), and that is
told as such: without the rows that hold it, the column says little.

References:
    Kaufman, Rosset, Perlich and Stitelman (2012), Leakage in data mining, https://doi.org/10.1145/2382577.2382579
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.wording import listing
from deepglass.data.reading.columns import Column

SUSPICIOUS = 0.9  # share of the trivial answer's error that one column removes; honest columns rarely reach 0.8
SAMPLE_ROWS = 20_000  # enough to tell 0.9 from 0.89, and quick
LEAVES = 64  # of the tree: codes of a category need several cuts
FEWEST_ROWS = 40  # below, a column may look telling by chance
FEWEST_SENTINELS = 10  # cells that hold the same far number
FAR = 1.0  # ranges of the other numbers (their middle 90 %) away from them
MISSING_CODE = -1e30  # below every value, so that being missing is something to cut at


@dataclass(frozen=True)
class Suspect:
    """A column and the share of the trivial answer's error that it removes alone."""

    column: str
    skill: float
    sentinel: float | None = None  # a number that stands for missing cells, if that is what predicts

    def __str__(self) -> str:
        return f"{self.column} predicts the target almost alone (it removes at least {self.skill:.0%} of the error)"


def sentences(suspects: list[Suspect]) -> list[str]:
    """What is to be said of them: one sentence for each cause."""
    found = []
    for sentinel in dict.fromkeys(suspect.sentinel for suspect in suspects if suspect.sentinel is not None):
        own = [suspect.column for suspect in suspects if suspect.sentinel == sentinel]
        mark = f"{sentinel:g}"
        found.append(
            f"{listing(own)}: {mark} stands for cells that are not known, and whether it does gives the target away; "
            f"count it as missing with --missing {mark}, and look why the target and the gaps go together"
        )
    plain = [suspect for suspect in suspects if suspect.sentinel is None]
    if len(plain) == 1:
        found.append(f"{plain[0]}: if it is known only after the target, pass --ignore {plain[0].column}")
    elif plain:
        names = [suspect.column for suspect in plain]
        least = min(suspect.skill for suspect in plain)
        found.append(
            f"{listing(names)}: each predicts the target almost alone (removes at least {least:.0%} of the error); if "
            "they are known only after the target, pass --ignore"
        )
    return found


def leakage_suspects(
    frame: pd.DataFrame, target: str, columns: list[Column], *, is_classification: bool
) -> list[Suspect]:
    """The suspects, worst first.

    Args:
        frame: The table, target included.
        columns: Its columns as `describe` returns them.
    """
    rows = np.flatnonzero(frame[target].notna())
    if len(rows) < FEWEST_ROWS or frame[target].nunique() < 2:
        return []
    rows = np.random.default_rng(0).permutation(rows)[:SAMPLE_ROWS]
    y = frame[target].iloc[rows]
    y = pd.factorize(y)[0] if is_classification else y.to_numpy(float)
    kinds = ("number", "category", "boolean", "date")
    names = [column.name for column in columns if column.kind in kinds and column.name != target]
    codes = {name: _codes(frame[name].iloc[rows]) for name in names}
    skills = {name: _skill(values, y, is_classification) for name, values in codes.items()}
    numbers = {column.name for column in columns if column.kind == "number"}
    suspects = [
        Suspect(name, skill, _sentinel(codes[name], y, is_classification) if name in numbers else None)
        for name, skill in skills.items()
        if skill >= SUSPICIOUS
    ]
    return sorted(suspects, key=lambda suspect: -suspect.skill)


def _skill(values: np.ndarray, y: np.ndarray, is_classification: bool) -> float:
    """1 - (error of the tree + 2 standard errors) / error of the most frequent class, or of the mean."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    half = len(y) // 2
    tree_class = DecisionTreeClassifier if is_classification else DecisionTreeRegressor
    tree = tree_class(max_leaf_nodes=LEAVES, random_state=0).fit(values[:half, None], y[:half])
    predicted, truth = tree.predict(values[half:, None]), y[half:]
    constant = np.bincount(y[:half]).argmax() if is_classification else y[:half].mean()
    errors, trivial = _errors(predicted, truth, is_classification), _errors(constant, truth, is_classification).mean()
    highest = errors.mean() + 2 * errors.std() / np.sqrt(len(errors))
    return float(1 - highest / trivial) if trivial > 0 else 0.0


def _sentinel(values: np.ndarray, y: np.ndarray, is_classification: bool) -> float | None:
    """The smallest or largest number, if it is far away from all others, often, and alone predicts."""
    for extreme in (values.min(), values.max()):
        is_it = values == extreme
        rest = values[~is_it & (values != MISSING_CODE)]
        if extreme == MISSING_CODE or is_it.sum() < FEWEST_SENTINELS or len(rest) < FEWEST_ROWS:
            continue
        low, high = np.quantile(rest, [0.05, 0.95])
        away = FAR * (high - low)
        is_far = away > 0 and (extreme < low - away or extreme > high + away)
        if is_far and extreme == round(extreme) and _skill(values[~is_it], y[~is_it], is_classification) < SUSPICIOUS:
            return float(extreme)
    return None


def _errors(predicted: Any, truth: np.ndarray, is_classification: bool) -> np.ndarray:
    return (predicted != truth).astype(float) if is_classification else (predicted - truth) ** 2


def _codes(column: pd.Series) -> np.ndarray:
    """A column as numbers (n,) that a tree can cut."""
    missing = column.isna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(column):
        values = column.to_numpy().astype("datetime64[s]").astype(float)
    elif pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy().astype(float)
    else:
        values = pd.factorize(column)[0].astype(float)
    return np.where(missing, MISSING_CODE, values)
