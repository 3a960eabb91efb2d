"""What a medical card says of rows of a table: risks by group, and what empty cells do to them.

Scored apart are the columns that seem to describe people and the one of `--score-by`, rows with and without empty
cells, and, one column after the other, all test rows as if nobody had measured it.
"""

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from deepglass.data.containers import Table
from deepglass.data.examples import InMemory
from deepglass.evaluate import groups
from deepglass.tasks import Prepared
from deepglass.tasks._medical import Risks

MOST_COLUMNS, MOST_ROWS = 20, 2_000  # that are tried empty, and test rows that they are tried on


def groups_at_risk(task: Any, told: Risks, model: nn.Module, prepared: Prepared, table: Table) -> dict[str, Any]:
    """Groups of the test rows, and what it would be with empty cells.

    Args:
        task: Of two classes, with columns as inputs.
        told: Risks of the test rows.
        model: What answers.
        prepared: Says which rows of the table are the test.
        table: As it was read.

    Returns:
        "groups" (column → records of `evaluate/risk_groups.py`), "empty" (the same by number of empty cells) and
        "columns" (records with "column", "roc_auc" of the test as if it were empty, and "moved", by how much a risk
        changes on average).
    """
    frame = table.frame.iloc[prepared.ids["test"]]
    return {
        "groups": {name: told.by(names) for name, names in _groups(task, frame, prepared).items()},
        "empty": _by_empty_cells(task, frame, told),
        "columns": _without_each(task, model, frame, told),
    }


def _groups(task: Any, frame: pd.DataFrame, prepared: Prepared) -> dict[str, np.ndarray]:
    """Column → the group of each test row."""
    from deepglass.evaluate.card import describes_people

    found = {str(name): groups.names_of(frame[name]) for name in frame if describes_people(str(name))}
    if prepared.groups is not None:
        found[task.data_config.score_by] = prepared.groups
    return {name: names for name, names in found.items() if name != task.target}


def _by_empty_cells(task: Any, frame: pd.DataFrame, told: Risks) -> list[dict[str, Any]]:
    """Rows by how many of the cells that the model reads are empty; nothing where none is."""
    empty = frame[task.preprocessor.columns].isna().sum(axis=1).to_numpy()
    if not empty.any():
        return []
    words = np.array(["no empty cell", "1 empty cell", "2 or more empty cells"])
    return told.by(words[np.minimum(empty, 2)])


def _without_each(task: Any, model: nn.Module, frame: pd.DataFrame, told: Risks) -> list[dict[str, Any]]:
    """What the test would be if nobody had measured a column: those that move the risks most come first."""
    kept = slice(0, MOST_ROWS)
    frame, is_case, usual = frame.iloc[kept], told.is_case[kept], told.chances[kept]
    targets = torch.from_numpy(np.where(is_case, told.sought, 1 - told.sought))
    found = []
    for name in task.preprocessor.columns[:MOST_COLUMNS]:
        empty = frame.assign(**{name: pd.Series(np.nan, index=frame.index).astype(_nullable(frame[name]))})
        tensors = [torch.from_numpy(part) for part in task.preprocessor.transform(empty)]
        said = task.outputs(model, InMemory(*tensors, targets))
        scores = task.evaluate(said)
        moved = float(np.abs(said.predictions[:, told.sought] - usual).mean())
        found.append({"column": name, "roc_auc": scores.get("roc_auc"), "moved": moved})
    return sorted(found, key=lambda record: -record["moved"])


def _nullable(values: pd.Series) -> Any:
    """A type that can hold empty cells."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dtype
    return "float64" if pd.api.types.is_numeric_dtype(values) else "object"
