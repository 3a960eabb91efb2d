"""Boxes: what is odd in them, how large they are, and classes with few of them."""

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing
from deepglass.data.boxed_pictures import BoxedPictures
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout
from deepglass.data.findings import Findings
from deepglass.data.reading.boxes import read_boxes
from deepglass.data.reading.columns import Column

FEW = 30  # boxes of a class: fewer are hardly learnt
SMALL = 1 / 40  # of the longer side of a picture: eight pixels of 320
CROWDED = 100  # boxes in a picture, as many as are given


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Read them as a training would."""
    if not isinstance(data, Layout):
        return
    try:
        found = read_boxes(data, config)
    except DataError as error:
        findings.warnings.append(str(error))
        return
    findings.splits = {split: len(rows) for split, rows in found.splits.items()}
    findings.guesses = [str(guess) for guess in data.guesses] + findings.guesses[-1:]
    sides, counts = _sides(found), np.array([len(boxes) for boxes in found.boxes])
    findings.images["found"] = {
        "boxes in a picture": _spread(counts, "{:.0f}"),
        "longer side of a box, of its picture": _spread(100 * sides, "{:.1f} %"),
    }
    findings.warnings += found.remarks + _sentences(found, sides)


def _sentences(found: BoxedPictures, sides: np.ndarray) -> list[str]:
    counts = zip(found.classes, found.counts(np.arange(len(found))).tolist())
    said = []
    if few := [f"{name} ({count})" for name, count in counts if count < FEW]:
        said.append(f"fewer than {FEW} boxes of {listing(few)}: collect more, or expect it to be missed")
    if share := float((sides < SMALL).mean()):
        said.append(
            f"{share:.0%} of the boxes are smaller than a fortieth of their picture: give a larger --image-size, or "
            "cut pictures into parts"
        )
    if crowded := sum(len(boxes) > CROWDED for boxes in found.boxes):
        many = f"{counted(crowded, 'picture')} with more than {CROWDED} boxes"
        said.append(f"{many}, which is as many as are found at most: cut such pictures into parts")
    return said


def _sides(found: BoxedPictures) -> np.ndarray:
    """(boxes,) the longer side of each as a share of the longer side of its picture."""
    parts = [(boxes[:, 2:] - boxes[:, :2]).max(axis=1) / size.max() for boxes, size in zip(found.boxes, found.sizes)]
    return np.concatenate([*parts, np.empty(0)])


def _spread(values: np.ndarray, form: str) -> str:
    least, median, most = (form.format(np.quantile(values, level)) for level in (0, 0.5, 1))
    return f"{least} to {most}, median {median}"
