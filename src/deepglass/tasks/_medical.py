"""What a model card of medical use must say (`--card medical`): risks by group, and what empty cells do to them.

Scored apart are the columns that seem to describe people and the one of `--score-by`, rows with and without empty
cells, and, one column after the other, all test rows as if nobody had measured it.

References:
    Collins et al. (2024), TRIPOD+AI statement, https://doi.org/10.1136/bmj-2023-078378 (what a report of a clinical
    prediction model holds: calibration, subgroups, missing values)
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from torch import nn

from deepglass.data.containers import Table
from deepglass.data.examples import InMemory
from deepglass.evaluate import groups, operating_points, risk_groups
from deepglass.tasks import Outputs, Prepared

SPECIFICITY = 0.9  # at which groups are compared: one alarm in vain per ten of those who are well
MOST_COLUMNS, MOST_ROWS = 20, 2_000  # that are tried empty, and test rows that they are tried on


@dataclass(frozen=True)
class Options:
    """Which model card is written."""

    card: Literal["general", "medical"] = "general"  # medical adds subgroups and empty cells; it needs two classes


def risks(task: Any, model: nn.Module, prepared: Prepared, table: Table, val: Outputs, test: Outputs) -> dict[str, Any]:
    """Everything that the card says of risks.

    Args:
        task: Of two classes, with columns as inputs.
        model: What answers.
        prepared: Says which rows of the table are the test.
        table: As it was read.
        val: Outputs of validation, which choose the cut.
        test: Those of the test.

    Returns:
        "class" whose risk it is, "cut" and its "specificity" on validation, "groups" (column → records of
        `evaluate/risk_groups.py`), "empty" (the same by number of empty cells) and "columns" (records with "column",
        "roc_auc" of the test as if it were empty, and "moved", by how much a risk changes on average); empty where
        validation lacks a class.
    """
    assert val.targets is not None
    assert test.targets is not None
    counts = np.bincount(val.targets, minlength=2)
    if not counts.all():
        return {}
    sought = int(np.argmin(counts))
    chances, is_case = test.predictions[:, sought], test.targets == sought
    cut = operating_points.cut_for(val.predictions[val.targets != sought, sought], SPECIFICITY)
    frame = table.frame.iloc[prepared.ids["test"]]
    return {
        "class": task.classes[sought],
        "cut": cut,
        "specificity": SPECIFICITY,
        "groups": {
            name: risk_groups.rows(names, chances, is_case, cut)
            for name, names in _groups(task, frame, prepared).items()
        },
        "empty": _by_empty_cells(task, frame, chances, is_case, cut),
        "columns": _without_each(task, model, frame, test, sought),
    }


def _groups(task: Any, frame: pd.DataFrame, prepared: Prepared) -> dict[str, np.ndarray]:
    """Column → the group of each test row."""
    from deepglass.evaluate.card import describes_people

    found = {str(name): groups.names_of(frame[name]) for name in frame if describes_people(str(name))}
    if prepared.groups is not None:
        found[task.data_config.score_by] = prepared.groups
    return {name: names for name, names in found.items() if name != task.target}


def _by_empty_cells(
    task: Any, frame: pd.DataFrame, chances: np.ndarray, is_case: np.ndarray, cut: float
) -> list[dict[str, Any]]:
    """Rows by how many of the cells that the model reads are empty; nothing where none is."""
    empty = frame[task.preprocessor.columns].isna().sum(axis=1).to_numpy()
    if not empty.any():
        return []
    words = np.array(["no empty cell", "1 empty cell", "2 or more empty cells"])
    return risk_groups.rows(words[np.minimum(empty, 2)], chances, is_case, cut)


def _without_each(task: Any, model: nn.Module, frame: pd.DataFrame, test: Outputs, sought: int) -> list[dict[str, Any]]:
    """What the test would be if nobody had measured a column: those that move the risks most come first."""
    assert test.targets is not None
    kept = slice(0, MOST_ROWS)
    frame, targets, usual = frame.iloc[kept], test.targets[kept], test.predictions[kept, sought]
    found = []
    for name in task.preprocessor.columns[:MOST_COLUMNS]:
        empty = frame.assign(**{name: pd.Series(np.nan, index=frame.index).astype(_nullable(frame[name]))})
        tensors = [torch.from_numpy(part) for part in task.preprocessor.transform(empty)]
        said = task.outputs(model, InMemory(*tensors, torch.from_numpy(targets)))
        scores = task.evaluate(said)
        moved = float(np.abs(said.predictions[:, sought] - usual).mean())
        found.append({"column": name, "roc_auc": scores.get("roc_auc"), "moved": moved})
    return sorted(found, key=lambda record: -record["moved"])


def _nullable(values: pd.Series) -> Any:
    """A type that can hold empty cells."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dtype
    return "float64" if pd.api.types.is_numeric_dtype(values) else "object"
