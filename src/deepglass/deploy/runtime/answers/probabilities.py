"""Classes that exclude each other: probabilities (B, K), one class of each record."""

from typing import Any

import numpy as np

from ..conformal import class_sets
from ..state import checked, require
from . import NUMBER, Json
from . import Answer as Base

SEPARATOR = " | "  # of the classes of a set, in CSV


class Answer(Base):
    """The likeliest label, its probability, and those of all."""

    VERB = "classify"
    CAN_EXPLAIN = True
    CAN_COVER = True

    @classmethod
    def require(cls, shape: list[int], labels: Any) -> None:
        found = checked(labels, list[str], "labels")
        require(shape[-1] in (-1, len(found)), "a label of every class", len(found))

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        probabilities = parts[self.name]  # (K,)
        best = int(probabilities.argmax())
        shares = dict(zip(self.labels, probabilities.tolist(), strict=True))
        return {"label": self.labels[best], "probability": float(probabilities[best]), "probabilities": shares}

    def covered(self, parts: dict[str, np.ndarray], limit: float) -> Json:
        """The classes that may be true, the likeliest first."""
        probabilities = parts[self.name]  # (K,)
        [own] = class_sets(probabilities[None], limit)
        return {"set": [self.labels[k] for k in np.argsort(-probabilities, kind="stable") if own[k]]}

    def json_schema(self) -> Json:
        shares = {"type": "object", "additionalProperties": NUMBER, "minProperties": 1}
        label = {"enum": [*dict.fromkeys(self.labels)]}
        properties = {"label": label, "probability": NUMBER, "probabilities": shares}
        may_be = {"set": {"type": "array", "items": label, "minItems": 1}}
        return {"type": "object", "properties": properties | may_be, "required": [*properties]}

    def row(self, answer: Json) -> Json:
        """A set of classes in one cell."""
        return super().row(answer | ({"set": SEPARATOR.join(answer["set"])} if "set" in answer else {}))

    def about(self, first: Json) -> str:
        return first["label"]

    def score(self, answer: Json, first: Json) -> float:
        return answer["probabilities"][first["label"]]

    def result(self, answer: Json) -> list[list[Any]]:
        return [[label, share] for label, share in answer["probabilities"].items()]

    def shown(self) -> Json:
        return {"said": "label", "share": "probability", "bars": "probabilities"}
