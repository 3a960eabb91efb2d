"""Boxes: of all places (B, M, 4 + K) of a picture the things in it, each with a label and a score.

A record is answered in pixels of the picture that was sent. Tensors are answered in shares of the picture, from 0 to 1,
for nobody knows what they were made from.
"""

import json
from typing import Any

import numpy as np

from ..detections import MOST_DETECTIONS, detect
from ..state import checked, require
from . import NUMBER, Json
from . import Answer as Base

CORNERS = ("x0", "y0", "x1", "y1")
DIGITS = 2  # of a pixel
VALUES = 6  # that a box takes to write


class Answer(Base):
    """{"boxes": [{"label", "score", "x0", "y0", "x1", "y1"}]}, the surest first."""

    BESIDE = ("least_score",)

    @classmethod
    def require(cls, shape: list[int], labels: Any) -> None:
        found = checked(labels, list[str], "labels")
        require(shape[-1] in (-1, 4 + len(found)), "a label of every class", len(found))

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        found = detect(parts[self.name], float(parts["least_score"]))  # (n, 6)
        return {"boxes": [self._box(row) for row in found.tolist()]}

    def noted(self, answer: Json, note: Json) -> Json:
        """In pixels of a picture of this height and width."""
        sides = (note["width"], note["height"]) * 2
        boxes = [
            {**box, **{corner: round(box[corner] * side, DIGITS) for corner, side in zip(CORNERS, sides)}}
            for box in answer["boxes"]
        ]
        return {"boxes": boxes}

    def json_schema(self) -> Json:
        properties = {"label": {"enum": self.labels}, "score": NUMBER, **dict.fromkeys(CORNERS, NUMBER)}
        box = {"type": "object", "properties": properties, "required": [*properties]}
        boxes = {"type": "array", "items": box, "maxItems": MOST_DETECTIONS}
        return {"type": "object", "properties": {"boxes": boxes}, "required": ["boxes"]}

    def width(self, shape: list[int]) -> int:
        return MOST_DETECTIONS * VALUES

    def row(self, answer: Json) -> Json:
        return {"count": len(answer["boxes"]), "boxes": json.dumps(answer["boxes"], ensure_ascii=False)}

    def _box(self, row: list[float]) -> Json:
        *corners, score, label = row
        return {"label": self.labels[int(label)], "score": score, **dict(zip(CORNERS, corners))}
