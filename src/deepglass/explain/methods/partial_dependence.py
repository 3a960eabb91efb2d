"""Partial dependence: what the model answers on average when one column takes each of its values in every row.

    PD(v) = mean over rows of f(row with column = v)            ICE: the same for each row alone

The mean hides rows that go opposite ways; the single curves (ICE) show them. Where columns belong together, rows are
asked that never occur, and the curve there is the model's guess.

Friedman (2001), Greedy Function Approximation, https://doi.org/10.1214/aos/1013203451; Goldstein et al. (2015),
Peeking Inside the Black Box, https://arxiv.org/abs/1309.6392.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.explain import Explanation, Settings
from deepglass.explain.inputs.columns import grid_of
from deepglass.explain.subject import Subject

TITLE = "partial dependence and single curves (ICE)"
KINDS = ("columns",)
USES = ("count", "column")  # of the settings
EXPLAINS = "rows"
MOST_ROWS, SHOWN_ROWS = 300, 20
Z = 1.96  # of a 95 % interval


def curves(score_of: Any, changed: list[tuple[Tensor, ...]]) -> np.ndarray:
    """(n, V) the score of each of n rows at each of V values.

    Args:
        score_of: From inputs (n, …) to scores (n,).
        changed: For each value the inputs of all rows with it.
    """
    return np.stack([score_of(inputs) for inputs in changed], axis=1)


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The curves of one column, or of the columns whose curves move most.

    Raises:
        OptionError: If there is no such column.
    """
    names = subject.parts.names
    if settings.column is not None and settings.column not in names:
        raise OptionError("--column: " + catalogue.unknown("column", settings.column, names))
    rows = list(range(min(MOST_ROWS, len(subject.rows))))
    inputs = subject.rows.inputs(rows)
    found = [_curve(subject, inputs, name) for name in ([settings.column] if settings.column else names)]
    found = sorted(found, key=lambda curve: -np.ptp(curve["mean"]))[: settings.count]
    parts = [{"name": curve["column"], "contribution": float(np.ptp(curve["mean"]))} for curve in found]
    figures = {"rows": len(rows), "evaluations": subject.asked}
    facts = {"parts": parts, "curves": found, "figures": figures, "unit": subject.unit}
    facts["contribution_unit"] = f"range of the mean curve, {subject.unit}"
    return subject.bare("partial_dependence", TITLE, **facts)


def _curve(subject: Subject, inputs: tuple[Tensor, ...], name: str) -> dict[str, Any]:
    values, encoded = grid_of(subject.task, name)
    place = subject.parts.names.index(name)
    changed = []
    for i in range(len(values)):
        triples = zip(inputs, encoded, subject.parts.owner, strict=True)
        changed.append(tuple(torch.where(owner == place, grid[i], x) for x, grid, owner in triples))
    single = curves(subject.score_of, changed)
    mean = single.mean(axis=0)
    error = Z * single.std(axis=0, ddof=1) / np.sqrt(len(single)) if len(single) > 1 else np.zeros_like(mean)
    ends = {"mean": mean.tolist(), "low": (mean - error).tolist(), "high": (mean + error).tolist()}
    return {"column": name, "values": values, **ends, "rows": single[:SHOWN_ROWS].tolist()}
