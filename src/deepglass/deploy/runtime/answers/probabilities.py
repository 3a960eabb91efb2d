"""Classes that exclude each other: probabilities (B, K), one class of each record."""

from typing import Any

import numpy as np

from ..state import checked, require
from . import NUMBER, Json
from . import Answer as Base


class Answer(Base):
    """The likeliest label, its probability, and those of all."""

    VERB = "classify"
    CAN_EXPLAIN = True

    @classmethod
    def require(cls, shape: list[int], labels: Any) -> None:
        found = checked(labels, list[str], "labels")
        require(shape[-1] in (-1, len(found)), "a label of every class", len(found))

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        probabilities = parts[self.name]  # (K,)
        best = int(probabilities.argmax())
        shares = dict(zip(self.labels, probabilities.tolist(), strict=True))
        return {"label": self.labels[best], "probability": float(probabilities[best]), "probabilities": shares}

    def json_schema(self) -> Json:
        shares = {"type": "object", "additionalProperties": NUMBER, "minProperties": 1}
        properties = {"label": {"enum": [*dict.fromkeys(self.labels)]}, "probability": NUMBER, "probabilities": shares}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def about(self, first: Json) -> str:
        return first["label"]

    def score(self, answer: Json, first: Json) -> float:
        return answer["probabilities"][first["label"]]

    def result(self, answer: Json) -> list[list[Any]]:
        return [[label, share] for label, share in answer["probabilities"].items()]

    def shown(self) -> Json:
        return {"said": "label", "share": "probability", "bars": "probabilities"}
