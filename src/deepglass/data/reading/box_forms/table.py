"""A table of boxes: a row for each, with the path of its picture, its corners in pixels and its class.

Corners are columns such as xmin, ymin, xmax, ymax or x1, y1, x2, y2; or x, y, width, height, the left upper corner and
the size; or one column `bbox` that holds these four as COCO writes them. Empty cells stand for a picture without boxes.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.reading.box_forms.annotated import Annotated, number

CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"), ("x_min", "y_min", "x_max", "y_max"), ("x1", "y1", "x2", "y2"),
    ("left", "top", "right", "bottom"),
)  # fmt: skip
SIZES = (("x", "y", "w", "h"), ("x", "y", "width", "height"))
WHOLE = ("bbox", "box")
CLASSES = ("class", "label", "name", "category", "class_name")


def read(
    frame: pd.DataFrame, files: list[Path], target: str | None, splits: dict[str, np.ndarray]
) -> Iterator[Annotated]:
    """The boxes of every picture.

    Args:
        frame: The table.
        files: The picture of each row.
        target: The column of classes, where it was asked for.
        splits: Rows of each split that the table declares.

    Raises:
        DataError: If there is no column of classes, or a cell is no number; names row and column.
    """
    names = {str(name).lower(): name for name in frame}
    column = target or next((names[name] for name in CLASSES if name in names), None)
    if column not in frame:
        raise DataError(
            f"no column of classes beside the boxes: expected one of {listing(CLASSES)}, got "
            f"{listing(frame.columns, 9)}; name it with --target"
        )
    of_row = {int(row): split for split, rows in splits.items() for row in rows}
    found: dict[Path, Annotated] = {}
    for row, (path, cells) in enumerate(zip(files, frame.to_dict("records"))):
        where = Path(f"row {row + 1}")
        picture = found.setdefault(path, Annotated(path, path, split=of_row.get(row)))
        box = _box({str(name).lower(): cell for name, cell in cells.items()}, where)
        if box is not None:
            picture.add(box, "" if pd.isna(cells[column]) else str(cells[column]))
    yield from found.values()


def _box(cells: dict[str, Any], where: Path) -> tuple[float, float, float, float] | None:
    """The corners in a row; None where their cells are empty."""
    names = next(found for found in (*CORNERS, *SIZES, *((name,) for name in WHOLE)) if set(found) <= cells.keys())
    values = [cells[name] for name in names]
    if all(value is None or value != value or value == "" for value in values):
        return None
    if len(names) == 1:
        values = re.findall(r"[-+.\deE]+", str(values[0]))
        if len(values) != 4:
            raise DataError(f"{where}, {names[0]}: expected [x, y, width, height], got {str(cells[names[0]])[:60]!r}")
    a, b, c, d = (number(value, where, f"{name} of a box") for value, name in zip(values, (*names, "", "", "")))
    return (a, b, c, d) if names in CORNERS else (a, b, a + c, b + d)
