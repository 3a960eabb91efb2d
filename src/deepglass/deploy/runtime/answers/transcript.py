"""What is said: ln p of every token and the blank at each step (B, T, V), read by a prefix beam."""

from typing import Any

import numpy as np

from ..ctc import prefix_beam
from ..state import checked, require
from . import NUMBER, Json
from . import Answer as Base

MOST_CHARACTERS = 2_000  # that an answer may take to write, as a bound


class Answer(Base):
    """{"text", "confidence"}: how likely this very text is."""

    BESIDE = ("steps", "beam")

    @classmethod
    def require(cls, shape: list[int], labels: Any) -> None:
        found = checked(labels, list[str], "labels")
        require(shape[-1] in (-1, len(found) + 1), "a label of every token", len(found))

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        steps, width = int(parts["steps"]), max(1, int(parts["beam"]))
        tokens, log_p = prefix_beam(parts[self.name][:steps], width)[0]
        text = "".join(self.labels[token - 1] for token in tokens).strip()
        return {"text": text, "confidence": float(np.exp(log_p))}

    def json_schema(self) -> Json:
        properties = {"text": {"type": "string"}, "confidence": NUMBER}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def width(self, shape: list[int]) -> int:
        return MOST_CHARACTERS

    def shown(self) -> Json:
        return {"before": "What is said:", "said": "text", "share": "confidence"}
