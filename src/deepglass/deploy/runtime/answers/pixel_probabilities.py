"""Probabilities of every pixel (B, H, W, K): a mask with the likeliest class of each, and how much each class covers.

A record is answered with a mask of the size of the picture that was sent. Tensors are answered as they are, for nobody
knows what they were made from.
"""

from typing import Any

import numpy as np

from ..label_pictures import as_uri, from_uri, palette, scaled, shares
from ..state import checked, require
from ..tiles import working_size
from . import NUMBER, Json
from . import Answer as Base

VALUES = 4_096  # that a mask takes to write, about: a PNG of regions


class Answer(Base):
    """{"shares": {class: share of the pixels}, "mask": a PNG as a data URI, whose values are the classes}."""

    @classmethod
    def require(cls, shape: list[int], labels: Any) -> None:
        found = checked(labels, list[str], "labels")
        require(2 <= len(found) <= 250 and shape[-1] in (-1, len(found)), "a label of every class", len(found))

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        probs = parts[self.name]  # (H, W, K)
        return self._answer(probs.argmax(axis=-1).astype(np.uint8))

    def noted(self, answer: Json, note: Json) -> Json:
        """At the size of the picture that was sent."""
        [described, *_] = self.schema.get("inputs") or [{}]
        height, width = working_size(note["height"], note["width"], described.get("longer"))
        labels = from_uri(answer["mask"])[:height, :width]
        return self._answer(scaled(labels, note["height"], note["width"]))

    def json_schema(self) -> Json:
        named = {"type": "object", "properties": dict.fromkeys(self.labels, NUMBER), "required": self.labels}
        properties = {"shares": named, "mask": {"type": "string", "contentEncoding": "base64"}}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def width(self, shape: list[int]) -> int:
        return VALUES

    def row(self, answer: Json) -> Json:
        return {f"share of {name}": share for name, share in answer["shares"].items()} | {"mask": answer["mask"]}

    def shown(self) -> Json:
        colours = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in palette()[: len(self.labels)].tolist()]
        return {"mask": "mask", "colours": colours, "bars": "shares"}

    def _answer(self, labels: np.ndarray) -> Json:
        return {"shares": shares(labels, self.labels), "mask": as_uri(labels)}
