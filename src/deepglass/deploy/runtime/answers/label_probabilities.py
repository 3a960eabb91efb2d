"""Labels of which several may hold, or none: label_probabilities (B, L), and holds (B, L): who reaches a threshold."""

from typing import Any

import numpy as np

from ..state import checked, require
from . import NUMBER, Json
from . import Answer as Base

HOLDS = "holds"


class Answer(Base):
    """The labels that hold, the likeliest first, and the probability of every label."""

    BESIDE = (HOLDS,)
    CAN_EXPLAIN = True

    @classmethod
    def require(cls, shape: list[int], labels: Any) -> None:
        found = checked(labels, list[str], "labels")
        require(shape[-1] in (-1, len(found)), "a label of every output", len(found))

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        probabilities, holds = parts[self.name], parts[HOLDS]  # (L,) each
        order = np.argsort(-probabilities, kind="stable")
        shares = dict(zip(self.labels, probabilities.tolist(), strict=True))
        return {"labels": [self.labels[k] for k in order if holds[k]], "probabilities": shares}

    def json_schema(self) -> Json:
        shares = {"type": "object", "additionalProperties": NUMBER, "minProperties": 1}
        items = {"enum": [*dict.fromkeys(self.labels)]}
        properties = {"labels": {"type": "array", "items": items}, "probabilities": shares}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def row(self, answer: Json) -> Json:
        """The labels in one cell, with semicolons between them."""
        return super().row(answer | {"labels": ";".join(answer["labels"])})

    def about(self, first: Json) -> str:
        return max(first["probabilities"], key=first["probabilities"].__getitem__)

    def score(self, answer: Json, first: Json) -> float:
        return answer["probabilities"][self.about(first)]

    def shown(self) -> Json:
        return {"said": "labels", "bars": "probabilities"}
